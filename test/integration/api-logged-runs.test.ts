import {
  askAnswer,
  classificationAnalysis,
  environment,
  pageOf,
  predictionsList,
  run,
  runDetail,
  runLadder,
  runMetrics,
  significanceAnalysis,
  sweep,
} from "@reprise/contracts";
import { takeDispatchable } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiUnderTest, announceWorker, problemOf, smallStudy, startTestApi } from "./api-harness.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
  await announceWorker(api);
});
afterAll(() => api.close());

const post = (path: string, body: unknown, key?: string) =>
  api.call("POST", path, { body, ...(key === undefined ? {} : { headers: { "idempotency-key": key } }) });

async function posted<T>(path: string, body: unknown, schema: { parse(value: unknown): T }, status = 200) {
  const answer = await post(path, body);
  expect(answer.status, answer.text).toBe(status);
  return schema.parse(answer.json);
}

const notebookStudy = {
  name: "from elsewhere",
  trainer: "external",
  dataset: "my-slides",
  search: { method: "external" },
  base: { model: "resnet" },
  modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
  analysisPlan: { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.02 } },
};

describe("a run trained elsewhere", () => {
  it("is logged step by step, with everything a worker would have reported", async () => {
    const started = await posted(
      "/runs",
      {
        name: "my notebook",
        dataset: "my-slides",
        params: { learningRate: 0.01, optimizer: "adam" },
        seed: 7,
        mode: "deterministic",
        environment: { "python.version": "3.11", "torch.deterministic": true },
        startedAt: "2026-01-02T03:04:05Z",
        tags: ["mine"],
      },
      run,
      201,
    );
    expect(started).toMatchObject({
      status: "running",
      arm: "det",
      repeat: 0,
      attempt: 1,
      trainer: "external",
      dataset: "my-slides",
      configurationLabel: "adam · lr 0.01",
      startedAt: "2026-01-02T03:04:05.000Z",
      tags: ["mine"],
    });
    const path = `/runs/${started.id}`;
    await posted(
      `${path}/metrics`,
      { step: 1, metrics: { trainLoss: "NaN", validationAccuracy: 0.8 } },
      { parse: String },
    );
    await posted(
      `${path}/metrics`,
      {
        series: {
          trainLoss: { steps: [2, 3], values: ["-Infinity", 0.25], wallTimes: [1.5, 2.5] },
          validationAccuracy: { steps: [2, 3], values: [0.9, 0.85] },
        },
        digests: [
          { kind: "epoch", positions: [1, 2, 3], digests: ["a".repeat(32), "b".repeat(32), "c".repeat(32)] },
        ],
        progress: { done: 3, total: 3, unit: "epochs" },
      },
      { parse: String },
    );
    // Of two algorithms in one report, each keeps its own; the final weights have but one.
    const onDevice = { kind: "epoch", positions: [4], digests: ["d".repeat(32)], algorithm: "rows32" };
    const otherwise = { kind: "epoch", positions: [5], digests: ["e".repeat(32)] };
    await posted(`${path}/metrics`, { digests: [onDevice, otherwise] }, { parse: String });
    expect((await api.get(`${path}/ladder`, runLadder)).rungs.map(({ algorithm }) => algorithm)).toEqual([
      ...["sha256", "sha256", "sha256", "rows32", "sha256"],
    ]);
    const final = await post(`${path}/metrics`, { digests: [{ ...onDevice, kind: "finalWeights" }] });
    expect(problemOf(final, 400, "invalid-request").errors).toMatchObject([
      { path: "digests.0.algorithm", message: expect.stringContaining("digest the bytes by SHA-256") },
    ]);
    const stretch = { kind: "step", part: "weights", positions: [1], digests: ["0123"] };
    const twoModels = [
      { ...stretch, names: ["a", "b"] },
      { ...stretch, names: ["c", "d"] },
    ];
    const refused = await post(`${path}/metrics`, { tensorDigests: twoModels });
    expect(problemOf(refused, 400, "invalid-request").errors).toMatchObject([
      { path: "tensorDigests.1.names" },
    ]);
    const { series } = await api.get(`${path}/metrics`, runMetrics);
    expect(series.trainLoss).toMatchObject({ steps: [1, 2, 3], values: ["NaN", "-Infinity", 0.25] });
    expect(series.trainLoss?.wallTimes.slice(1)).toEqual([1.5, 2.5]);
    const ended = await posted(
      `${path}/finish`,
      { digest: "d".repeat(64), selectedEpoch: 2, durationMs: 1234, phases: { train: 1.2 } },
      run,
    );
    expect(ended).toMatchObject({
      status: "succeeded",
      digest: "d".repeat(64),
      durationMs: 1234,
      summary: { validationAccuracy: { best: 0.9, bestStep: 2, selected: 0.9, last: 0.85 } },
    });
    const { attempts, environmentId } = await api.get(path, runDetail);
    expect(attempts).toMatchObject([{ number: 1, status: "succeeded" }]);
    expect((await api.get(`/environments/${environmentId}`, environment)).values).toEqual({
      "python.version": "3.11",
      "torch.deterministic": true,
    });
    const of = await api.get(`/sweeps/${started.sweepId}`, sweep);
    expect(of).toMatchObject({ name: "my notebook", status: "succeeded", totalRuns: 1 });
  });

  it("appears in the analyses of its study, with its planned margin", async () => {
    const { id: sweepId } = await api.createSweep(notebookStudy);
    expect(await api.get(`/sweeps/${sweepId}`, sweep)).toMatchObject({ status: "queued", totalRuns: 0 });
    for (const [arm, repeat] of [["det", 0], ...[0, 1, 2, 3].map((i) => ["free", i])] as [string, number][]) {
      const { id, repeat: given } = await posted(
        "/runs",
        { sweepId, params: { learningRate: 0.1 }, seed: 1, arm },
        run,
        201,
      );
      expect(given).toBe(repeat);
      const predictions = {
        classes: ["benign", "malignant"],
        positiveClass: 1,
        threshold: 0.5,
        ids: ["a", "b", "c", "d"],
        labels: [0, 1, 0, 1],
        scores: [[0.9, 0.1], [0.2, 0.8], repeat === 1 ? [0.4, 0.6] : [0.6, 0.4], [0.1, 0.9]],
        groups: { patient: ["p", "p", "q", "q"] },
        subgroups: { sex: ["f", "f", "m", "m"] },
      };
      await posted(`/runs/${id}/predictions`, predictions, { parse: String });
      const { items } = await api.get(`/runs/${id}/predictions`, predictionsList);
      expect(items[0]).toMatchObject({ groups: predictions.groups, subgroups: predictions.subgroups });
      await posted(
        `/runs/${id}/metrics`,
        { step: 5, metrics: { testAccuracy: 0.9 + repeat / 100 } },
        { parse: String },
      );
      await posted(`/runs/${id}/finish`, {}, run);
    }
    const significance = await api.get(`/sweeps/${sweepId}/analyses/significance`, significanceAnalysis);
    expect(significance.provenance).toMatchObject({ planned: true, runsUsed: 5 });
    expect(significance.rows).toMatchObject([{ arm: "free", n: 4, deterministicValue: 0.9 }]);
    const classification = await api.get(
      `/sweeps/${sweepId}/analyses/classification`,
      classificationAnalysis,
    );
    expect(classification.rows.find(({ arm }) => arm === "free")?.runs.map((r) => r.specificity)).toEqual([
      1, 0.5, 1, 1,
    ]);
  });

  it("is never handed to a worker", async () => {
    const { id: sweepId } = await api.createSweep({
      ...notebookStudy,
      search: { method: "grid", parameters: { learningRate: [0.1, 0.2] } },
    });
    expect(await takeDispatchable(api.db, { limitPerQueue: 100 })).toEqual([]);
    expect((await api.get(`/sweeps/${sweepId}`, sweep)).blockedReason).toMatch(/trained elsewhere/);
  });

  it("counts once, however often it is sent under one key", async () => {
    const body = { params: { learningRate: 1 } };
    const [first, again] = [await post("/runs", body, "run-1"), await post("/runs", body, "run-1")];
    expect(again.json).toEqual(first.json);
    const { id, sweepId } = run.parse(first.json);
    const metrics = { step: 1, metrics: { loss: 1 } };
    for (const key of ["m-1", "m-1", "m-2"]) await post(`/runs/${id}/metrics`, metrics, key);
    // What came under a key of its own is a report of its own, and the later of one step counts.
    const reported = await api.get(`/runs/${id}/metrics?superseded=true`, runMetrics);
    expect([reported.series.loss?.values, reported.superseded?.loss?.values]).toEqual([[1], [1]]);
    problemOf(
      await post(`/runs/${id}/metrics`, { ...metrics, step: 2 }, "m-1"),
      422,
      "idempotency-key-reused",
    );
    expect((await api.get(`/runs?sweepId=${sweepId}`, pageOf(run))).items).toHaveLength(1);
  });

  it("takes reports from many clients at once without losing a point", async () => {
    const { id } = await posted("/runs", {}, run, 201);
    await Promise.all(
      Array.from({ length: 20 }, (_, step) =>
        posted(`/runs/${id}/metrics`, { step, metrics: { loss: step } }, { parse: String }),
      ),
    );
    const { steps = [], values = [] } = (await api.get(`/runs/${id}/metrics`, runMetrics)).series.loss ?? {};
    const all = Array.from({ length: 20 }, (_, step) => step);
    expect({ steps, values }).toEqual({ steps: all, values: all });
    expect((await api.get(`/runs/${id}`, runDetail)).summary.loss).toMatchObject({
      first: 0,
      last: 19,
      count: 20,
    });
  });

  it("says what does not fit: field, value, and the way out", async () => {
    const { id: sweepId } = await api.createSweep(notebookStudy);
    const refused = async (path: string, body: unknown) =>
      problemOf(await post(path, body), 400, "invalid-request").errors?.[0];
    expect(await refused("/runs", { sweepId, arm: "fre" })).toMatchObject({
      path: "arm",
      suggestion: 'Did you mean "free"?',
    });
    expect(await refused("/runs", { sweepId, name: "x" })).toMatchObject({ path: "name" });
    expect(await refused("/runs", { parms: {} })).toMatchObject({
      path: "parms",
      suggestion: 'Did you mean "params"?',
    });
    const { id } = await posted("/runs", { sweepId, seed: 3, repeat: 2 }, run, 201);
    expect(problemOf(await post("/runs", { sweepId, seed: 3, repeat: 2 }), 409, "conflict").detail).toContain(
      "repeat 2",
    );
    const path = `/runs/${id}/metrics`;
    expect(await refused(path, { metrics: { loss: 1 } })).toMatchObject({ path: "step" });
    expect(await refused(path, { series: { loss: { steps: [1, 2], values: [1] } } })).toMatchObject({
      path: "series.loss",
    });
    expect(await refused(path, { step: 2 ** 31, metrics: {} })).toMatchObject({ path: "step" });
    const bare = await api.call("POST", path, {
      body: '{"step":1,"metrics":{"loss":NaN}}',
      headers: { "content-type": "application/json" },
    });
    expect(problemOf(bare, 400, "invalid-request").detail).toContain('send the string "NaN"');
    const predictions = { classes: ["a", "b"], ids: ["x"], labels: [2], scores: [[0.1, 0.9]] };
    expect(await refused(`/runs/${id}/predictions`, predictions)).toMatchObject({ path: "labels.0" });
    const patients = { ...predictions, labels: [1], groups: { patient: ["p1", "p2"] } };
    expect(await refused(`/runs/${id}/predictions`, patients)).toMatchObject({
      path: "groups.patient",
      message: "has 2 entries, ids has 1",
    });
    expect(await refused(`/runs/${id}/predictions`, { ...predictions, labels: [0, 1] })).toMatchObject({
      path: "labels",
    });
    expect(await refused(`/runs/${id}/finish`, { error: "x" })).toMatchObject({ path: "error" });
    expect(
      await posted(`/runs/${id}/finish`, { status: "failed", error: "out of memory" }, run),
    ).toMatchObject({
      status: "failed",
      error: { kind: "user", message: "out of memory" },
    });
    problemOf(await post(path, { step: 1, metrics: { loss: 1 } }), 409, "conflict");
    const other = await api.createSweep(smallStudy);
    expect(problemOf(await post("/runs", { sweepId: other.id }), 409, "conflict").detail).toContain(
      "trained by workers",
    );
    const { items } = await api.get(`/runs?sweepId=${other.id}`, pageOf(run));
    problemOf(await post(`/runs/${items[0]?.id}/finish`, {}), 409, "conflict");
  });

  it("ends when it is cancelled, alone or with its study", async () => {
    const one = await posted("/runs", {}, run, 201);
    expect(await posted(`/runs/${one.id}/cancel`, undefined, run)).toMatchObject({ status: "cancelled" });
    const two = await posted("/runs", {}, run, 201);
    expect(await posted(`/sweeps/${two.sweepId}/cancel`, undefined, sweep)).toMatchObject({
      status: "cancelled",
    });
    problemOf(await post(`/runs/${two.id}/metrics`, { step: 1, metrics: { loss: 1 } }), 409, "conflict");
    problemOf(await post("/runs", { sweepId: two.sweepId, seed: 9 }), 409, "conflict");
  });
});

