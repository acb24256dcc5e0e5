import {
  areComparable,
  builtInTrainer,
  type Contradiction,
  type DeclaredMetric,
  decodeNumber,
  type Run,
  type RunEvidence,
} from "@reprise/contracts";
import { describeMetric } from "../analyses/input.js";
import { counted, joinWords } from "../analyses/words.js";
import { runsWithOneDigest } from "./alike.js";
import { shortName } from "./run-names.js";

/** What contradictions are looked for in. */
export type ContradictionInput = {
  runs: readonly Run[];
  /** By run id; without it only metrics are compared. */
  evidence?: ReadonlyMap<string, RunEvidence>;
  /** Metrics as the trainer announced them. */
  metrics?: readonly DeclaredMetric[];
  /** The metric that is being read: named first. */
  metric?: string;
};

/**
 * Metrics of the execution rather than of the result: they differ between trainings that are equal to the bit. A trainer
 * does not say which of its metrics are of this sort.
 */
const executionWords =
  /\b((run|wall)?times?|timestamps?|durations?|secs?|seconds?|s|ms|latency|elapsed|wall|eta|memory|mem|bytes|energy|power|watts?|kwh|co2|carbon|throughput|speed|fps|gpus?|cpus?|temperature)\b/;
/** By the words of the name: "epochSeconds" is of the execution, "sentimentAccuracy" is not. */
const isOfExecution = (key: string) =>
  executionWords.test(
    key
      .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
      .replace(/[^A-Za-z0-9]+/g, " ")
      .toLowerCase(),
  );
const executionUnits = new Set(["s", "ms", "seconds", "kWh", "Wh", "gCO2e", "B", "MiB", "GiB"]);

/** What evaluations of equal weights may differ by in rounding, relative to the larger value. */
const rounding = 1e-6;

function differ(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return false;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return true;
  return Math.abs(a - b) > rounding * Math.max(Math.abs(a), Math.abs(b));
}

/** Values of a metric that equal weights must share; null where they are of different points of training. */
function comparableValues(runs: readonly Run[], key: string): { run: Run; value: number }[] | null {
  const own = runs.flatMap((run) => {
    const summary = run.summary[key];
    return summary ? [{ run, summary }] : [];
  });
  const selected = new Set(own.map(({ run }) => run.selectedEpoch));
  const atOneEpoch = selected.size === 1 && !selected.has(null);
  if (!atOneEpoch && new Set(own.map(({ summary }) => summary.count)).size > 1) return null;
  return own.map(({ run, summary }) => ({
    run,
    value: decodeNumber(selected.size === 1 ? (summary.selected ?? summary.last) : summary.last),
  }));
}

const placeOf = ({ configurationLabel, seed }: Run) => `${configurationLabel}, seed ${seed}`;
const ids = (runs: readonly Run[]) => runs.map(({ id }) => id);

/** "0.84 (free 1) and 0.92 (free 2)": every value once, with the runs that have it. */
function byValue(rows: readonly { run: Run; value: string }[]): string {
  const groups = new Map<string, Run[]>();
  for (const { run, value } of rows) groups.set(value, [...(groups.get(value) ?? []), run]);
  const named = [...groups].map(([value, runs]) => {
    const names = runs.slice(0, 3).map(shortName).join(", ");
    return `${value} (${names}${runs.length > 3 ? ` and ${runs.length - 3} more` : ""})`;
  });
  const more = named.length > 4 ? [`${named.length - 3} more`] : [];
  return joinWords([...named.slice(0, more.length > 0 ? 3 : 4), ...more]);
}

const opening = (runs: readonly Run[], first: Run) =>
  `${counted(runs.length, "run")} of ${placeOf(first)}, report the same digest of their final weights (${(first.digest ?? "").slice(0, 8)})`;

function unequalMetrics(runs: readonly Run[], input: ContradictionInput): Contradiction[] {
  const [first] = runs;
  if (!first) return [];
  const keys = [...new Set(runs.flatMap(({ summary }) => Object.keys(summary)))].sort(
    (a, b) => Number(b === input.metric) - Number(a === input.metric),
  );
  const unequal = keys.flatMap((key) => {
    const words = describeMetric(key, { metrics: input.metrics ?? [] });
    if (isOfExecution(key) || executionUnits.has(words.unit)) return [];
    const values = comparableValues(runs, key) ?? [];
    return values.some(({ value }) => differ(value, values[0]?.value ?? Number.NaN))
      ? [{ label: words.label, values }]
      : [];
  });
  const [shown, ...others] = unequal;
  if (!shown) return [];
  const also = others.length > 0 ? `, and different values of ${counted(others.length, "other metric")}` : "";
  return [
    {
      kind: "metric",
      sentence: `${opening(runs, first)} but different ${shown.label}: ${byValue(shown.values.map(({ run, value }) => ({ run, value: String(value) })))}${also}.`,
      meaning:
        "Weights that are equal to the bit give the same value. Either the digest does not cover all weights, or the metric was not computed from these weights, or evaluation is not repeatable.",
      runIds: ids(shown.values.map(({ run }) => run)),
    },
  ];
}

/** Runs of a group whose digests of one thing are not all equal. */
function unequal(
  runs: readonly Run[],
  digestOf: (run: Run) => string | null | undefined,
): { run: Run; value: string }[] {
  const rows = runs.flatMap((run) => {
    const digest = digestOf(run);
    return digest ? [{ run, value: digest.slice(0, 8) }] : [];
  });
  return new Set(rows.map(({ value }) => value)).size > 1 ? rows : [];
}

