import {
  type AnalysisTable,
  type ClassificationAnalysis,
  decodeNumber,
  type Predictions,
  type SweepSpec,
  type Verdict,
  type WireNumber,
  type ZeroShotConfiguration,
  type ZeroShotRate,
} from "@reprise/contracts";
import { proportionInterval, summarize } from "@reprise/statistics";
import { type Cell, cellsOf } from "../cells.js";
import { leadingVerdicts, provisional, singleRunVerdicts } from "../general-verdicts.js";
import {
  type AnalysisInput,
  chooseMetric,
  describeMetric,
  isPlanned,
  provenanceOf,
  runNotes,
  sortRuns,
} from "../input.js";
import { type ColumnOf, column, tableOf } from "../table.js";
import { counted, joinWords, metricFormat } from "../words.js";
import { classConfusionTable } from "./class-confusion.js";
import { type ClassifiedSample, classify } from "./classified-samples.js";
import { type Answered, chanceOf, ratesOf, zeroShotSummary } from "./zero-shot-summary.js";

type Questions = ReadonlyMap<string, ReadonlyMap<string, Predictions>>;

const number = (value: WireNumber | null) => (value === null ? Number.NaN : decodeNumber(value));
const points = (fraction: number) => `${(100 * fraction).toFixed(1)}`;

function answer(
  question: string,
  predictions: ReadonlyMap<string, Predictions>,
  cells: readonly Cell[],
  spec: SweepSpec,
): Answered {
  const samples = cells.flatMap((cell) => classify(cell, predictions, spec, question));
  const first = [...predictions.values()][0];
  const labels = first?.labels ?? [];
  const counts = (first?.classes ?? []).map((_, label) => labels.filter((l) => l === label).length);
  const { classes = [], positiveClass = null } = first ?? {};
  return {
    question,
    classes,
    positiveClass: positiveClass === null ? null : (classes[positiveClass] ?? null),
    samples,
    chance: { majority: Math.max(0, ...counts) / labels.length, even: 1 / classes.length },
    cases: labels.length,
  };
}

const shortRates: Record<ZeroShotRate, string> = {
  accuracy: "acc.",
  sensitivity: "sens.",
  specificity: "spec.",
  auc: "AUC",
};

/** Columns of one rate on one evaluation set: mean, SD, and the published figure where there is one. */
function rateColumns(
  { question, positiveClass }: Answered,
  rate: ZeroShotRate,
  rows: readonly ZeroShotConfiguration[],
): ColumnOf<ZeroShotConfiguration>[] {
  const key = `${question}${rate.charAt(0).toUpperCase()}${rate.slice(1)}`;
  const figure = ({ figures }: ZeroShotConfiguration) =>
    figures.find((candidate) => candidate.question === question && candidate.rate === rate);
  const isPublished = rows.some((row) => figure(row)?.published);
  return [
    column(
      key,
      `${question} ${shortRates[rate]}`,
      "fraction",
      `Mean ${rate} over runs${positiveClass ? `, positive class ${positiveClass}` : ""}`,
      (row) => figure(row)?.mean ?? null,
    ),
    column(
      `${key}Sd`,
      "SD",
      "fraction",
      `Standard deviation of ${rate} between runs of one configuration and arm, seeds included (n - 1)`,
      (row) => figure(row)?.sd ?? null,
    ),
    ...(isPublished
      ? [
          column<ZeroShotConfiguration>(
            `${key}Published`,
            "published",
            null,
            `${rate} as the published table prints it, in its unit`,
            (row) => figure(row)?.published?.printed ?? null,
          ),
        ]
      : []),
  ];
}

function zeroShotTable(answers: readonly Answered[], rows: readonly ZeroShotConfiguration[]): AnalysisTable {
  return tableOf<ZeroShotConfiguration>(
    `Zero-shot evaluation on the test split: ${answers.map(({ question }) => question).join(", ")}`,
    [
      column("configuration", "Configuration", null, "What varies", (row) => row.configurationLabel),
      column("arm", "Arm", null, "How the runs were executed", (row) => row.arm),
      column("seeds", "Seeds", null, "Different seeds", (row) => row.seeds),
      column("runs", "n", null, "Runs over all seeds", (row) => row.runs),
      ...answers.flatMap((answer) => ratesOf(answer).flatMap((rate) => rateColumns(answer, rate, rows))),
    ],
    rows,
  );
}

/** An SD pooled over groups of values, with n - 1 degrees of freedom from each group of at least two. */
function pooledSpread(groups: readonly (readonly number[])[]): { sd: number; df: number } {
  let squares = 0;
  let df = 0;
  for (const values of groups) {
    const finite = values.filter(Number.isFinite);
    if (finite.length < 2) continue;
    squares += (finite.length - 1) * summarize(finite).sd ** 2;
    df += finite.length - 1;
  }
  return { sd: Math.sqrt(squares / df), df };
}

