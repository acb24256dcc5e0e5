import { quantileOfSorted, sorted, standardDeviation } from "../summary.js";

/** A box plot in numbers. */
export type Box = {
  /** Smallest value not below q1 − 1.5 (q3 − q1). */
  low: number;
  q1: number;
  median: number;
  q3: number;
  /** Largest value not above q3 + 1.5 (q3 − q1). */
  high: number;
};

/**
 * Quartiles by linear interpolation (type 7) and whiskers at the furthest values within 1.5 interquartile ranges of the
 * box. Null for an empty sample or one with a value that is not finite. Source: Tukey (1977).
 */
export function boxOf(x: ArrayLike<number>): Box | null {
  const ascending = sorted(x);
  if (ascending.length === 0 || !ascending.every(Number.isFinite)) return null;
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((p) => quantileOfSorted(ascending, p));
  if (q1 === undefined || median === undefined || q3 === undefined) return null;
  const reach = 1.5 * (q3 - q1);
  const within = ascending.filter((value) => value >= q1 - reach && value <= q3 + reach);
  return { low: within[0] ?? q1, q1, median, q3, high: within.at(-1) ?? q3 };
}

export type KernelDensity = {
  /** Standard deviation of the Gaussian kernel, in the unit of the values. */
  bandwidth: number;
  /** Equally spaced places, from three bandwidths below the smallest value to three above the largest. */
  at: number[];
  /** Density there, per unit of the values; its integral is 1. */
  density: number[];
};

/**
 * Gaussian kernel density with Silverman's rule of thumb, h = 0.9 min(s, IQR / 1.34) n^(−1/5) (s alone where the
 * interquartile range is 0). Null below two values, without a spread, or with a value that is not finite.
 *
 * Pitfalls: smooths over gaps, and reaches beyond bounds such as 0 and 1. Source: Silverman (1986), eq. 3.31.
 */
export function kernelDensity(x: ArrayLike<number>, points = 96): KernelDensity | null {
  const ascending = sorted(x);
  const n = ascending.length;
  if (n < 2 || !ascending.every(Number.isFinite)) return null;
  const sd = standardDeviation(ascending);
  const iqr = quantileOfSorted(ascending, 0.75) - quantileOfSorted(ascending, 0.25);
  const bandwidth = 0.9 * (iqr > 0 ? Math.min(sd, iqr / 1.34) : sd) * n ** -0.2;
  if (!(bandwidth > 0)) return null;
  const from = (ascending[0] ?? 0) - 3 * bandwidth;
  const step = ((ascending[n - 1] ?? 0) + 3 * bandwidth - from) / (points - 1);
  const at = Array.from({ length: points }, (_, index) => from + index * step);
  const scale = 1 / (n * bandwidth * Math.sqrt(2 * Math.PI));
  const density = at.map((place) => {
    let sum = 0;
    for (const value of ascending) sum += Math.exp(-(((place - value) / bandwidth) ** 2) / 2);
    return sum * scale;
  });
  return { bandwidth, at, density };
}
