import {
  environment,
  pageOf,
  predictionsList,
  type Run,
  run,
  runDetail,
  runDiff,
  runGroups,
  runLadder,
  runLogs,
  runMetrics,
  type SystemSample,
  stripList,
  systemMetrics,
} from "@reprise/contracts";
import {
  eventsAfter,
  recordEnvironment,
  recordHello,
  recordPredictions,
  writeBatch,
} from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  metricBatch,
  problemOf,
  startTestApi,
  systemSampleOf,
  type TestWorker,
  trainRun,
} from "./api-harness.js";

const nowhere = "00000000-0000-4000-8000-000000000000";

let api: ApiUnderTest;
let worker: TestWorker;
let sweepId: string;
let runs: Run[];
beforeAll(async () => {
  api = await startTestApi();
  worker = await announceWorker(api);
  const created = await api.createSweep({
    name: "runs",
    dataset: "wdbc",
    base: { epochs: 3 },
    search: { method: "grid", parameters: { optimizer: ["adam", "sgd"], learningRate: [0.1, 0.01] } },
    seeds: [0, 1],
    order: "listed",
  });
  sweepId = created.id;
  runs = (await api.get(`/runs?sweepId=${sweepId}`, pageOf(run))).items;
});
afterAll(() => api.close());

function runAt(index: number): Run {
  const found = runs[index];
  if (!found) throw new Error(`no run ${index}`);
  return found;
}

describe("listing runs", () => {
  it("pages in the order asked for, none twice, none left out", async () => {
    expect(runs.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const [orderBy, expected] of [
      ["position", runs],
      ["-position", runs.toReversed()],
    ] as const) {
      const paged: string[] = [];
      let query = `/runs?sweepId=${sweepId}&orderBy=${orderBy}&limit=3`;
      for (let cursor: string | null = ""; cursor !== null; ) {
        const page: { items: Run[]; nextCursor: string | null } = await api.get(query, pageOf(run));
        paged.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
        query = `/runs?sweepId=${sweepId}&orderBy=${orderBy}&limit=3&cursor=${encodeURIComponent(cursor ?? "")}`;
      }
      expect(paged).toEqual(expected.map(({ id }) => id));
    }
  });

  it("filters by hyperparameters, attributes and metrics", async () => {
    await trainRun(api, worker, runAt(0).id, { testAccuracy: 0.97, digest: "a".repeat(64) });
    await trainRun(api, worker, runAt(1).id, { testAccuracy: 0.91, digest: "b".repeat(64) });
    const matching = async (filter: string) =>
      (await api.get(`/runs?sweepId=${sweepId}&filter=${encodeURIComponent(filter)}`, pageOf(run))).items;
    expect(await matching("params.optimizer = 'sgd' and seed = 1")).toHaveLength(2);
    expect((await matching("metrics.testAccuracy > 0.95")).map(({ id }) => id)).toEqual([runAt(0).id]);
    expect(await matching("params.learningRate < 0.05 and status = 'queued'")).toHaveLength(4);
    const wrong = await api.call("GET", `/runs?filter=${encodeURIComponent("metric.x >")}`);
    expect(problemOf(wrong, 400, "invalid-request").errors?.[0]?.path).toBe("filter");
  });

  it("sorts by metrics, hyperparameters and properties, runs without the value last either way", async () => {
    const listed = async (orderBy: string) => {
      const items: Run[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const page: { items: Run[]; nextCursor: string | null } = await api.get(
          `/runs?sweepId=${sweepId}&orderBy=${orderBy}&limit=3${after}`,
          pageOf(run),
        );
        items.push(...page.items);
        cursor = page.nextCursor;
      }
      expect(new Set(items.map(({ id }) => id)).size).toBe(8);
      return items;
    };
    const accuracies = (items: Run[]) => items.map(({ summary }) => summary.testAccuracy?.selected ?? null);
    expect(accuracies(await listed("metrics.testAccuracy")).slice(0, 3)).toEqual([0.91, 0.97, null]);
    expect(accuracies(await listed("-metrics.testAccuracy")).slice(0, 3)).toEqual([0.97, 0.91, null]);
    const rates = (await listed("params.learningRate")).map(({ params }) => params.learningRate);
    expect(rates).toEqual([0.01, 0.01, 0.01, 0.01, 0.1, 0.1, 0.1, 0.1]);
    expect((await listed("-seed")).map(({ seed }) => seed)).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    expect((await listed("-durationMs")).filter(({ durationMs }) => durationMs === null)).toHaveLength(6);
  });

  it("groups over all runs, with an interval that does not count repeats of a seed as independent", async () => {
    const all = await api.get(`/runs/groups?sweepId=${sweepId}&metric=testAccuracy`, runGroups);
    expect(all).toMatchObject({ runs: 8, truncated: false });
    expect(all.groups).toMatchObject([{ by: {}, runs: 8, n: 2, cells: 2, min: 0.91, max: 0.97 }]);
    expect(all.groups[0]?.mean).toBeCloseTo(0.94, 12);
    expect(all.groups[0]?.sd).toBeCloseTo(0.06 / Math.SQRT2, 12);
    // Student's at 99.5 %: t(1) = 127.32, times the standard error 0.03: two runs exclude no accuracy.
    expect(all.groups[0]?.interval).toEqual({ low: 0, high: 1, over: "runs" });
    const best = await api.get(
      `/runs/groups?sweepId=${sweepId}&by=params.optimizer,seed&metric=validationAccuracy&value=best`,
      runGroups,
    );
    expect(best.groups.map(({ by, runs }) => [by["params.optimizer"], by.seed, runs])).toEqual([
      ["adam", 0, 2],
      ["adam", 1, 2],
      ["sgd", 0, 2],
      ["sgd", 1, 2],
    ]);
    await api.call("PATCH", `/runs/${runAt(0).id}`, { body: { excludedReason: "for this test" } });
    const without = await api.get(`/runs/groups?sweepId=${sweepId}&metric=testAccuracy`, runGroups);
    expect(without.groups[0]).toMatchObject({ runs: 8, n: 1, mean: 0.91, sd: null, interval: null });
    await api.call("PATCH", `/runs/${runAt(0).id}`, { body: { excludedReason: null } });
    const wrong = problemOf(await api.call("GET", "/runs/groups?by=optimizer"), 400, "invalid-request");
    expect(wrong.errors?.[0]?.path).toMatch(/^by/);
  });
});

