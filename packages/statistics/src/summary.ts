/** Summaries of one sample. No distributions here, so that trainers can bundle this file. */
import { invalidInput } from "./errors.js";

/** What a table of repeats prints about a sample. Units are those of the data. */
export type SampleSummary = {
  n: number;
  mean: number;
  /** Standard deviation with n - 1; NaN below two values. */
  sd: number;
  min: number;
  max: number;
  /** max - min. */
  range: number;
  median: number;
  /** Number of different values: below three or so, means and t-tests describe little. */
  distinct: number;
};

/** Sum with Neumaier's compensation: the error does not grow with n. Source: Neumaier (1974). */
export function sum(x: ArrayLike<number>): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < x.length; i++) {
    const value = Number(x[i]);
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  // Once the total is infinite, the compensation is NaN and means nothing.
  return Number.isFinite(total) ? total + lost : total;
}

/** True when all values are the same number (exactly, no tolerance); an empty sample is. NaN equals nothing. */
export function allEqual(x: ArrayLike<number>): boolean {
  for (let i = 0; i < x.length; i++) if (x[i] !== x[0]) return false;
  return true;
}

/** Arithmetic mean; NaN for an empty sample. A constant sample has exactly its constant as mean. */
export function mean(x: ArrayLike<number>): number {
  if (x.length > 0 && allEqual(x)) return Number(x[0]);
  return sum(x) / x.length;
}

/** Mean of x - origin, exact to rounding even where the mean of x itself would lose the difference. */
export function meanFrom(x: ArrayLike<number>, origin: number): number {
  return mean(Array.from(x, (value) => value - origin));
}

/**
 * Variance with n - 1, by the corrected two-pass formula: survives large offsets. Exactly 0 for a constant sample, NaN
 * below two values. Source: Chan, Golub & LeVeque (1983).
 */
export function variance(x: ArrayLike<number>): number {
  if (x.length < 2) return Number.NaN;
  if (allEqual(x)) return 0;
  const centre = mean(x);
  let squares = 0;
  let deviations = 0;
  for (let i = 0; i < x.length; i++) {
    const deviation = Number(x[i]) - centre;
    squares += deviation * deviation;
    deviations += deviation;
  }
  return (squares - (deviations * deviations) / x.length) / (x.length - 1);
}

/** Standard deviation with n - 1, in the unit of x. Scaled, so that 1e-200 or 1e200 neither under- nor overflow. */
export function standardDeviation(x: ArrayLike<number>): number {
  const [low, high] = extremes(x);
  const range = high - low;
  if (!(range > 0) || !Number.isFinite(range)) return Math.sqrt(variance(x));
  if (range > 1e-140 && range < 1e140) return Math.sqrt(variance(x));
  return range * Math.sqrt(variance(Array.from(x, (value) => (value - low) / range)));
}

/** [smallest, largest]; [Infinity, -Infinity] for an empty sample, [NaN, NaN] if a value is NaN. */
export function extremes(x: ArrayLike<number>): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < x.length; i++) {
    const value = Number(x[i]);
    if (Number.isNaN(value)) return [Number.NaN, Number.NaN];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Ascending copy. */
export function sorted(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x).sort();
}

/**
 * Quantile by linear interpolation between order statistics (Hyndman & Fan's type 7, the default of NumPy and R).
 * `p` in 0..1. NaN for an empty sample or if a value is NaN.
 */
export function quantile(x: ArrayLike<number>, p: number): number {
  return quantileOfSorted(sorted(x), p);
}

/** {@link quantile} of values already ascending, NaN last, as {@link sorted} leaves them. */
export function quantileOfSorted(ascending: ArrayLike<number>, p: number): number {
  if (!(p >= 0 && p <= 1)) throw invalidInput("p", p, "must be a probability", "Use a number from 0 to 1.");
  const last = ascending.length - 1;
  if (last < 0 || Number.isNaN(ascending[last])) return Number.NaN;
  const position = last * p;
  const below = Math.floor(position);
  const low = Number(ascending[below]);
  const high = Number(ascending[Math.min(below + 1, last)]);
  return low === high ? low : low + (high - low) * (position - below);
}

/** The middle value, or the mean of the two middle values. */
export function median(x: ArrayLike<number>): number {
  const ascending = sorted(x);
  const n = ascending.length;
  if (n === 0 || Number.isNaN(ascending[n - 1])) return Number.NaN;
  const upper = Number(ascending[n >> 1]);
  if (n % 2 === 1) return upper;
  const lower = Number(ascending[(n >> 1) - 1]);
  return lower === upper ? lower : (lower + upper) / 2;
}

/**
 * Mean after cutting floor(proportion * n) values from each end (SciPy's trim_mean). Nothing is cut from fewer than
 * 1 / proportion values, which makes it the plain mean there.
 */
export function trimmedMean(x: ArrayLike<number>, proportion: number): number {
  if (!(proportion >= 0 && proportion < 0.5)) {
    throw invalidInput("proportion", proportion, "must leave values over", "Use 0 or more, below 0.5.");
  }
  const ascending = sorted(x);
  if (Number.isNaN(ascending[ascending.length - 1])) return Number.NaN;
  const cut = Math.floor(proportion * ascending.length);
  return mean(ascending.subarray(cut, ascending.length - cut));
}

/**
 * Interquartile mean: the mean of the middle half, a 25 % trimmed mean. Robust to single failed runs and uses more of the
 * data than the median; averages a bad dataset away. Source: Agarwal et al. (2021). NaN for an empty sample.
 */
export function interquartileMean(x: ArrayLike<number>): number {
  return trimmedMean(x, 0.25);
}

/** {@link SampleSummary} of a sample of any size; undefined entries are NaN. */
export function summarize(x: ArrayLike<number>): SampleSummary {
  const [min, max] = x.length === 0 ? [Number.NaN, Number.NaN] : extremes(x);
  return {
    n: x.length,
    mean: mean(x),
    sd: standardDeviation(x),
    min,
    max,
    range: max - min,
    median: median(x),
    distinct: new Set(Array.from(x)).size,
  };
}

/** Which value makes a formula undefined, in words: "x[3] is NaN"; undefined when all are finite. */
export function nonFiniteReason(name: string, x: ArrayLike<number>): string | undefined {
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i])) return `${name}[${i}] is ${x[i]}: results that depend on it are undefined.`;
  }
  return undefined;
}
