import { pageOf, problem, run, runGroups } from "@reprise/contracts";
import type { ApiUnderTest } from "../integration/api-harness.js";
import { loggedStudy } from "./logged-study.js";
import type { TruthCase } from "./truth-case.js";

const states =
  "Filters: `diverged = true`, `metrics.x is nan`, `metrics.x is null`, with a hint about backticks for dotted keys";
const types = 'Filters tell `true` from `"true"` and 0.001 from "0.001"';

const points = (...values: (number | string)[]) => ({ steps: values.map((_, index) => index + 1), values });

type Told = Parameters<typeof loggedStudy>[1][number];

/** Four runs that are called by their letters: one diverged, one with an undefined AUC, one without it, one with all. */
const four: Record<string, Told> = {
  a: { params: { flag: true, rate: 0.001 }, reports: [{ loss: points(1, "NaN"), auc: points(0.5) }] },
  b: { params: { flag: "true", rate: "0.001" }, reports: [{ loss: points(1, 0.5), auc: points("NaN") }] },
  c: { params: { flag: false, rate: 0.1 }, reports: [{ loss: points(1, 0.5), "val.acc": points(0.9) }] },
  d: { params: { rate: "adam" }, reports: [{ loss: points(1, 0.5), auc: points(0.9) }] },
};

/** What all of them have. */
const alike = { epochs: 3, nesterov: true, width: "64" };

let study: Promise<{ sweepId: string; runIds: string[] }> | undefined;
const studyOf = (api: ApiUnderTest) => {
  study ??= loggedStudy(
    api,
    Object.values(four).map((told) => ({ ...told, params: { ...told.params, ...alike } })),
  );
  return study;
};

const letters = (runIds: readonly string[], found: readonly { id: string }[]) =>
  found.map(({ id }) => Object.keys(four)[runIds.indexOf(id)]).sort();

/** The runs that a filter finds, by their letters; or why it finds none. */
async function found(api: ApiUnderTest, filter: string): Promise<string> {
  const { sweepId, runIds } = await studyOf(api);
  const answer = await api.call("GET", `/runs?sweepId=${sweepId}&filter=${encodeURIComponent(filter)}`);
  if (answer.status !== 200) {
    const [error] = problem.parse(answer.json).errors ?? [];
    return [error?.message, error?.suggestion].filter(Boolean).join("; ");
  }
  const { items, hints = [] } = pageOf(run).parse(answer.json);
  return ["runs", ...letters(runIds, items), ...hints].join(" ");
}

const filterCase =
  (bullet: string) =>
  ([kind, input, before, after]: readonly [string, string, string, string]): TruthCase => ({
    ...{ bullet, kind, input, before, after },
    observe: async (tools) => found(await tools.api(), input),
  });

const formerly = "One of = != < <= > >= like.";
const comparisons = "One of =, !=, <, <=, >, >=, like, is nan, is not nan, is null, is not null.";
const backticks = "A name with dots, spaces or other signs goes in backticks: metrics.`recall (TPR)`.";
const unknown =
  "unknown property of a run at character 1; Known: id, sweepId, key, purpose, sourceRunId, configurationKey, configurationLabel, seed, arm, repeat, mode, status, …. Metrics and hyperparameters are written metrics.NAME and params.NAME.";
const noComparison = (at: number) => `expected a comparison at character ${at}; ${formerly} ${backticks}`;

type Row = readonly [kind: string, filter: string, before: string, after: string];