describe("what a run recorded", () => {
  it("is given back: environment, histories with NaN, logs, ladder, predictions", async () => {
    const { id } = runAt(2);
    const before = problemOf(await api.call("GET", `/runs/${id}/environment`), 404, "not-found");
    expect(before.detail).toMatch(/not reported/);

    const ref = await claim(api, worker, id);
    await recordHello(api.db, ref, {
      effectiveParams: { epochs: 3, optimizer: "adam" },
      disclosures: ["Batch norm per shard."],
      backendUsed: "wasm",
      backendRequested: "auto",
    });
    const environmentId = await recordEnvironment(api.db, ref, { "cpu.model": "test", threads: 2 });
    const epochs = Array.from({ length: 50 }, (_, index) => index + 1);
    const losses = epochs.map((epoch) => (epoch === 50 ? Number.NaN : 1 / epoch));
    await writeBatch(api.db, ref, {
      ...metricBatch(0, 1, {}),
      metrics: [
        { key: "trainLoss", steps: epochs, values: losses, wallTimes: epochs, direction: null },
        {
          key: "testLoss",
          steps: [1, 2],
          values: [Number.POSITIVE_INFINITY, 0.5],
          wallTimes: [1, 2],
          direction: null,
        },
      ],
      digests: [{ kind: "epoch", positions: [1, 2], digests: ["1".repeat(32), "2".repeat(32)] }],
      logs: [
        { stream: "stdout", at: new Date(0), text: "first" },
        { stream: "stderr", at: new Date(1000), text: "second" },
      ],
    });
    await recordPredictions(api.db, ref, {
      split: "test",
      epoch: 3,
      classes: ["benign", "malignant"],
      positiveClass: 1,
      threshold: 0.5,
      ids: ["p1", "p2"],
      labels: [0, 1],
      scores: [
        [0.9, 0.1],
        [0.2, 0.8],
      ],
    });

    const detail = await api.get(`/runs/${id}`, runDetail);
    expect(detail).toMatchObject({ status: "running", attempt: 1, environmentId, backendUsed: "wasm" });
    expect(detail.attempts).toHaveLength(1);
    expect(detail.summary.trainLoss).toMatchObject({ count: 50, first: 1, last: "NaN" });

    const full = await api.get(`/runs/${id}/metrics`, runMetrics);
    expect(full.series.trainLoss?.steps).toEqual(epochs);
    expect(full.series.trainLoss?.values.at(-1)).toBe("NaN");
    expect(full.series.testLoss?.values).toEqual(["Infinity", 0.5]);
    const thinned = await api.get(`/runs/${id}/metrics?keys=trainLoss&maxPoints=10`, runMetrics);
    expect(Object.keys(thinned.series)).toEqual(["trainLoss"]);
    expect(thinned.series.trainLoss?.steps.length).toBeLessThanOrEqual(10);
    expect(thinned.series.trainLoss?.steps.at(-1)).toBe(50);

    expect((await api.get(`/runs/${id}/environment`, environment)).values).toEqual({
      "cpu.model": "test",
      threads: 2,
    });
    const logs = await api.get(`/runs/${id}/logs`, runLogs);
    expect(logs.items.map(({ line, stream, text }) => [line, stream, text])).toEqual([
      [0, "stdout", "first"],
      [1, "stderr", "second"],
    ]);
    expect((await api.get(`/runs/${id}/logs?after=0`, runLogs)).items.map(({ text }) => text)).toEqual([
      "second",
    ]);
    expect((await api.get(`/runs/${id}/ladder`, runLadder)).rungs).toEqual([
      { kind: "epoch", position: 1, digest: "1".repeat(32), algorithm: "sha256" },
      { kind: "epoch", position: 2, digest: "2".repeat(32), algorithm: "sha256" },
    ]);
    const { items } = await api.get(`/runs/${id}/predictions`, predictionsList);
    expect(items[0]).toMatchObject({
      split: "test",
      ids: ["p1", "p2"],
      scores: [
        [0.9, 0.1],
        [0.2, 0.8],
      ],
    });
  });

  it("is missing for a run that does not exist", async () => {
    for (const part of [
      "",
      "/metrics",
      "/system-metrics",
      "/logs",
      "/environment",
      "/predictions",
      "/ladder",
    ]) {
      problemOf(await api.call("GET", `/runs/${nowhere}${part}`), 404, "not-found");
    }
    problemOf(await api.call("GET", `/environments/${"0".repeat(64)}`), 404, "not-found");
    problemOf(await api.call("GET", "/runs/7"), 400, "invalid-request");
  });
});

