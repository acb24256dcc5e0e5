import { invalidInput } from "../errors.js";
import { type Interval, requireConfidence } from "../means/t-tests.js";
import { tQuantile } from "../numerics/distributions.js";
import { createRandom, RANDOM_ALGORITHM, type Random } from "../numerics/random.js";
import { extremes, interquartileMean, quantileOfSorted, standardDeviation } from "../summary.js";
import { withinRange } from "../weights/within-range.js";

const defaultResamples = 10_000;

export type ResamplingOptions = {
  /** Non-negative integer; the same seed gives the same interval on every machine. */
  seed: number;
  /** Number of resamples; 10,000 when absent. */
  resamples?: number | undefined;
  confidence?: number | undefined;
};

export type BootstrapResult = {
  estimate: number;
  /** Percentile interval over the resamples on which the statistic is defined; over runs and cases, Student's. */
  interval: Interval;
  /** Standard deviation over resamples: the standard error. */
  standardError: number;
  resamples: number;
  /** Resamples on which the statistic was NaN (e.g. an AUC without positives); they are left out of the interval. */
  undefinedResamples: number;
  seed: number;
  algorithm: string;
};

/** Ordinary bootstrap of one sample: values are drawn with replacement. */
export function bootstrap(
  x: ArrayLike<number>,
  statistic: (sample: Float64Array) => number,
  options: ResamplingOptions,
): BootstrapResult {
  const values = Float64Array.from(x);
  const draw = (random: Random) => values.map(() => Number(values[random.integer(values.length)]));
  return resample(statistic(values), (random) => statistic(draw(random)), options);
}

/**
 * Interquartile mean over all (task, run) scores, with a bootstrap that redraws runs within each task. `tasks[t]` are the
 * scores of task t on a scale common to all tasks. Source: Agarwal et al. (2021), "Deep RL at the edge of the statistical
 * precipice". Pitfall: a single bad dataset is averaged away. Throws a StatisticsError where a task has no run.
 */
export function stratifiedIqmBootstrap(
  tasks: ArrayLike<ArrayLike<number>>,
  options: ResamplingOptions,
): BootstrapResult {
  const strata = Array.from(tasks, (runs) => Array.from(runs));
  requireValues("tasks", strata);
  const scores = strata.reduce((sum, runs) => sum + runs.length, 0);
  requireWork(`${scores} scores`, scores, options.resamples ?? defaultResamples, maxSorted);
  const redraw = (random: Random) =>
    interquartileMean(strata.flatMap((runs) => runs.map(() => Number(runs[random.integer(runs.length)]))));
  return resample(interquartileMean(strata.flat()), redraw, options);
}

/**
 * Bootstrap of whole clusters (patients, slides): `clusters[i]` names the cluster of case i; clusters are drawn with
 * replacement and all their cases come along. `statistic` receives the indices of the drawn cases. The interval is right
 * where cases of a cluster resemble each other; with fewer than 20 clusters or so it is too short.
 */
export function clusterBootstrap(
  clusters: ArrayLike<number | string>,
  statistic: (cases: readonly number[]) => number,
  options: ResamplingOptions,
): BootstrapResult {
  const members = new Map<number | string, number[]>();
  Array.from(clusters).forEach((cluster, i) => {
    const cases = members.get(cluster);
    if (cases === undefined) members.set(cluster, [i]);
    else cases.push(i);
  });
  const groups = [...members.values()];
  const redraw = (random: Random) =>
    statistic(groups.flatMap(() => groups[random.integer(groups.length)] ?? []));
  return resample(statistic(Array.from(clusters, (_, i) => i)), redraw, options);
}

/**
 * Bootstrap over runs and cases at once, for "a new training, judged on new cases": rows (runs) and columns (cases) are
 * redrawn independently, and `statistic` receives both index lists. The standard error is that of the bootstrap; the
 * interval is corrected for few runs, since percentiles of so few cover 83 to 86 %: the standard error grows by √(R / (R − 1)), which
 * the plug-in variance of R runs lacks, and Student's quantile with R − 1 degrees of freedom stands for the percentiles. NaN
 * for one run. Sources: Owen (2007), "The pigeonhole bootstrap"; Efron & Tibshirani (1993), ch. 12; Hesterberg (2015).
 */
