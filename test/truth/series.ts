import { comparisonAnswer, pageOf, run, runMetrics, sweep } from "@reprise/contracts";
import { writeBatch } from "@reprise/database";
import { announceWorker, claim, smallStudy } from "../integration/api-harness.js";
import { curveOf, loggedStudy, send, seriesText, summaryOf } from "./logged-study.js";
import { curveCases } from "./series-curves.js";
import type { TruthCase } from "./truth-case.js";

const ordered = "`last` is the value at the greatest step; the order of arrival never matters";
const superseded = "A later report of a step supersedes the earlier one";

const forwards = { steps: [1, 2, 3], values: [0.1, 0.5, 0.9] };
const backwards = { steps: [3, 2, 1], values: [0.9, 0.5, 0.1] };
/** Steps 1 to 5, then 4 and 5 again with other values, as after a resume. */
const resumed = [
  { validationAccuracy: { steps: [1, 2, 3, 4, 5], values: [0.5, 0.6, 0.7, 0.95, 0.4] } },
  { validationAccuracy: { steps: [4, 5], values: [0.75, 0.8] } },
];
const goneThrough = { steps: [1, 2, 3, 4, 5], values: [0.5, 0.6, 0.7, 0.75, 0.8] };
const percent = (value: unknown) => (typeof value === "number" ? `${(100 * value).toFixed(0)} pp` : "none");

