import {
  type AnalysisTable,
  type ClassificationAnalysis,
  decodeNumber,
  type Predictions,
  type Verdict,
  type WireNumber,
} from "@reprise/contracts";
import { proportionInterval, summarize } from "@reprise/statistics";
import { type Cell, cellsOf, known } from "./cells.js";
import { type ClassifiedSample, classify } from "./classified-samples.js";
import { pendingVerdicts, provisional, singleRunVerdicts } from "./general-verdicts.js";
import {
  type AnalysisInput,
  chooseMetric,
  describeMetric,
  isPlanned,
  provenanceOf,
  runNotes,
  sortRuns,
} from "./input.js";
import { column, tableOf } from "./table.js";
import { counted, joinWords, metricFormat } from "./words.js";

type Rate = "accuracy" | "sensitivity" | "specificity" | "auc";
type Questions = ReadonlyMap<string, ReadonlyMap<string, Predictions>>;

/** One question's samples over all configurations, seeds and arms. */
interface Answered {
  question: string;
  classes: string[];
  positiveClass: string | null;
  samples: ClassifiedSample[];
  /** Accuracy of always naming the most frequent class, and of guessing evenly. */
  chance: { majority: number; even: number };
  cases: number;
}

const number = (value: WireNumber | null) => (value === null ? Number.NaN : decodeNumber(value));
const points = (fraction: number) => `${(100 * fraction).toFixed(1)}`;

