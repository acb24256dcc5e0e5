import { run } from "@reprise/contracts";
import { reviseSeries } from "@reprise/database";
import type { ApiUnderTest } from "../integration/api-harness.js";
import { studyCases } from "./divergence-studies.js";
import { loggedStudy } from "./logged-study.js";
import type { TruthCase } from "./truth-case.js";

const recorded = "A run has `diverged: { key, step } | null`";

type Value = number | string;
const points = (values: readonly Value[], first = 1) => ({
  steps: values.map((_, index) => first + index),
  values: [...values],
});

async function divergedText(api: ApiUnderTest, runId = ""): Promise<string> {
  const { status, diverged } = await api.get(`/runs/${runId}`, run.loose());
  return `${status}, ${diverged ? `diverged: ${diverged.key} at ${diverged.step}` : "not diverged"}`;
}

type Told = Parameters<typeof loggedStudy>[1][number];
const oneRun = (kind: string, input: string, told: Told, after: string): TruthCase => ({
  bullet: recorded,
  ...{ kind, input, before: `${after.split(",")[0]}, and no word of it`, after },
  observe: async (tools) => {
    const api = await tools.api();
    const { runIds } = await loggedStudy(api, [told]);
    return divergedText(api, runIds[0]);
  },
});

const whatCounts: TruthCase[] = [
  oneRun(
    "loss in training is NaN",
    "trainLoss 0.7, 0.9, NaN, NaN at steps 1 to 4",
    { reports: [{ trainLoss: points([0.7, 0.9, "NaN", "NaN"]) }] },
    "succeeded, diverged: trainLoss at 3",
  ),
  oneRun(
    "loss is infinite, sent backwards",
    "val/loss Infinity at steps 4 and 3, then 1.5 and 1 at steps 2 and 1",
    { reports: [{ "val/loss": { steps: [4, 3, 2, 1], values: ["Infinity", "Infinity", 1.5, 1] } }] },
    "succeeded, diverged: val/loss at 3",
  ),
  oneRun(
    "norm of gradients never comes back",
    "grad_norm 2, Infinity, 3, NaN, NaN at steps 1 to 5",
    { reports: [{ grad_norm: points([2, "Infinity", 3, "NaN", "NaN"]) }] },
    "succeeded, diverged: grad_norm at 4",
  ),
  oneRun(
    "final value without a step",
    "tell() with testLoss NaN and no step",
    { reports: [], tell: { metrics: { testLoss: "NaN" } } },
    "succeeded, diverged: testLoss at null",
  ),
  oneRun(
    "run that goes on",
    "loss NaN at step 2, not finished",
    { reports: [{ loss: points([1, "NaN"]) }], open: true },
    "running, diverged: loss at 2",
  ),
];

const whatDoesNot: TruthCase[] = [
  {
    bullet: recorded,
    kind: "NaN that was superseded",
    input: "loss NaN at step 2, reported again as 0.4",
    before: "succeeded, and no word of it",
    after: "succeeded, not diverged",
    observe: async (tools) => {
      const api = await tools.api();
      const reports = [{ loss: points([1, "NaN", 0.3]) }, { loss: points([0.4], 2) }];
      const { runIds } = await loggedStudy(api, [{ reports }]);
      return divergedText(api, runIds[0]);
    },
  },
  {
    bullet: recorded,
    kind: "AUC that a missing class leaves undefined, gradients that mixed precision skips",
    input: "testAuc NaN throughout, grad_norm Infinity at step 1 and finite then, loss finite",
    before: "succeeded, and no word of it",
    after: "succeeded, not diverged; testAuc is NaN from step 1",
    observe: async (tools) => {
      const api = await tools.api();
      const series = {
        testAuc: points(["NaN", "NaN"]),
        grad_norm: points(["Infinity", 2]),
        loss: points([1, 0.5]),
      };
      const { runIds } = await loggedStudy(api, [{ reports: [series] }]);
      const { summary } = await api.get(`/runs/${runIds[0]}`, run.loose());
      const { value, since } = summary.testAuc?.nonFinite ?? {};
      return `${await divergedText(api, runIds[0])}; testAuc is ${value} from step ${since}`;
    },
  },
  {
    bullet: recorded,
    kind: "run of an earlier version",
    input: "trainLoss NaN at step 2, in a database that knew no divergence",
    before: "succeeded, and no word of it",
    after: "succeeded, diverged: trainLoss at 2",
    observe: async (tools) => {
      const api = await tools.api();
      const { runIds } = await loggedStudy(api, [{ reports: [{ trainLoss: points([1, "NaN"]) }] }]);
      await api.db.prisma.$executeRaw`UPDATE runs SET diverged = NULL WHERE id = ${runIds[0]}::uuid`;
      await api.db.prisma.$executeRaw`
        UPDATE metric_summaries SET non_finite_step = NULL, non_finite_value = NULL, non_finite_since = NULL
        WHERE run_id = ${runIds[0]}::uuid`;
      await api.db.prisma.maintenanceTask.updateMany({
        data: { cursor: null, done: 0, total: 0, changed: 0, startedAt: null, finishedAt: null },
      });
      for (let state = ""; state !== "finished"; ) state = await reviseSeries(api.db);
      return divergedText(api, runIds[0]);
    },
  },
  {
    bullet: recorded,
    kind: "archived and read back",
    input: "a study with loss NaN at step 2, exported, removed and imported",
    before: "succeeded, and no word of it",
    after: "succeeded, diverged: loss at 2",
    observe: async (tools) => {
      const api = await tools.api();
      const { sweepId, runIds } = await loggedStudy(api, [{ reports: [{ loss: points([1, "NaN"]) }] }]);
      const headers = { host: "localhost" };
      const { rawPayload } = await api.app.inject({ url: `/api/v1/sweeps/${sweepId}/crate`, headers });
      await api.db.prisma.sweep.delete({ where: { id: sweepId } });
      const imported = await api.app.inject({
        ...{ method: "POST", url: "/api/v1/sweeps/import", payload: rawPayload },
        headers: { ...headers, "content-type": "application/zip" },
      });
      if (imported.statusCode >= 300) return imported.payload;
      return divergedText(api, runIds[0]);
    },
  },
];

/** Divergence is a result. */
export const cases: TruthCase[] = [...whatCounts, ...whatDoesNot, ...studyCases];
