import { invalidInput } from "../errors.js";
import { type Alternative, tPValue, tQuantile } from "../numerics/distributions.js";
import { allEqual, extremes, mean, meanFrom, nonFiniteReason, standardDeviation } from "../summary.js";

/** [low, high], in the unit of the data. */
export type Interval = [number, number];

export type TTestOptions = {
  /** Direction of the alternative; "two-sided" when absent. */
  alternative?: Alternative | undefined;
  /** Level of the interval, 0..1; 0.95 when absent. Intervals are always two-sided. */
  confidence?: number | undefined;
};

export type TTestResult = {
  statistic: number;
  pvalue: number;
  df: number;
  /** Why numbers are NaN or infinite, or why a p-value of 0 is no finding. */
  reason?: string;
};

export interface OneSampleTResult extends TTestResult {
  mean: number;
  sd: number;
  interval: Interval;
}

export interface TwoSampleTResult extends TTestResult {
  /** mean(x) - mean(y). */
  meanDiff: number;
  interval: Interval;
}

/**
 * One-sample t-test of "the mean of the population of x is mu": t = (x̄ - mu) / (s / √n), df = n - 1.
 *
 * Pitfall: mu must be a known constant. If it is itself one run, drawn like the others, the two-sided 5 % test rejects in
 * more than half of all studies (see `falsePositiveRateOfOneSampleT`); use `newObservationT` there.
 * Source: Student (1908); scipy.stats.ttest_1samp.
 */
export function oneSampleT(x: ArrayLike<number>, mu: number, options: TTestOptions = {}): OneSampleTResult {
  const sd = standardDeviation(x);
  const difference = meanFrom(x, mu);
  const result = tFromDifference({ difference, se: sd / Math.sqrt(x.length), df: x.length - 1 }, options);
  const centre = mean(x);
  const half = result.interval[1] - difference;
  return {
    ...result,
    mean: centre,
    sd,
    interval: [centre - half, centre + half],
    ...because(
      sampleReason("x", x) ??
        nonFiniteReasonOf("mu", mu) ??
        constantReason("All values of x are", x, difference),
    ),
  };
}

/** Summary of a sample as published tables give it. */
export type SummaryInput = {
  mean: number;
  /** With n - 1. */
  sd: number;
  n: number;
};

/**
 * {@link oneSampleT} from a published mean, SD (with n - 1) and n. `reject` is p < alpha; `alpha` is 0.05 when absent.
 * Rounded summaries move the p-value: the last printed digit of an SD of 0.0009 is worth 11 % of t.
 */
export function oneSampleTFromSummary(
  summary: SummaryInput,
  mu: number,
  { alpha = 0.05, ...options }: TTestOptions & { alpha?: number | undefined } = {},
): TTestResult & { reject: boolean; interval: Interval } {
  requireSummary(summary);
  const difference = summary.mean - mu;
  const result = tFromDifference(
    { difference, se: summary.sd / Math.sqrt(summary.n), df: summary.n - 1 },
    options,
  );
  return {
    ...result,
    interval: [result.interval[0] + mu, result.interval[1] + mu],
    reject: result.pvalue < alpha,
    ...because(summaryReason(summary, difference)),
  };
}

/**
 * t-interval for a mean: x̄ ± t(1 - α/2, n - 1) s / √n. NaN below two values.
 * Pitfall: it says where the mean is, not where the next run will fall (see `predictionInterval`).
 */
export function meanInterval(x: ArrayLike<number>, confidence = 0.95): Interval {
  return oneSampleT(x, 0, { confidence }).interval;
}

/**
 * Paired t-test: a one-sample t on d_i = x_i - y_i against 0. Pair on a key (seed, configuration), never on position in a
 * file. Source: scipy.stats.ttest_rel. Throws when the lengths differ.
 */
export function pairedT(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: TTestOptions = {},
): TwoSampleTResult {
  const d = pairedDifferences(x, y);
  const reason = nonFiniteReason("x", x) ?? nonFiniteReason("y", y);
  const { statistic, pvalue, df, mean: meanDiff, interval, reason: own } = oneSampleT(d, 0, options);
  const fallback = own?.replace("values of x", "differences") ?? roundingReason(x, y, d);
  return { statistic, pvalue, df, meanDiff, interval, ...because(reason ?? fallback) };
}

/**
 * Welch's t-test for two independent samples: t = (x̄ - ȳ) / √(s₁²/m + s₂²/n) with Satterthwaite's df.
 *
 * Pitfall: repeats within a seed are clustered; pass one mean per seed. Where both samples are constant, df is reported
 * as 1, as SciPy does. Source: Welch (1947); scipy.stats.ttest_ind(equal_var=False).
 */
export function welchT(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: TTestOptions = {},
): TwoSampleTResult {
  return independentT(x, y, welchStandardError(x, y), options);
}

/**
 * Student's t-test for two independent samples of equal variance: pooled SD, df = m + n - 2.
 * Pitfall: with unequal sizes and variances its level is wrong; Welch costs nearly nothing.
 * Source: scipy.stats.ttest_ind(equal_var=True).
 */
export function studentT(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: TTestOptions = {},
): TwoSampleTResult {
  const se = pooledSd(x, y) * Math.sqrt(1 / x.length + 1 / y.length);
  return independentT(x, y, { se, df: x.length + y.length - 2 }, options);
}