/** A metric series is ordered by step and has one value per run, key and step. */
export const cases: TruthCase[] = [
  {
    bullet: ordered,
    kind: "comparison of two groups",
    input: "the same curve four times, logged as steps [1, 2, 3] in group a and as [3, 2, 1] in group b",
    before: "a − b = 80 pp",
    after: "a − b = 0 pp",
    observe: async (tools) => {
      const api = await tools.api();
      const of = (group: string, points: typeof forwards) => ({
        params: { group },
        reports: [{ testAccuracy: points }],
      });
      const { sweepId } = await loggedStudy(api, [
        ...[0, 1].map(() => of("a", forwards)),
        ...[0, 1].map(() => of("b", backwards)),
      ]);
      const groups = ["a", "b"].map((name) => ({ name, filter: `params.group = '${name}'` }));
      const answer = await send(api, "/comparisons", { sweepId, metrics: ["testAccuracy"], groups });
      const { comparisons } = comparisonAnswer.parse(answer);
      return `a − b = ${percent(comparisons[0]?.difference)}`;
    },
  },
  {
    bullet: ordered,
    kind: "history of a logged run",
    input: "steps [3, 2, 1] in three calls, the last of them NaN at step 4 after step 5",
    before: "3: 0.9, 2: 0.5, 1: 0.1, 5: 0.3, 4: NaN; first 0.9, last NaN",
    after: "1: 0.1, 2: 0.5, 3: 0.9, 4: NaN, 5: 0.3; first 0.1, last 0.3",
    observe: async (tools) => {
      const api = await tools.api();
      const single = (step: number, value: number | string) => ({ loss: { steps: [step], values: [value] } });
      const reports = [single(3, 0.9), single(2, 0.5), single(1, 0.1), single(5, 0.3), single(4, "NaN")];
      const { runIds } = await loggedStudy(api, [{ reports }]);
      const [id = ""] = runIds;
      const { first, last } = await summaryOf(api, id, "loss");
      return `${await seriesText(api, id, "loss")}; first ${first}, last ${last}`;
    },
  },
  {
    bullet: ordered,
    kind: "value at the greatest step is NaN",
    input: "step 3 is NaN and reported first, steps 1 and 2 follow",
    before: "last 0.5 of 1: 0.9 and 2: 0.5",
    after: "last NaN of 1: 0.9 and 2: 0.5",
    observe: async (tools) => {
      const api = await tools.api();
      const reports = [
        { loss: { steps: [3], values: ["NaN"] } },
        { loss: { steps: [1, 2], values: [0.9, 0.5] } },
      ];
      const { runIds } = await loggedStudy(api, [{ reports }]);
      return `last ${(await summaryOf(api, runIds[0] ?? "", "loss")).last} of 1: 0.9 and 2: 0.5`;
    },
  },
  {
    bullet: ordered,
    kind: "trainer under a worker",
    input: "a batch with steps [3, 2, 1]",
    before: "first 0.9, last 0.1",
    after: "first 0.1, last 0.9",
    observe: async (tools) => {
      const api = await tools.api();
      const worker = await announceWorker(api);
      const { id: sweepId } = await api.createSweep(smallStudy);
      const { items } = await api.get(`/runs?sweepId=${sweepId}`, pageOf(run));
      const [{ id } = { id: "" }] = items;
      const metric = { key: "trainLoss", ...backwards, wallTimes: [0, 1, 2], direction: null };
      await writeBatch(api.db, await claim(api, worker, id), {
        ...{ batch: 0, metrics: [metric], digests: [], tensorDigests: [], logs: [] },
        ...{ reductionOrders: [], embeddings: [], system: [], progress: null },
      });
      const { first, last } = await summaryOf(api, id, "trainLoss");
      return `first ${first}, last ${last}`;
    },
  },
  {
    bullet: ordered,
    kind: "two writers at once",
    input: "one writes steps 1 to 50 forwards, one steps 51 to 100 backwards, value = step",
    before: "last is not the value at step 100",
    after: "100 points from 1 to 100, last 100",
    observe: async (tools) => {
      const api = await tools.api();
      const { runIds } = await loggedStudy(api, [{ reports: [], open: true }]);
      const path = `/runs/${runIds[0]}/metrics`;
      const write = async (steps: number[]) => {
        for (const step of steps) await send(api, path, { step, metrics: { loss: step } });
      };
      const half = Array.from({ length: 50 }, (_, index) => index + 1);
      await Promise.all([write(half), write(half.map((step) => 101 - step))]);
      const { count, first, last } = await summaryOf(api, runIds[0] ?? "", "loss");
      return last === 100
        ? `${count} points from ${first} to 100, last 100`
        : "last is not the value at step 100";
    },
  },
  {
    bullet: ordered,
    kind: "archived and read back",
    input: "a study with steps [3, 2, 1], exported, removed and imported",
    before: "3: 0.9, 2: 0.5, 1: 0.1; last 0.1",
    after: "1: 0.1, 2: 0.5, 3: 0.9; last 0.9",
    observe: async (tools) => {
      const api = await tools.api();
      const { sweepId, runIds } = await loggedStudy(api, [{ reports: [{ testAccuracy: backwards }] }]);
      const [id = ""] = runIds;
      const headers = { host: "localhost" };
      const { rawPayload } = await api.app.inject({ url: `/api/v1/sweeps/${sweepId}/crate`, headers });
      await api.db.prisma.sweep.delete({ where: { id: sweepId } });
      const imported = await api.app.inject({
        ...{ method: "POST", url: "/api/v1/sweeps/import", payload: rawPayload },
        headers: { ...headers, "content-type": "application/zip" },
      });
      sweep.parse(imported.json());
      const { last } = await summaryOf(api, id, "testAccuracy");
      return `${await seriesText(api, id, "testAccuracy")}; last ${last}`;
    },
  },
  {
    bullet: superseded,
    kind: "mean curve of two runs",
    input: "both report steps 4 and 5 again after a resume",
    before: "n at steps 1 to 5: 2, 2, 2, 4, 4",
    after: "n at steps 1 to 5: 2, 2, 2, 2, 2",
    observe: async (tools) => {
      const api = await tools.api();
      const { sweepId } = await loggedStudy(api, [{ reports: resumed }, { reports: resumed }]);
      const { group } = await curveOf(api, sweepId, "validationAccuracy");
      return `n at steps 1 to 5: ${group.n.join(", ")}`;
    },
  },
  {
    bullet: superseded,
    kind: "summary of a run",
    input: "0.95 at step 4 and 0.4 at step 5 are replaced by 0.75 and 0.8",
    before: "count 7, min 0.4, max 0.95, best 0.95 at step 4, last 0.8",
    after: "count 5, min 0.5, max 0.8, best 0.8 at step 5, last 0.8",
    observe: async (tools) => {
      const api = await tools.api();
      const { runIds } = await loggedStudy(api, [{ reports: resumed }]);
      const summary = await summaryOf(api, runIds[0] ?? "", "validationAccuracy");
      const { count, min, max, best, bestStep, last } = summary;
      return `count ${count}, min ${min}, max ${max}, best ${best} at step ${bestStep}, last ${last}`;
    },
  },
  {
    bullet: superseded,
    kind: "best value of a group of runs",
    input: "the one run of a group whose 0.95 at step 4 was replaced, beside one that never had it",
    before: "resumed 0.95, straight 0.8",
    after: "resumed 0.8, straight 0.8",
    observe: async (tools) => {
      const api = await tools.api();
      const { runIds } = await loggedStudy(api, [
        { params: { way: "resumed" }, reports: resumed },
        { params: { way: "straight" }, reports: [{ validationAccuracy: goneThrough }] },
      ]);
      const best = async (id = "") => (await summaryOf(api, id, "validationAccuracy")).best;
      return `resumed ${await best(runIds[0])}, straight ${await best(runIds[1])}`;
    },
  },
  {
    bullet: superseded,
    kind: "what was replaced, on request",
    input: "GET /runs/{id}/metrics?superseded=true of that run",
    before: "the query is refused",
    after: "4: 0.95, 5: 0.4; the summary counts 2",
    observe: async (tools) => {
      const api = await tools.api();
      const { runIds } = await loggedStudy(api, [{ reports: resumed }]);
      const answer = await api.call("GET", `/runs/${runIds[0]}/metrics?superseded=true`);
      if (answer.status !== 200) return "the query is refused";
      const { steps = [], values = [] } = runMetrics.parse(answer.json).superseded?.validationAccuracy ?? {};
      const { superseded: count } = await summaryOf(api, runIds[0] ?? "", "validationAccuracy");
      return `${steps.map((step, index) => `${step}: ${values[index]}`).join(", ")}; the summary counts ${count}`;
    },
  },
  ...curveCases,
];