export function runsByCasesBootstrap(
  size: { runs: number; cases: number },
  statistic: (runs: Uint32Array, cases: Uint32Array) => number,
  options: ResamplingOptions,
): BootstrapResult {
  const all = (n: number) => Uint32Array.from({ length: n }, (_, i) => i);
  const redraw = (random: Random) =>
    statistic(random.indices(size.runs, size.runs), random.indices(size.cases, size.cases));
  const result = resample(statistic(all(size.runs), all(size.cases)), redraw, options);
  const { confidence = 0.95 } = options;
  const df = size.runs - 1;
  const half =
    df > 0
      ? tQuantile(0.5 + confidence / 2, df) * result.standardError * Math.sqrt(size.runs / df)
      : Number.NaN;
  return { ...result, interval: [result.estimate - half, result.estimate + half] };
}

/** Cells read by one call: some ten seconds. */
const maxCells = 2e9;

/** Values drawn and sorted by one call: some twenty seconds. */
export const maxSorted = 1e8;

/** Resamples below which no interval is worth its name: with more values there are to be fewer of these. */
const fewestResamples = 100;

/**
 * Refuses what would take longer than anybody waits.
 * @param described the values, in words
 * @throws {StatisticsError} where `values` × `resamples` is more than `most`
 */
export function requireWork(described: string, values: number, resamples: number, most: number): void {
  if (values * resamples <= most) return;
  const fewer = Math.floor(most / values);
  const remedy =
    fewer >= fewestResamples
      ? `Use at most ${fewer}.`
      : `Give at most ${Math.floor(most / fewestResamples)} values, with ${fewestResamples} resamples.`;
  throw invalidInput("options.resamples", resamples, `are too many for ${described}`, remedy);
}

/**
 * Mean of `scores[run][case]` (correct or not, a loss, a probability) with the bootstrap over runs and cases at once. Over
 * the cases of one class it is sensitivity or specificity. Throws a StatisticsError where runs differ in their cases.
 * Source and pitfall: {@link runsByCasesBootstrap}.
 */
export function runsByCasesMeanBootstrap(
  scores: ArrayLike<ArrayLike<number>>,
  options: ResamplingOptions,
): BootstrapResult {
  const rows = Array.from(scores, (run) => Float64Array.from(run));
  requireValues("scores", rows);
  const size = { runs: rows.length, cases: Number(rows[0]?.length) };
  const uneven = rows.findIndex(({ length }) => length !== size.cases);
  if (uneven >= 0) {
    throw invalidInput(
      `scores[${uneven}]`,
      rows[uneven]?.length,
      `must have ${size.cases} values, as the first run has`,
      "Give every run the same cases in the same order.",
    );
  }
  const { resamples = defaultResamples } = options;
  requireWork(`${size.runs} × ${size.cases} values`, size.runs * size.cases, resamples, maxCells);
  const meanOf = (runs: Uint32Array, cases: Uint32Array) => {
    let sum = 0;
    for (const run of runs) {
      const row = rows[run] ?? [];
      for (const at of cases) sum += Number(row[at]);
    }
    return sum / (runs.length * cases.length);
  };
  const result = runsByCasesBootstrap(size, meanOf, options);
  // A mean lies between the smallest and the largest score; what is cut off can hold no truth.
  const [least, greatest] = extremes(rows.flatMap((row) => extremes(row)));
  return { ...result, interval: withinRange(result.interval, { low: least, high: greatest }) };
}

function requireValues(field: string, rows: ArrayLike<number>[]): void {
  if (rows.length === 0)
    throw invalidInput(field, rows.length, "is empty", "Give a list of lists of scores.");
  const empty = rows.findIndex(({ length }) => length === 0);
  if (empty >= 0) {
    throw invalidInput(`${field}[${empty}]`, 0, "is empty", "Leave it out, or give its scores.");
  }
}

/** Resample b is drawn from stream b of the seed, so any single one can be recomputed. */
function resample(
  estimate: number,
  redraw: (random: Random) => number,
  { seed, resamples = defaultResamples, confidence = 0.95 }: ResamplingOptions,
): BootstrapResult {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    throw invalidInput("seed", seed, "must be a whole number from 0", "Choose one and record it.");
  }
  requireConfidence(confidence);
  const values = Float64Array.from({ length: resamples }, (_, b) => redraw(createRandom(seed, b)));
  const defined = values.filter((value) => !Number.isNaN(value)).sort();
  const tail = (1 - confidence) / 2;
  return {
    estimate,
    interval: [quantileOfSorted(defined, tail), quantileOfSorted(defined, 1 - tail)],
    standardError: standardDeviation(defined),
    resamples,
    undefinedResamples: resamples - defined.length,
    seed,
    algorithm: RANDOM_ALGORITHM,
  };
}
