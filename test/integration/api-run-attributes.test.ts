import {
  filterableAttributes,
  groupableAttributes,
  pageOf,
  type Run,
  type RunAttribute,
  run,
  runGroups,
  sortableAttributes,
  verification,
} from "@reprise/contracts";
import { recordEnvironment, recordHello, writeBatch } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  metricBatch,
  startTestApi,
  systemSampleOf,
  trainRun,
} from "./api-harness.js";

let api: ApiUnderTest;
let runs: Run[];

const listed = (query: string) => api.get(`/runs?purpose=all&limit=1000&${query}`, pageOf(run));

/** Two studies with runs of every kind, so that every attribute has a value in one of them. */
beforeAll(async () => {
  api = await startTestApi();
  const worker = await announceWorker(api);
  for (const name of ["first", "second"]) {
    await api.createSweep({
      name,
      dataset: "wdbc",
      base: { epochs: 3 },
      search: { method: "grid", parameters: { optimizer: ["adam", "sgd"] } },
      seeds: [0, 1],
      order: "listed",
      backend: name === "first" ? "auto" : "cpu",
    });
  }
  const [trained, excluded, running] = (await listed("")).items;
  if (!trained || !excluded || !running) throw new Error("too few runs");
  await trainRun(api, worker, trained.id, { testAccuracy: 0.97, digest: "a".repeat(64) });
  await trainRun(api, worker, excluded.id, { testAccuracy: 0.91, digest: "b".repeat(64) });
  await api.call("PATCH", `/runs/${excluded.id}`, {
    body: { excludedReason: "wrong data", notes: "doubtful" },
  });
  const replay = await api.call("POST", `/runs/${trained.id}/verify`);
  expect(verification.parse(replay.json).runId).toBe(trained.id);
  const ref = await claim(api, worker, running.id);
  await recordHello(api.db, ref, {
    effectiveParams: { optimizer: "adam" },
    disclosures: [],
    backendUsed: "wasm",
    backendRequested: "auto",
  });
  await recordEnvironment(api.db, ref, { "cpu.model": "test" });
  await writeBatch(api.db, ref, { ...metricBatch(0, 1, {}), system: [systemSampleOf(0), systemSampleOf(1)] });
  await api.db.prisma.run.update({ where: { id: ref.runId }, data: { prunedAtStep: 4 } });
  runs = (await listed("")).items;
});
afterAll(() => api.close());

/** Runs of which a filter says that they have a value. */
async function runsWith(name: RunAttribute, value: string | number): Promise<string[]> {
  const literal = typeof value === "number" ? value : `'${value.replaceAll("'", "''")}'`;
  const { items } = await listed(`filter=${encodeURIComponent(`${name} = ${literal}`)}`);
  return items.map(({ id }) => id).sort();
}

describe("runs are found by", () => {
  it.each(filterableAttributes)("every value that they have of %s", async (name) => {
    const values = new Set(runs.map((each) => each[name]).filter((value) => value !== null));
    expect(values.size).toBeGreaterThan(0);
    for (const value of values) {
      expect(await runsWith(name, value)).toEqual(
        runs.flatMap((each) => (each[name] === value ? each.id : [])).sort(),
      );
    }
  });

  it("what a filter once refused, although the database knew it", async () => {
    const run = runs.find(({ excludedReason }) => excludedReason !== null);
    if (!run) throw new Error("no run was excluded");
    expect(await runsWith("excludedReason", "wrong data")).toEqual([run.id]);
    expect(await runsWith("notes", "doubtful")).toEqual([run.id]);
    expect(await runsWith("id", run.id)).toEqual([run.id]);
    expect(await runsWith("selectedEpoch", 3)).toHaveLength(2);
    expect(await runsWith("purpose", "verification")).toHaveLength(1);
    expect(await runsWith("backendRequested", "cpu")).toHaveLength(4);
    const siblings = runs.filter(({ sweepId }) => sweepId === run.sweepId);
    expect(await runsWith("sweepId", run.sweepId ?? "")).toHaveLength(siblings.length);
  });
});

it.each(sortableAttributes)("runs are sorted by %s, those without a value last", async (name) => {
  for (const sign of ["", "-"]) {
    const values = (await listed(`orderBy=${sign}${name}`)).items.map((each) => each[name]);
    expect(values).toHaveLength(runs.length);
    const present = values.filter((value) => value !== null);
    expect(values.slice(present.length).every((value) => value === null)).toBe(true);
    if (present.every((value) => typeof value === "number")) {
      expect(present).toEqual(present.toSorted((a, b) => (sign === "" ? a - b : b - a)));
    } else {
      // The order of texts is the database's; equal ones stand together in any.
      expect(present.filter((value, at) => value !== present[at - 1])).toHaveLength(new Set(present).size);
    }
  }
});

it.each(groupableAttributes)("runs are grouped by %s, each in one group", async (name) => {
  const { groups, truncated } = await api.get(`/runs/groups?purpose=all&by=${name}`, runGroups);
  expect(truncated).toBe(false);
  expect(groups.reduce((sum, group) => sum + group.runs, 0)).toBe(runs.length);
  expect(groups).toHaveLength(new Set(runs.map((each) => each[name])).size);
});