function unequalPredictions(runs: readonly Run[], { evidence }: ContradictionInput): Contradiction[] {
  const [first] = runs;
  if (!first) return [];
  const names = new Set(runs.flatMap(({ id }) => Object.keys(evidence?.get(id)?.predictions ?? {})));
  return [...names].flatMap((name): Contradiction[] => {
    const rows = unequal(runs, ({ id }) => evidence?.get(id)?.predictions[name]?.digest);
    if (rows.length === 0) return [];
    return [
      {
        kind: "predictions",
        sentence: `${opening(runs, first)} but different predictions (${name}), by digests of their scores: ${byValue(rows)}.`,
        meaning:
          "Weights that are equal to the bit give equal scores on equal cases. Either the digest does not cover all weights, or the scores were not computed from these weights, or their computation is not repeatable.",
        runIds: ids(rows.map(({ run }) => run)),
      },
    ];
  });
}

const rungWords: Record<string, string> = {
  dataset: "data",
  dataOrder: "data orders",
  initialWeights: "initial weights",
  epoch: "weights after epochs",
};

const hasFiniteMetrics = (run: Run) =>
  Object.values(run.summary).every(({ last }) => Number.isFinite(decodeNumber(last)));

function unequalLadders(runs: readonly Run[], { evidence }: ContradictionInput): Contradiction[] {
  const [first] = runs;
  // Weights that are no numbers any more are alike whatever led there.
  if (!first || !runs.every(hasFiniteMetrics)) return [];
  return Object.entries(rungWords).flatMap(([kind, words]): Contradiction[] => {
    const told = runs.flatMap(({ id }) => evidence?.get(id)?.rungs[kind] ?? []);
    const [one] = told;
    const comparable = told.every(
      ({ rungs, algorithm }) => rungs === one?.rungs && areComparable(algorithm, one.algorithm),
    );
    const rows = comparable ? unequal(runs, ({ id }) => evidence?.get(id)?.rungs[kind]?.digest) : [];
    if (rows.length === 0) return [];
    return [
      {
        kind: "ladder",
        sentence: `${opening(runs, first)} but different digests of ${words}: ${byValue(rows)}.`,
        meaning: `Trainings with different ${words} end with equal weights only if nothing is learned. One of the digests does not describe what it names.`,
        runIds: ids(rows.map(({ run }) => run)),
      },
    ];
  });
}

/** A run that trains nothing: its digest is that of its predictions, beside the weights of the run that it evaluates. */
const isEvaluation = ({ trainer, params }: Run) =>
  trainer === builtInTrainer && params.sourceRun !== undefined;

function twoDigests(run: Run, { evidence }: ContradictionInput): Contradiction[] {
  const rung = evidence?.get(run.id)?.rungs.finalWeights;
  if (rung?.rungs !== 1 || run.digest === null || isEvaluation(run)) return [];
  if (run.digest.slice(0, rung.digest.length) === rung.digest) return [];
  return [
    {
      kind: "digest",
      sentence: `Run ${shortName(run)} of ${placeOf(run)}, reports ${rung.digest.slice(0, 8)} as the digest of its final weights, but ${run.digest.slice(0, 8)} at its end.`,
      meaning: "A run has one set of final weights. It is not known which of the two digests describes them.",
      runIds: [run.id],
    },
  ];
}

/** Runs that report one digest of their data, and evaluate unequal numbers of its cases. */
function unequalCases(runs: readonly Run[], { evidence }: ContradictionInput): Contradiction[] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const data = evidence?.get(run.id)?.rungs.dataset;
    if (data && run.noise.split !== "varied")
      groups.set(data.digest, [...(groups.get(data.digest) ?? []), run]);
  }
  return [...groups].flatMap(([digest, members]) => {
    const names = new Set(members.flatMap(({ id }) => Object.keys(evidence?.get(id)?.predictions ?? {})));
    return [...names].flatMap((name): Contradiction[] => {
      const rows = members.flatMap((run) => {
        const cases = evidence?.get(run.id)?.predictions[name]?.cases;
        return cases === undefined ? [] : [{ run, value: String(cases) }];
      });
      if (new Set(rows.map(({ value }) => value)).size < 2) return [];
      return [
        {
          kind: "data",
          sentence: `${counted(rows.length, "run reports", "runs report")} the same digest of the data (${digest.slice(0, 8)}) but different numbers of evaluated cases (${name}): ${byValue(rows)}.`,
          meaning:
            "Equal data under one split have the same number of cases. Either the digest does not cover the split, or not all cases were scored.",
          runIds: ids(rows.map(({ run }) => run)),
        },
      ];
    });
  });
}

/**
 * What the records of runs say that cannot all be so, gravest first: equal weights with unequal metrics, predictions or
 * earlier digests, a run with two digests, equal data with unequal numbers of cases. Only runs that have succeeded and were
 * not excluded are looked at, and only runs of one configuration and seed are held against each other.
 */
export function contradictionsOf(input: ContradictionInput): Contradiction[] {
  const ended = input.runs.filter(
    ({ status, excludedReason }) => status === "succeeded" && excludedReason === null,
  );
  const alike = runsWithOneDigest(ended);
  return [
    ...alike.flatMap((runs) => unequalMetrics(runs, input)),
    ...alike.flatMap((runs) => unequalPredictions(runs, input)),
    ...ended.flatMap((run) => twoDigests(run, input)),
    ...unequalCases(ended, input),
    ...alike.flatMap((runs) => unequalLadders(runs, input)),
  ];
}