describe("what a run asked of its machine", () => {
  const batchOf = (batch: number, system: SystemSample[]) => ({ ...metricBatch(batch, 1, {}), system });

  it("comes as columns over wall time, apart from its metrics, and sorts and filters runs", async () => {
    const { id } = runAt(3);
    expect(await api.get(`/runs/${id}/system-metrics`, systemMetrics)).toMatchObject({
      attempt: 0,
      wallTimes: [],
      gpus: [],
      peakResidentMemoryBytes: null,
      notes: [],
    });
    const ref = await claim(api, worker, id);
    const gpu = {
      index: 1,
      utilizationPercent: 90,
      memoryUsedBytes: 2 ** 30,
      memoryBytes: 2 ** 34,
      powerWatts: null,
      temperatureCelsius: 61,
    };
    const late = systemSampleOf(1, { cpuSeconds: 11, residentMemoryBytes: 500, gpus: [gpu] });
    const batch = batchOf(0, [systemSampleOf(0), late]);
    await writeBatch(api.db, ref, batch);
    await writeBatch(api.db, ref, batch);
    const told = await api.get(`/runs/${id}/system-metrics`, systemMetrics);
    expect(told).toMatchObject({
      attempt: 1,
      wallTimes: [3, 6],
      processors: 8,
      hostMemoryBytes: 8 * 2 ** 30,
      series: {
        cpuPercent: [expect.closeTo(200 / 3, 9), 300],
        residentMemoryBytes: [1_000_000, 500],
        threads: [4, 4],
        hostCpuPercent: [25, 25],
      },
      gpus: [{ index: 1, memoryBytes: 2 ** 34, utilizationPercent: [null, 90], powerWatts: [null, null] }],
      peakResidentMemoryBytes: 1_000_000,
      meanCpuPercent: expect.closeTo(1100 / 6, 9),
    });
    expect(told.notes).toEqual([]);
    expect((await api.get(`/runs/${id}/metrics`, runMetrics)).series).toEqual({});
    const events = await eventsAfter(api.db, { runId: id, after: "0", limit: 100 });
    expect(events.filter(({ event }) => event.type === "system")).toMatchObject([{ event: { samples: 2 } }]);

    const first = async (query: string) =>
      (await api.get(`/runs?sweepId=${sweepId}&limit=1&${query}`, pageOf(run))).items.map((each) => each.id);
    expect(await first("orderBy=-peakResidentMemoryBytes")).toEqual([id]);
    expect(await first("orderBy=meanCpuPercent")).toEqual([id]);
    expect(await first(`filter=${encodeURIComponent("peakResidentMemoryBytes > 999999")}`)).toEqual([id]);
  });

  it("is thinned out to a bounded number of even spacing; peak and mean are still of all", async () => {
    const { id } = runAt(4);
    const ref = await claim(api, worker, id);
    const looks = (...indices: number[]) => indices.map((index) => systemSampleOf(index));
    const spike = systemSampleOf(3, { residentMemoryBytes: 9e9 });
    await writeBatch(api.db, ref, batchOf(0, [...looks(0, 1, 2), spike]));
    await writeBatch(api.db, ref, batchOf(1, looks(1998, 1999)));
    const times = async () => (await api.get(`/runs/${id}/system-metrics`, systemMetrics)).wallTimes;
    const at = (...indices: number[]) => indices.map((index) => systemSampleOf(index).wallTime);
    expect(await times()).toEqual(at(0, 1, 2, 3, 1998, 1999));
    await writeBatch(api.db, ref, batchOf(2, looks(2000, 2001)));
    expect(await times()).toEqual(at(0, 2, 1998, 2000));
    await writeBatch(api.db, ref, batchOf(3, looks(4000, 4001, 4004)));
    const thinned = await api.get(`/runs/${id}/system-metrics`, systemMetrics);
    expect(thinned.wallTimes).toEqual(at(0, 2000, 4000, 4004));
    expect(thinned.series.cpuPercent).toEqual(Array(4).fill(expect.closeTo(200 / 3, 9)));
    expect(thinned.peakResidentMemoryBytes).toBe(9e9);
    expect(thinned.notes).toEqual(["The run had no GPU.", expect.stringContaining("every 4th is kept")]);
  });
});