/** Between executions of one configuration and seed; deterministic ones are equal by design and do not count. */
const executionSpread = (samples: readonly ClassifiedSample[]) =>
  pooledSpread(
    samples
      .filter(({ isReference }) => !isReference)
      .map(({ figures }) => figures.map(({ accuracy }) => accuracy ?? Number.NaN)),
  );

/** Between the seeds of one configuration and arm. */
function seedSpread(samples: readonly ClassifiedSample[]) {
  const groups = new Map<string, number[]>();
  for (const { row } of samples) {
    const key = JSON.stringify([row.group.configurationKey, row.arm]);
    groups.set(key, [...(groups.get(key) ?? []), number(row.accuracy.mean)]);
  }
  return pooledSpread([...groups.values()]);
}

/** One sentence per question: how far answers are from chance, and whether configurations differ by more than noise. */
function questionVerdict(answered: Answered): Verdict {
  const { question, samples, chance, cases, classes } = answered;
  const means = samples.map(({ row }) => number(row.accuracy.mean)).filter(Number.isFinite);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const limit = chanceOf(answered);
  const intervals = samples.flatMap(({ row, figures }) =>
    row.runs.flatMap(({ samplingIntervals }, i) => {
      // Without predictions cases are taken for independent.
      const accuracy = figures[i]?.accuracy ?? null;
      if (samplingIntervals) return [number(samplingIntervals.accuracy.low)];
      return accuracy === null ? [] : [proportionInterval(Math.round(accuracy * cases), cases).low];
    }),
  );
  const above = intervals.filter((low) => low > limit).length;
  const grouping = samples.find(({ row }) => row.grouping !== null)?.row.grouping;
  const executions = executionSpread(samples);
  const seeds = seedSpread(samples);
  const spreads = [
    ...(executions.df > 0
      ? [
          `executions of one configuration and seed scatter with an SD of ${points(executions.sd)} pp (${executions.df} degrees of freedom)`,
        ]
      : []),
    ...(seeds.df > 0
      ? [`seeds of one configuration with an SD of ${points(seeds.sd)} pp (${seeds.df} degrees of freedom)`]
      : []),
  ];
  const noise =
    spreads.length > 0
      ? ` For comparison, ${joinWords(spreads)}: smaller differences between configurations give no ranking.`
      : " No configuration was trained twice: the noise floor is unknown, and no ranking is given.";
  return {
    kind: "spread",
    tone: above === intervals.length ? "good" : "attention",
    sentence: `${question}: accuracy lies between ${points(low)} and ${points(high)} % over configurations, seeds and arms; ${above} of ${counted(intervals.length, "run")} ${above === 1 ? "has" : "have"} a 95 % interval above chance.${noise}`,
    basis: [
      `Chance is ${points(limit)} %: the larger of the share of the most frequent class (${points(chance.majority)} %) and an even guess among ${classes.length} classes (${points(chance.even)} %), on ${cases} test cases.`,
      `Wilson intervals of single runs${grouping ? `, at the effective number of cases (cases of one ${grouping} are not independent; Rao and Scott 1992)` : ", for cases drawn independently"}, not corrected for their number.`,
    ],
  };
}

/**
 * Zero-shot figures in the form of Tables 7 to 10 of the CLIP hyperparameter study: per configuration, accuracy for every question,
 * sensitivity and specificity for those with a positive class; each question beside chance and beside the noise floor.
 */
export function zeroShotAnalysis(input: AnalysisInput, questions: Questions): ClassificationAnalysis {
  const { spec } = input.sweep;
  const sorted = sortRuns(input.runs, null, "apart");
  const metric = describeMetric(chooseMetric(input), { metrics: input.metrics ?? [] });
  const cells = cellsOf(spec, sorted.used, metric.key);
  const answers = [...questions].map(([question, predictions]) => answer(question, predictions, cells, spec));
  const zeroShot = zeroShotSummary(answers, input.references ?? []);
  const rows = answers.flatMap(({ samples }) => samples.map(({ row }) => row));
  return {
    analysis: "classification",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "configuration"),
      method:
        "Every picture gets the class whose averaged prompts are nearest; rates at the selected epoch; mean and SD (n − 1) over runs; 95 % Wilson intervals for single runs against chance.",
      correction: "Descriptive: no test is made, and intervals are not corrected for multiplicity.",
    }),
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional([...singleRunVerdicts(cells), ...answers.map(questionVerdict)], sorted),
    ],
    notes: [
      ...runNotes({ sorted, metric }),
      ...answers.flatMap(({ question, positiveClass, samples }) => {
        const interval = samples[0]?.row.samplingIntervals?.sensitivity;
        if (!positiveClass || !interval) return [];
        const words = metricFormat({ unit: "fraction" }, 0.01);
        return [
          `${question}: ${interval.n} test cases are ${positiveClass}; the mean sensitivity of the first row has the 95 % interval ${words.levels({ low: number(interval.low), high: number(interval.high) })}.`,
        ];
      }),
    ],
    table: zeroShotTable(answers, zeroShot.configurations),
    rows,
    zeroShot,
    confusions: classConfusionTable(rows),
  };
}