describe("a sampler outside", () => {
  const objective = { metric: "validationAccuracy", direction: "maximize" };

  it("asks for configurations, trains them itself, and tells their values", async () => {
    const { id } = await api.createSweep({
      ...notebookStudy,
      modes: { nondeterministic: { repeats: 2 } },
      objective,
    });
    const asked = await posted(`/sweeps/${id}/ask`, { params: { learningRate: 0.3 } }, askAnswer);
    expect(asked.added.map(({ arm, repeat }) => [arm, repeat])).toEqual([
      ["free", 0],
      ["free", 1],
    ]);
    expect(asked.run).toMatchObject({
      id: asked.added[0]?.id,
      status: "running",
      params: { model: "resnet", learningRate: 0.3 },
    });
    const told = await posted(`/runs/${asked.run?.id}/tell`, { value: 0.75 }, run);
    expect(told).toMatchObject({
      status: "succeeded",
      summary: { validationAccuracy: { count: 0, last: 0.75, best: 0.75, final: 0.75, selected: 0.75 } },
    });
    expect((await api.get(`/runs/${told.id}/metrics`, runMetrics)).series).toEqual({});
    const next = await posted(`/sweeps/${id}/ask`, {}, askAnswer);
    expect(next).toMatchObject({ added: [], run: { id: asked.added[1]?.id } });
    await posted(`/runs/${next.run?.id}/tell`, { status: "failed", error: "diverged" }, run);
    expect(problemOf(await post(`/sweeps/${id}/ask`, {}), 409, "conflict").detail).toContain(
      "No planned run",
    );
    problemOf(await post(`/sweeps/${id}/ask`, { params: { learningRate: 0.3 } }), 409, "conflict");
    problemOf(await post(`/runs/${next.run?.id}/tell`, { value: 1 }), 409, "conflict");
    problemOf(await post(`/sweeps/${id}/extend`, { seeds: [5] }), 409, "conflict");
  });

  it("tells a value of the whole run, which stands beside the history and is the value of the run", async () => {
    const { id } = await api.createSweep({ ...notebookStudy, objective });
    const { run: asked } = await posted(`/sweeps/${id}/ask`, { params: { learningRate: 0.3 } }, askAnswer);
    const path = `/runs/${asked?.id}`;
    const series = { validationAccuracy: { steps: [1, 2, 3], values: [0.7, 0.95, 0.85] } };
    await posted(`${path}/metrics`, { series }, { parse: String });
    const told = await posted(`${path}/tell`, { value: 0.9, metrics: { testAccuracy: "NaN" } }, run);
    expect(told.summary).toMatchObject({
      validationAccuracy: {
        ...{ count: 3, first: 0.7, last: 0.85, best: 0.95, bestStep: 2, final: 0.9, selected: 0.9 },
      },
      testAccuracy: { count: 0, last: "NaN", max: null, final: "NaN", selected: "NaN" },
    });
    const metrics = await api.get(`${path}/metrics`, runMetrics);
    expect(metrics.series).toMatchObject(series);
    expect(Object.keys(metrics.series)).toEqual(["validationAccuracy"]);
    const { items } = await api.get(
      `/runs?sweepId=${id}&filter=${encodeURIComponent("metrics.validationAccuracy = 0.9")}`,
      pageOf(run),
    );
    expect(items.map((found) => found.id)).toEqual([told.id]);
  });

  it("drives the workers of a sweep, which take what it asks for", async () => {
    const spec = {
      name: "optuna",
      dataset: "wdbc",
      search: { method: "external" },
      seeds: [0, 1],
      objective,
    };
    const { id } = await api.createSweep(spec);
    const asked = await posted(
      `/sweeps/${id}/ask`,
      { params: { learningRate: 0.3, optimizer: "sgd" } },
      askAnswer,
    );
    expect(asked.run).toBeNull();
    expect(asked.added.map(({ seed, status }) => [seed, status])).toEqual([
      [0, "queued"],
      [1, "queued"],
    ]);
    const taken = (await takeDispatchable(api.db, { limitPerQueue: 100 })).map(({ runId }) => runId);
    expect(taken).toEqual(expect.arrayContaining(asked.added.map(({ id: runId }) => runId)));
    const wrong = problemOf(
      await post(`/sweeps/${id}/ask`, { params: { optimizer: "sgdd" } }),
      422,
      "invalid-sweep-spec",
    );
    expect(wrong.errors?.[0]?.suggestion).toContain("sgd");
    problemOf(await post(`/sweeps/${id}/ask`, {}), 400, "invalid-request");
    problemOf(await post(`/runs/${asked.added[0]?.id}/tell`, { value: 1 }), 409, "conflict");
  });

  it("takes the planned runs of a study in their recorded order", async () => {
    const { id } = await api.createSweep({
      ...notebookStudy,
      search: { method: "grid", parameters: { learningRate: [0.1, 0.2] } },
    });
    const { items } = await api.get(`/runs?sweepId=${id}`, pageOf(run));
    for (const planned of items) {
      const { run: next } = await posted(`/sweeps/${id}/ask`, {}, askAnswer);
      expect(next?.id).toBe(planned.id);
      await posted(`/runs/${planned.id}/tell`, { metrics: { testAccuracy: 0.5 }, step: 3 }, run);
    }
    expect(await api.get(`/sweeps/${id}`, sweep)).toMatchObject({ status: "succeeded" });
    problemOf(await post(`/sweeps/${id}/ask`, { params: {} }), 409, "conflict");
  });
});