describe("changing a run", () => {
  it("excludes it with a reason, keeps it visible, and takes that back", async () => {
    const { id } = runAt(0);
    const excluded = await api.call("PATCH", `/runs/${id}`, {
      body: { excludedReason: "The machine overheated." },
    });
    expect(run.parse(excluded.json).excludedReason).toBe("The machine overheated.");
    const strip = await api.get(`/sweeps/${sweepId}/strip`, stripList);
    expect(strip.items).toHaveLength(8);
    expect(strip.items.find((item) => item.id === id)?.excluded).toBe(true);
    const back = await api.call("PATCH", `/runs/${id}`, { body: { excludedReason: null } });
    expect(run.parse(back.json).excludedReason).toBeNull();
    problemOf(
      await api.call("PATCH", `/runs/${id}`, { body: { excludedReason: "" } }),
      400,
      "invalid-request",
    );
  });
});

describe("the difference between two runs", () => {
  it("shows what differs and nothing else", async () => {
    const diff = await api.get(`/runs/${runAt(0).id}/diff/${runAt(1).id}`, runDiff);
    expect(diff.configuration).toEqual([{ key: "seed", a: 0, b: 1, missing: null }]);
    expect(diff.ladder).toMatchObject({ matched: 0, differing: 0, firstDivergence: null, differences: [] });
    const self = await api.get(`/runs/${runAt(2).id}/diff/${runAt(2).id}`, runDiff);
    expect(self).toMatchObject({ configuration: [], environment: [], ladder: { matched: 2, differing: 0 } });
    problemOf(await api.call("GET", `/runs/${runAt(0).id}/diff/${nowhere}`), 404, "not-found");
  });
});
