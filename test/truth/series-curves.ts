import { reviseSeries } from "@reprise/database";
import { leaveAsReported } from "../support/former-summaries.js";
import { curveOf, loggedStudy, seriesText, summaryOf } from "./logged-study.js";
import type { TruthCase } from "./truth-case.js";

const told = "A value told without a step is not a point of the curve";
const unequal = "Curves of unequal length say where how many runs have ended";
const existing = "Existing databases are recomputed in the background";

/** What is in a curve and what is not, and what an earlier version left. */
export const curveCases: TruthCase[] = [
  {
    bullet: told,
    kind: "curve of a run that was asked for",
    input: "logs 0.7, 0.8, 0.85 at steps 1 to 3 and tells 0.9 without a step",
    before: "curve 1: 0.7, 2: 0.8, 3: 0.85, 0: 0.9",
    after: "curve 1: 0.7, 2: 0.8, 3: 0.85",
    observe: async (tools) => {
      const api = await tools.api();
      const series = { steps: [1, 2, 3], values: [0.7, 0.8, 0.85] };
      const { runIds } = await loggedStudy(api, [
        { reports: [{ validationAccuracy: series }], tell: { value: 0.9 } },
      ]);
      return `curve ${await seriesText(api, runIds[0] ?? "", "validationAccuracy")}`;
    },
  },
  {
    bullet: told,
    kind: "mean curve of a study that was asked for",
    input: "one run logs steps 1 to 3, the other only tells its value, both without a step at the end",
    before: "steps 0, 1, 2, 3 with n 2, 1, 1, 1",
    after: "steps 1, 2, 3 with n 1, 1, 1",
    observe: async (tools) => {
      const api = await tools.api();
      const series = { steps: [1, 2, 3], values: [0.7, 0.8, 0.85] };
      const { sweepId } = await loggedStudy(api, [
        { reports: [{ validationAccuracy: series }], tell: { value: 0.9 } },
        { reports: [], tell: { value: 0.8 } },
      ]);
      const { group } = await curveOf(api, sweepId, "validationAccuracy");
      return `steps ${group.steps.join(", ")} with n ${group.n.join(", ")}`;
    },
  },
  {
    bullet: unequal,
    kind: "mean curve of five runs",
    input: "two of them stop at step 2 of 4",
    before: "the mean jumps, and no word of it",
    after: "2 of 5 runs end at step 2; the mean afterwards is over the 3 that continue.",
    observe: async (tools) => {
      const api = await tools.api();
      const of = (values: number[]) => ({
        reports: [{ validationAccuracy: { steps: values.map((_, index) => index + 1), values } }],
      });
      const [short, long] = [of([0.5, 0.3]), of([0.5, 0.7, 0.8, 0.9])];
      const { sweepId } = await loggedStudy(api, [short, long, long, short, long]);
      const { group } = await curveOf(api, sweepId, "validationAccuracy");
      return group.membership.join(" ") || "the mean jumps, and no word of it";
    },
  },
  {
    bullet: existing,
    kind: "run that an earlier version recorded as steps [3, 2, 1]",
    input: "the database of that version, opened by this one",
    before: "last 0.1",
    after: "last 0.9",
    observe: async (tools) => {
      const api = await tools.api();
      const { runIds } = await loggedStudy(api, [
        { reports: [{ testAccuracy: { steps: [3, 2, 1], values: [0.9, 0.5, 0.1] } }] },
      ]);
      const [id = ""] = runIds;
      await leaveAsReported(api.db, id);
      for (let state = ""; state !== "finished"; ) state = await reviseSeries(api.db);
      return `last ${(await summaryOf(api, id, "testAccuracy")).last}`;
    },
  },
];
