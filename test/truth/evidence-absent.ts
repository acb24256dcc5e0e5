import { z } from "zod";
import { type ToldRun, toldStudy } from "./evidence-study.js";
import type { TruthCase, TruthTools } from "./truth-case.js";

const counted =
  'An absent value has its reason ("8 runs ended without validation accuracy", not "one configuration").';
const reasons = 'Null in an interval, a "–", a missing p always carry a reason.';

const answer = z.object({
  headline: z.object({ sentence: z.string() }).optional(),
  verdicts: z.array(z.object({ sentence: z.string() })),
  table: z.object({
    rows: z.array(z.record(z.string(), z.unknown())),
    absent: z.array(z.record(z.string(), z.string())).optional(),
  }),
});

async function analysed(tools: TruthTools, runs: readonly ToldRun[], path: string) {
  const api = await tools.api();
  const { sweepId } = await toldStudy(api, runs);
  return { api, sweepId, ...(await api.get(`/sweeps/${sweepId}/analyses/${path}`, answer)) };
}

const eight: ToldRun[] = [0, 1, 2, 3].flatMap((seed) => [
  { seed, params: { learningRate: 0.1 } },
  { seed, params: { learningRate: 0.2 } },
]);
const alone: ToldRun[] = [{ accuracy: 0.84 }, { arm: "free", accuracy: 0.85 }];

export const absentCases: TruthCase[] = [
  {
    bullet: counted,
    kind: "effects of hyperparameters",
    input: "8 runs of two configurations end without the metric",
    before: "One configuration: there is no hyperparameter to compare.",
    after:
      "8 runs ended without validation accuracy: no configuration is left, and no hyperparameter can be compared.",
    observe: async (tools) => {
      const { verdicts } = await analysed(tools, eight, "importance");
      return verdicts[0]?.sentence ?? "nothing";
    },
  },
  {
    bullet: counted,
    kind: "headline",
    input: "8 runs end without the metric",
    before: "No run ended with a value of validation accuracy, so there is nothing to judge.",
    after:
      "8 runs ended without validation accuracy and 1 run failed or was cancelled, so there is nothing to judge.",
    observe: async (tools) => {
      const path = "determinism?metric=validationAccuracy";
      const api = await tools.api();
      const { sweepId } = await toldStudy(api, [...eight, { seed: 9, accuracy: 0.8, status: "failed" }]);
      const { headline } = await api.get(`/sweeps/${sweepId}/analyses/${path}`, answer);
      return headline?.sentence ?? "nothing";
    },
  },
  {
    bullet: reasons,
    kind: "SD and prediction interval of one run",
    input: "one deterministic and one free run",
    before: "null (no reason), null (no reason)",
    after: "null (1 run: a standard deviation needs two.), null (1 run: an interval needs two.)",
    observe: async (tools) => {
      const { table } = await analysed(tools, alone, "determinism");
      const why = (key: string) => `${table.rows[0]?.[key]} (${table.absent?.[0]?.[key] ?? "no reason"})`;
      return `${why("sd")}, ${why("predictionLow")}`;
    },
  },
  {
    bullet: reasons,
    kind: "table in Markdown",
    input: "the same two runs",
    before: "dashes without a word",
    after:
      "Not given (–): Equal digests: Fewer than two deterministic runs have a digest, or their records contradict each other. SD of Mean: 1 run: a standard deviation needs two. PI low; PI high: 1 run: an interval needs two.",
    observe: async (tools) => {
      const { api, sweepId } = await analysed(tools, alone, "determinism");
      const { text } = await api.call("GET", `/sweeps/${sweepId}/analyses/determinism?format=markdown`);
      return /Not given.*?(?= Reprise )/.exec(text)?.[0] ?? "dashes without a word";
    },
  },
  {
    bullet: reasons,
    kind: "table in CSV",
    input: "the same two runs",
    before: "empty cells without a word",
    after: "sd: 1 run: a standard deviation needs two.",
    observe: async (tools) => {
      const { api, sweepId } = await analysed(tools, alone, "determinism");
      const { text } = await api.call("GET", `/sweeps/${sweepId}/analyses/determinism?format=csv`);
      return /sd: [^.]*\./.exec(text)?.[0] ?? "empty cells without a word";
    },
  },
];