function answer(
  question: string,
  predictions: ReadonlyMap<string, Predictions>,
  cells: readonly Cell[],
): Answered {
  const samples = cells.flatMap((cell) => classify(cell, predictions, question));
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

/** A row of the paper's form: one configuration and arm, all its seeds and executions. */
interface ConfigurationRow {
  configuration: string;
  arm: string;
  runs: number;
  seeds: number;
  rates: Map<string, { mean: WireNumber | null; sd: WireNumber | null }>;
}

const rateNames = (positiveClass: string | null): Rate[] =>
  positiveClass === null ? ["accuracy"] : ["accuracy", "sensitivity", "specificity", "auc"];

function configurationRows(answers: readonly Answered[]): ConfigurationRow[] {
  const rows = new Map<string, ConfigurationRow>();
  for (const { question, positiveClass, samples } of answers) {
    for (const { row } of samples) {
      const key = JSON.stringify([row.group.configurationKey, row.arm]);
      if (rows.has(key) && rows.get(key)?.rates.has(`${question} accuracy`)) continue;
      const own = samples.filter(
        ({ row: other }) =>
          other.group.configurationKey === row.group.configurationKey && other.arm === row.arm,
      );
      const figures = own.flatMap((sample) => sample.figures);
      const known_ = rows.get(key) ?? {
        configuration: row.group.configurationLabel,
        arm: row.arm,
        runs: figures.length,
        seeds: new Set(own.map(({ row: other }) => other.group.seed)).size,
        rates: new Map(),
      };
      for (const rate of rateNames(positiveClass)) {
        const values = figures.map((figure) => figure[rate]).filter((value) => value !== null);
        const { mean, sd } = values.length > 0 ? summarize(values) : { mean: Number.NaN, sd: Number.NaN };
        known_.rates.set(`${question} ${rate}`, {
          mean: known(mean),
          sd: values.length < 2 ? null : known(sd),
        });
      }
      rows.set(key, known_);
    }
  }
  return [...rows.values()];
}

const shortRates: Record<Rate, string> = {
  accuracy: "acc.",
  sensitivity: "sens.",
  specificity: "spec.",
  auc: "AUC",
};

function zeroShotTable(answers: readonly Answered[], rows: readonly ConfigurationRow[]): AnalysisTable {
  return tableOf<ConfigurationRow>(
    `Zero-shot evaluation on the test split: ${answers.map(({ question }) => question).join(", ")}`,
    [
      column("configuration", "Configuration", null, "What varies", (row) => row.configuration),
      column("arm", "Arm", null, "How the runs were executed", (row) => row.arm),
      column("seeds", "Seeds", null, "Different seeds", (row) => row.seeds),
      column("runs", "n", null, "Runs over all seeds", (row) => row.runs),
      ...answers.flatMap(({ question, positiveClass }) =>
        rateNames(positiveClass).flatMap((rate) => [
          column<ConfigurationRow>(
            `${question}${rate.charAt(0).toUpperCase()}${rate.slice(1)}`,
            `${question} ${shortRates[rate]}`,
            "fraction",
            `Mean ${rate} over runs${positiveClass ? `, positive class ${positiveClass}` : ""}`,
            (row) => row.rates.get(`${question} ${rate}`)?.mean ?? null,
          ),
          column<ConfigurationRow>(
            `${question}${rate.charAt(0).toUpperCase()}${rate.slice(1)}Sd`,
            "SD",
            "fraction",
            `Standard deviation of ${rate} between runs of one configuration and arm, seeds included (n - 1)`,
            (row) => row.rates.get(`${question} ${rate}`)?.sd ?? null,
          ),
        ]),
      ),
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
function questionVerdict({ question, samples, chance, cases, classes }: Answered): Verdict {
  const means = samples.map(({ row }) => number(row.accuracy.mean)).filter(Number.isFinite);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const limit = Math.max(chance.majority, chance.even);
  const intervals = samples.flatMap(({ figures }) =>
    figures.flatMap(({ accuracy }) =>
      accuracy === null ? [] : [proportionInterval(Math.round(accuracy * cases), cases)],
    ),
  );
  const above = intervals.filter((interval) => interval.low > limit).length;
  const executions = executionSpread(samples);
  const seeds = seedSpread(samples);
  const spreads = [
    ...(executions.df > 0
      ? [
          `executions of one configuration and seed scatter by SD ${points(executions.sd)} pp (${executions.df} degrees of freedom)`,
        ]
      : []),
    ...(seeds.df > 0
      ? [`seeds of one configuration by SD ${points(seeds.sd)} pp (${seeds.df} degrees of freedom)`]
      : []),
  ];
  const noise =
    spreads.length > 0
      ? ` For comparison, ${joinWords(spreads)}: smaller differences between configurations rank nothing.`
      : " No configuration was trained twice: the noise floor is unknown, and no ranking is given.";
  return {
    kind: "spread",
    tone: above === intervals.length ? "good" : "attention",
    sentence: `${question}: accuracy lies between ${points(low)} and ${points(high)} % over configurations, seeds and arms; ${above} of ${counted(intervals.length, "run")} ${above === 1 ? "has" : "have"} a 95% interval above chance.${noise}`,
    basis: [
      `Chance is ${points(limit)} %: the larger of the share of the most frequent class (${points(chance.majority)} %) and an even guess among ${classes.length} classes (${points(chance.even)} %), on ${cases} test cases.`,
      "Wilson intervals of single runs, for cases drawn independently, not corrected for their number.",
    ],
  };
}

/**
 * Zero-shot figures in the form of Tables 7 to 10 of the CLIP hyperparameter study: per configuration, accuracy for every question,
 * sensitivity and specificity for those with a positive class; each question beside chance and beside the noise floor.
 */
export function zeroShotAnalysis(input: AnalysisInput, questions: Questions): ClassificationAnalysis {
  const { spec } = input.sweep;
  const sorted = sortRuns(input.runs, null);
  const metric = describeMetric(chooseMetric(input), input.metrics);
  const cells = cellsOf(spec, sorted.used, metric.key);
  const answers = [...questions].map(([question, predictions]) => answer(question, predictions, cells));
  const rows = answers.flatMap(({ samples }) => samples.map(({ row }) => row));
  return {
    analysis: "classification",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "configuration"),
      method:
        "Every picture gets the class whose averaged prompts are nearest; rates at the selected epoch; mean and SD (n − 1) over runs; 95% Wilson intervals for single runs against chance.",
      correction: "Descriptive: no test is made, and intervals are not corrected for multiplicity.",
    }),
    verdicts: [
      ...pendingVerdicts(sorted),
      ...provisional([...singleRunVerdicts(cells), ...answers.map(questionVerdict)], sorted),
    ],
    notes: [
      ...runNotes({ sorted, metric }),
      ...answers.flatMap(({ question, positiveClass, samples }) => {
        const interval = samples[0]?.row.samplingIntervals?.sensitivity;
        if (!positiveClass || !interval) return [];
        const words = metricFormat({ unit: "fraction" }, 0.01);
        return [
          `${question}: ${interval.n} test cases are ${positiveClass}; the first run's sensitivity has the 95% interval ${words.levels({ low: number(interval.low), high: number(interval.high) })}.`,
        ];
      }),
    ],
    table: zeroShotTable(answers, configurationRows(answers)),
    rows,
  };
}
