import {
  agreementAnalysis,
  analysisNames,
  configurationsAnalysis,
  energyAnalysis,
  extremesAnalysis,
  importanceAnalysis,
  pageOf,
  run,
  runtimeAnalysis,
  significanceAnalysis,
  similarityAnalysis,
  varianceAnalysis,
} from "@reprise/contracts";
import { finishAttempt, recordPredictions, writeBatch } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  metricBatch,
  predictionsWithFlip,
  problemOf,
  smallStudy,
  startTestApi,
} from "./api-harness.js";

let api: ApiUnderTest;
let sweepId: string;
beforeAll(async () => {
  api = await startTestApi();
  const worker = await announceWorker(api);
  const plan = { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.05 } };
  sweepId = (await api.createSweep({ ...smallStudy, seeds: [0, 1], analysisPlan: plan })).id;
  const { items } = await api.get(`/runs?sweepId=${sweepId}`, pageOf(run));
  for (const [index, { id, arm, repeat, seed, configurationKey }] of items.entries()) {
    const ref = await claim(api, worker, id);
    const isFree = arm === "free";
    const accuracy = 0.9 + 0.01 * seed + (isFree ? 0.003 * repeat + 0.0001 * index : 0.002);
    const batch = metricBatch(0, 3, { testAccuracy: accuracy, validationAccuracy: accuracy - 0.01 });
    const vector = isFree ? [1, 2, repeat] : [1, 2, 3];
    const weights = { of: "lastLayerWeights" as const, epoch: 3, vector };
    // Three cases × two units: the free repeats turn them, and one moves a case.
    const probe = [1, 0, 0, 1, isFree ? -repeat : -1, -1];
    const probed = { of: "probe" as const, epoch: 3, shape: [3, 2] as [number, number], vector: probe };
    await writeBatch(api.db, ref, { ...batch, embeddings: [weights, probed] });
    await recordPredictions(api.db, ref, predictionsWithFlip(isFree ? repeat : null));
    await finishAttempt(api.db, ref, {
      status: "succeeded",
      digest: isFree
        ? index.toString(16).padStart(64, "0")
        : configurationKey.replace(/[^0-9a-f]/g, "f").padEnd(64, "0"),
      selectedEpoch: 3,
      phases: { train: 1 },
      energy: { kWh: 0.001, gCO2e: 0.4, method: "tdp-hours", factors: { pue: 1 } },
    });
  }
});
afterAll(() => api.close());

const path = (name: string) => `/sweeps/${sweepId}/analyses/${name}`;

describe("the further analyses of a finished sweep", () => {
  it("extremes, configurations, runtime, energy and variance parse against their contracts", async () => {
    const extremes = await api.get(path("extremes"), extremesAnalysis);
    expect(extremes.rows[0]).toMatchObject({ grouping: "all", n: 20, seeds: 2 });
    const { comparisons, baseline } = await api.get(path("configurations"), configurationsAnalysis);
    expect(comparisons).toMatchObject([{ b: baseline, design: "paired-by-seed", n: [2, 2], planned: false }]);
    const runtime = await api.get(path("runtime"), runtimeAnalysis);
    expect(runtime.rows).toHaveLength(4);
    expect(runtime.tests.map(({ configurationLabel }) => configurationLabel)).toContain("all configurations");
    const energy = await api.get(path("energy"), energyAnalysis);
    expect(energy.experimentRuns).toMatchObject({ runs: 20, recorded: 20 });
    expect(energy.experimentRuns.kWh).toBeCloseTo(0.02, 12);
    const variance = await api.get(path("variance"), varianceAnalysis);
    expect(variance.components[0]).toMatchObject({ arm: "free", configurations: 2, seeds: 2, repeats: 3 });
    expect(variance.ranking?.seeds).toEqual([0, 1]);
  });

  it("similarity reads the recorded layers and scores", async () => {
    const { groups } = await api.get(path("similarity"), similarityAnalysis);
    const free = groups.find(({ arm }) => arm === "free");
    // Directions (1, 2, 0), (1, 2, 1) and (1, 2, 2): the least similar pair is the outer one.
    expect(free).toMatchObject({ epochs: [3], n: [3], min: [expect.closeTo(5 / Math.sqrt(5 * 9), 6)] });
    expect(free?.outputs).toMatchObject({ runs: 3, cases: 10, classes: 2 });
    expect(free?.probe).toMatchObject({ cases: 3, width: 2, epochs: [3], n: [3] });
    expect(free?.probe?.minCka[0]).toBeLessThan(1);
    const fixed = groups.find(({ arm }) => arm === "det");
    expect(fixed?.mean).toEqual([1]);
    expect(fixed?.probe).toMatchObject({ minCosine: [1], minCka: [1] });
  });

  it("agreement shows which cases flip, and McNemar's test only when asked", async () => {
    const plain = await api.get(path("agreement"), agreementAnalysis);
    expect(plain.groups).toHaveLength(4);
    expect(plain.groups[0]).toMatchObject({ testCases: 10, flippedCases: 3, mcnemar: null });
    expect(plain.groups[0]?.cases.map(({ caseId }) => caseId).toSorted()).toEqual([
      "case-0",
      "case-1",
      "case-2",
    ]);
    const asked = await api.get(`${path("agreement")}?mcnemar=true`, agreementAnalysis);
    expect(asked.groups[0]?.mcnemar).toHaveLength(6);
  });

  it("importance stays with validation metrics and refuses test metrics", async () => {
    const { provenance, effects } = await api.get(path("importance"), importanceAnalysis);
    expect(provenance.metric).toBe("validationAccuracy");
    expect(effects.map(({ parameter }) => parameter)).toEqual(["optimizer"]);
    const refused = problemOf(
      await api.call("GET", `${path("importance")}?metric=testAccuracy`),
      400,
      "invalid-request",
    );
    expect(refused.errors?.[0]).toMatchObject({ path: "metric", suggestion: "Use validationAccuracy." });
  });

  it("significance carries permutation p, the equivalence interval, and churn from predictions", async () => {
    const { pooled, verdicts } = await api.get(path("significance"), significanceAnalysis);
    expect(pooled[0]?.equivalence).toMatchObject({ margin: 0.05, shown: true });
    expect(pooled[0]?.relabelings.total).toBeGreaterThan(1);
    expect(pooled[0]?.shiftP).not.toBeNull();
    const equivalent = verdicts.find(({ kind }) => kind === "equivalent");
    expect(equivalent?.sentence).toContain("disagree on 20.0 % of cases on average");
  });

  it("exports every one of them", async () => {
    for (const name of analysisNames) {
      for (const format of ["csv", "latex", "markdown"]) {
        const answer = await api.call("GET", `${path(name)}?format=${format}`);
        expect(answer.status, `${name} as ${format}: ${answer.text}`).toBe(200);
        expect(answer.text.length).toBeGreaterThan(20);
      }
    }
  });
});