function independentT(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  error: { se: number; df: number },
  options: TTestOptions,
): TwoSampleTResult {
  const meanDiff = meanDifference(x, y);
  const result = tFromDifference({ difference: meanDiff, ...error }, options);
  const tooSmall = sampleReason("x", x) ?? sampleReason("y", y);
  const constant =
    allEqual(x) && allEqual(y) ? degenerateReason("Both samples are constant", meanDiff) : undefined;
  return { ...result, meanDiff, ...because(tooSmall ?? constant) };
}

/** Standard error of mean(x) - mean(y) and Satterthwaite's df, from unpooled variances. */
export function welchStandardError(x: ArrayLike<number>, y: ArrayLike<number>): { se: number; df: number } {
  const a = standardDeviation(x) ** 2 / x.length;
  const b = standardDeviation(y) ** 2 / y.length;
  const se = Math.sqrt(a + b);
  if (se === 0) return { se, df: 1 };
  // As shares of the sum, tiny variances do not underflow when squared.
  const share = a / (a + b);
  return { se, df: 1 / (share ** 2 / (x.length - 1) + (1 - share) ** 2 / (y.length - 1)) };
}

/** √(((m - 1)s₁² + (n - 1)s₂²) / (m + n - 2)); NaN when a sample has fewer than two values. */
export function pooledSd(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const squares = (x.length - 1) * standardDeviation(x) ** 2 + (y.length - 1) * standardDeviation(y) ** 2;
  return Math.sqrt(squares / (x.length + y.length - 2));
}

/** mean(x) - mean(y), from a common origin so that large offsets cancel exactly. */
export function meanDifference(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const origin = Number(x[0]);
  const difference = meanFrom(x, origin) - meanFrom(y, origin);
  return Number.isNaN(difference) ? mean(x) - mean(y) : difference;
}

/** x_i - y_i. Throws when the lengths differ. */
export function pairedDifferences(x: ArrayLike<number>, y: ArrayLike<number>): number[] {
  if (x.length !== y.length) {
    throw invalidInput(
      "y",
      y.length,
      `must have ${x.length} values, one per value of x`,
      "Pair by key and leave unpaired runs out.",
    );
  }
  return Array.from(x, (value, i) => value - Number(y[i]));
}

/** t, p and interval of an estimated difference with its standard error. A zero standard error gives ±Infinity or NaN. */
export function tFromDifference(
  { difference, se, df }: { difference: number; se: number; df: number },
  { alternative = "two-sided", confidence = 0.95 }: TTestOptions,
): TTestResult & { interval: Interval } {
  // Without a degree of freedom there is no t, whatever the caller gave as SD.
  const statistic = df > 0 ? difference / se : Number.NaN;
  const half = se === 0 ? 0 : tQuantile((1 + requireConfidence(confidence)) / 2, df) * se;
  return {
    statistic,
    pvalue: tPValue(statistic, df, alternative),
    df,
    interval: [difference - half, difference + half],
  };
}

export function requireConfidence(confidence: number): number {
  if (confidence > 0 && confidence < 1) return confidence;
  throw invalidInput("confidence", confidence, "must lie between 0 and 1", "Write 95 % as 0.95.");
}

export function requireSummary({ sd, n }: SummaryInput): void {
  if (!(Number.isInteger(n) && n >= 0))
    throw invalidInput("n", n, "must be a number of values", "Use a whole number.");
  if (sd < 0) throw invalidInput("sd", sd, "cannot be negative", "Give the standard deviation with n - 1.");
}

/** Why no t exists for a sample: fewer than two values, or values that are no numbers. */
export function sampleReason(name: string, x: ArrayLike<number>): string | undefined {
  if (x.length < 2) return `n too small: ${name} has ${x.length} value(s); a standard deviation needs two.`;
  return nonFiniteReason(name, x);
}

/** Why a t from a summary is undefined or no finding. */
export function summaryReason({ mean: centre, sd, n }: SummaryInput, difference: number): string | undefined {
  if (n < 2) return `n too small: n = ${n}; a standard deviation needs two.`;
  const notFinite = nonFiniteReasonOf("mean", centre) ?? nonFiniteReasonOf("sd", sd);
  if (notFinite !== undefined) return notFinite;
  return sd === 0 ? degenerateReason("sd is 0", difference) : undefined;
}

function constantReason(what: string, x: ArrayLike<number>, difference: number): string | undefined {
  return allEqual(x) ? degenerateReason(`${what} equal`, difference) : undefined;
}

/** Words for a test whose standard error is exactly zero. */
export function degenerateReason(what: string, difference: number): string {
  const outcome = difference === 0 ? "there is nothing to test" : "a p-value from it is not a finding";
  return `${what}: without spread t is undefined, and ${outcome}.`;
}

export function because(reason: string | undefined): { reason?: string } {
  return reason === undefined ? {} : { reason };
}

/** "mu is NaN: ..." for a single number; undefined when it is finite. */
export function nonFiniteReasonOf(name: string, value: number): string | undefined {
  return Number.isFinite(value) ? undefined : `${name} is ${value}: results that depend on it are undefined.`;
}

/** Differences that are equal but for the rounding of the inputs produce an enormous t from noise. */
function roundingReason(x: ArrayLike<number>, y: ArrayLike<number>, d: number[]): string | undefined {
  const [low, high] = extremes(d);
  const size = Math.max(...[...extremes(x), ...extremes(y)].map(Math.abs));
  if (d.length < 2 || !(high - low > 0 && high - low <= 4 * Number.EPSILON * size)) return undefined;
  return "The differences vary by no more than the rounding of x and y: treat them as equal.";
}
