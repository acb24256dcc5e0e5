import { invalidInput } from "../errors.js";
import { because, type Interval, requireConfidence } from "../means/t-tests.js";
import { normalCdf, normalQuantile } from "../numerics/distributions.js";
import {
  allEqual,
  extremes,
  interquartileMean,
  mean,
  median,
  quantileOfSorted,
  sorted,
  standardDeviation,
} from "../summary.js";

export const BOOTSTRAP_STATISTICS = {
  mean,
  median,
  iqm: interquartileMean,
  sd: standardDeviation,
  range: (x: ArrayLike<number>) => {
    const [low, high] = extremes(x);
    return high - low;
  },
} as const;

export type BootstrapStatistic = keyof typeof BOOTSTRAP_STATISTICS;

export type BootstrapIntervals = {
  /** Bias-corrected and accelerated. NaN where it is undefined: constant data, or an estimate outside its own resamples. */
  bca: Interval;
  percentile: Interval;
  estimate: number;
  reason?: string;
};

/**
 * Intervals from a given bootstrap distribution: percentile (type 7 quantiles) and BCa with mid-rank bias correction
 * z0 = Φ⁻¹((P(b < θ) + P(b <= θ)) / 2) and jackknife acceleration.
 * Pitfall: below n = 8 or so both cover less than they say. Source: Efron & Tibshirani (1993) ch. 14; scipy.stats.bootstrap.
 */
export function bootstrapIntervals(
  x: ArrayLike<number>,
  bootstrapDistribution: ArrayLike<number>,
  { statistic = "mean", confidence = 0.95 }: { statistic?: BootstrapStatistic; confidence?: number } = {},
): BootstrapIntervals {
  requireConfidence(confidence);
  const compute = BOOTSTRAP_STATISTICS[statistic];
  // Ties of the estimate with resamples decide z0: add up as NumPy does, or they differ in the last bit.
  const estimate = statistic === "mean" ? blockwiseSum(x, 0, x.length) / x.length : compute(x);
  const resamples = sorted(bootstrapDistribution);
  const tail = (1 - confidence) / 2;
  const percentile: Interval = [quantileOfSorted(resamples, tail), quantileOfSorted(resamples, 1 - tail)];
  const undefinedReason = degenerateDistribution(x, resamples);
  if (undefinedReason !== undefined) {
    return { bca: [Number.NaN, Number.NaN], percentile, estimate, reason: undefinedReason };
  }
  const jackknife = jackknifeValues(x, statistic);
  const acceleration = accelerationOf(jackknife);
  const below = countBelow(resamples, estimate, false);
  const atMost = countBelow(resamples, estimate, true);
  const z0 = normalQuantile((below + atMost) / (2 * resamples.length));
  const level = (z: number) => {
    const shifted = z0 + z;
    return normalCdf(z0 + shifted / (1 - acceleration * shifted));
  };
  const levels = [level(normalQuantile(tail)), level(-normalQuantile(tail))];
  const [low, high] = levels.map((p) => (Number.isNaN(p) ? Number.NaN : quantileOfSorted(resamples, p)));
  const reason = levels.some(Number.isNaN)
    ? "BCa is undefined: leaving out any value changes nothing, or the estimate lies outside its resamples."
    : undefined;
  return { bca: [low ?? Number.NaN, high ?? Number.NaN], percentile, estimate, ...because(reason) };
}

/** NumPy's summation: eight running sums per block of up to 128 values, larger ranges halved. */
function blockwiseSum(x: ArrayLike<number>, from: number, to: number): number {
  const n = to - from;
  if (n > 128) {
    const half = Math.floor(n / 2) - (Math.floor(n / 2) % 8);
    return blockwiseSum(x, from, from + half) + blockwiseSum(x, from + half, to);
  }
  const lanes = n < 8 ? 1 : 8;
  const whole = n - (n % lanes);
  const sums = new Array<number>(lanes).fill(0);
  for (let i = 0; i < whole; i++) sums[i % lanes] = Number(sums[i % lanes]) + Number(x[from + i]);
  let [total = 0] = sums;
  if (lanes === 8) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = sums;
    total = a + b + (c + d) + (e + f + (g + h));
  }
  for (let i = from + whole; i < to; i++) total += Number(x[i]);
  return total;
}

function degenerateDistribution(x: ArrayLike<number>, resamples: Float64Array): string | undefined {
  if (x.length < 2) return `n too small: x has ${x.length} value(s).`;
  if (resamples.length === 0) return "The bootstrap distribution is empty.";
  if (Number.isNaN(resamples.at(-1)) || Array.from(x).some(Number.isNaN)) return "A value is NaN.";
  return allEqual(resamples) ? "The bootstrap distribution is constant: BCa is undefined." : undefined;
}

/** The statistic with each value left out in turn; O(n) for the mean, one sort per value otherwise. */
function jackknifeValues(x: ArrayLike<number>, statistic: BootstrapStatistic): number[] {
  const values = Array.from(x);
  const n = values.length;
  if (statistic === "mean") {
    const centre = mean(values);
    return values.map((value) => centre - (value - centre) / (n - 1));
  }
  if (n > 5000)
    throw invalidInput(
      "x",
      n,
      "is too long for the jackknife of this statistic (limit 5000)",
      "Use the mean.",
    );
  return values.map((_, i) => BOOTSTRAP_STATISTICS[statistic](values.toSpliced(i, 1)));
}

/** NaN when all jackknife values are equal. */
function accelerationOf(jackknife: number[]): number {
  if (allEqual(jackknife)) return Number.NaN;
  const centre = mean(jackknife);
  let cubes = 0;
  let squares = 0;
  for (const value of jackknife) {
    cubes += (centre - value) ** 3;
    squares += (centre - value) ** 2;
  }
  return cubes / (6 * squares ** 1.5);
}

function countBelow(ascending: Float64Array, value: number, inclusive: boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = Number(ascending[middle]);
    if (at < value || (inclusive && at === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