const ofStates: readonly Row[] = [
  ["diverged runs", "diverged = true", unknown, "runs a"],
  ["runs that did not diverge", "diverged = false", unknown, "runs b c d"],
  [
    "flag without a value",
    "diverged",
    unknown,
    `expected a comparison at the end; ${comparisons} Write: diverged = true`,
  ],
  [
    "flag in quotes",
    "diverged = 'true'",
    unknown,
    "diverged is true or false at character 12; Write: diverged = true",
  ],
  [
    "flag asked for null",
    "diverged is not null",
    unknown,
    "diverged is true or false at character 10; Write: diverged = true",
  ],
  ["metric that is NaN", "metrics.auc is nan", noComparison(13), "runs b"],
  ["metric that is a number", "metrics.auc is not nan", noComparison(13), "runs a d"],
  ["metric that a run has not", "metrics.auc is null", noComparison(13), "runs c"],
  ["metric that a run has", "metrics.auc is not null", noComparison(13), "runs a b d"],
  ["hyperparameter that a run has not", "params.flag is null", noComparison(13), "runs d"],
  [
    "property without a value",
    "digest is null",
    `expected a comparison at character 8; ${formerly}`,
    "runs a b c d",
  ],
  [
    "NaN by =",
    "metrics.auc = nan",
    "expected a value at character 15; Put text in quotes: 'nan'.",
    "nothing is compared with nan at character 15; Write: metrics.auc is nan",
  ],
  [
    "NaN in quotes, as that advice has it",
    "metrics.auc = 'nan'",
    "auc is a number at character 15; Compare it with a number.",
    "auc is a number at character 15; Compare it with a number, or ask by is nan and is null what there is of it. Write: metrics.auc is nan",
  ],
  [
    "comparison that NaN does not satisfy",
    "metrics.auc < 0.4",
    "runs",
    "runs metrics.auc is NaN in 1 of 3 runs here that have it, and NaN satisfies no comparison. Write: metrics.auc is nan",
  ],
  [
    "key with a dot",
    "metrics.val.acc > 0.5",
    noComparison(12),
    `expected a comparison at character 12; ${comparisons} ${backticks} Write: metrics.\`val.acc\` > 0.5`,
  ],
  ["key with a dot, as that advice has it", "metrics.`val.acc` is not null", noComparison(19), "runs c"],
  [
    "key with a space and brackets",
    "metrics.recall (TPR) > 0.5",
    `unexpected character ( at character 16; ${backticks}`,
    `unexpected character ( at character 16; ${backticks} Write: metrics.\`recall (TPR)\` > 0.5`,
  ],
  [
    "key that no run has",
    "metrics.aux > 0.5",
    "runs",
    'runs No run here has a metric aux. Did you mean "auc"?',
  ],
  [
    "decimal comma",
    "metrics.auc > 0,5",
    `unexpected character , at character 16; ${backticks}`,
    "unexpected character , at character 16; A number has a decimal point. Write: metrics.auc > 0.5",
  ],
  [
    "time that is none",
    "createdAt > 'yesterday'",
    "runs",
    "createdAt is a time at character 13; A time is written '2026-11-29' or '2026-11-29T12:00:00Z'.",
  ],
  ["property with a value that no run has", "status = 'success'", "runs", "runs status is 'succeeded' here."],
];

const ofTypes: readonly Row[] = [
  ["boolean", "params.flag = true", "runs a b", "runs a"],
  ["text that looks like one", "params.flag = 'true'", "runs a b", "runs b"],
  ["anything but true", "params.flag != true", "runs c", "runs b c"],
  ["text that looks like a number", "params.rate = '0.001'", "runs a b", "runs b"],
  ["anything but a number", "params.rate != 0.001", "runs c", "runs b c d"],
  ["text by its beginning", "params.rate like '0%'", "runs a b c", "runs b"],
];

const ofHints: readonly Row[] = [
  [
    "number in quotes, where every run has a number",
    "params.epochs = '3'",
    "runs a b c d",
    "runs params.epochs holds numbers here, and '3' is none of them: numbers, true and false without quotes. Write: params.epochs = 3",
  ],
  [
    "true in quotes, where every run has true or false",
    "params.nesterov = 'true'",
    "runs a b c d",
    "runs params.nesterov holds true or false here, and 'true' is none of them: numbers, true and false without quotes. Write: params.nesterov = true",
  ],
  [
    "number, where every run has text",
    "params.width = 64",
    "runs",
    "runs params.width holds text here, and 64 is none of them: text in quotes. Write: params.width = '64'",
  ],
];

const grouped: TruthCase = {
  bullet: states,
  kind: "runs grouped by whether they diverged",
  input: "GET /runs/groups?by=diverged",
  before: "400 invalid-request",
  after: "true: 1 run, 1 diverged; false: 3 runs, 0 diverged",
  observe: async (tools) => {
    const api = await tools.api();
    const { sweepId } = await studyOf(api);
    const { groups } = await api.get(`/runs/groups?sweepId=${sweepId}&by=diverged`, runGroups);
    const told = groups.map(
      ({ by, runs, diverged }) =>
        `${by.diverged}: ${runs} ${runs === 1 ? "run" : "runs"}, ${diverged} diverged`,
    );
    return told.toReversed().join("; ");
  },
};

/** Filters of runs. */
export const cases: TruthCase[] = [
  ...ofStates.map(filterCase(states)),
  grouped,
  ...[...ofTypes, ...ofHints].map(filterCase(types)),
];
