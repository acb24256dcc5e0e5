import { invalidInput } from "../errors.js";
import { because, type Interval, requireConfidence } from "../means/t-tests.js";
import { chiSquareQuantile, fQuantile } from "../numerics/distributions.js";
import { mean, nonFiniteReason, variance } from "../summary.js";

export type PooledSpread = {
  /** Pooled standard deviation within samples, in the unit of the data. */
  sd: number;
  /** Σ(n - 1) over samples of two or more values. */
  df: number;
  /** s √(df / χ²); as wide as standardDeviationInterval of one sample. */
  interval: Interval;
  reason?: string;
};

/**
 * Spread of repeats pooled over samples (one per seed or configuration), with its interval for normal data. Samples with
 * one value add nothing. NaN without a degree of freedom, [0, 0] where no sample varies.
 */
export function pooledSpread(samples: ArrayLike<ArrayLike<number>>, confidence = 0.95): PooledSpread {
  requireConfidence(confidence);
  const used = Array.from(samples, (sample) => Array.from(sample)).filter(({ length }) => length > 1);
  const df = used.reduce((total, sample) => total + sample.length - 1, 0);
  const squares = used.reduce((total, sample) => total + variance(sample) * (sample.length - 1), 0);
  const sd = Math.sqrt(squares / df);
  const bound = (p: number) => sd * Math.sqrt(df / chiSquareQuantile(p, df));
  const tail = (1 - confidence) / 2;
  const reason =
    df === 0 ? "n too small: no sample has two values." : nonFiniteReason("samples (flattened)", used.flat());
  return { sd, df, interval: sd > 0 ? [bound(1 - tail), bound(tail)] : [sd, sd], ...because(reason) };
}

/** Mean squares of a balanced one-way or nested random design. */
export type MeanSquares = {
  msBetween: number;
  dfBetween: number;
  msWithin: number;
  dfWithin: number;
  /** Values per group. */
  size: number;
};

/**
 * Interval of the standard deviation between groups (seeds), from the mean squares of a balanced design: Williams and
 * Tukey's approximation, truncated at 0. With five groups it is wide: the upper end is about three times the estimate.
 * Source: Williams (1962); Tukey (1951); Searle, Casella & McCulloch (1992), ch. 3.
 */
export function betweenSdInterval(
  { msBetween, dfBetween, msWithin, dfWithin, size }: MeanSquares,
  confidence = 0.95,
): Interval {
  requireConfidence(confidence);
  if (!(dfBetween > 0 && dfWithin > 0)) return [Number.NaN, Number.NaN];
  const tail = (1 - confidence) / 2;
  const bound = (p: number) => {
    const excess = msBetween - msWithin * fQuantile(p, dfBetween, dfWithin);
    return Math.sqrt(Math.max(0, (dfBetween * excess) / (size * chiSquareQuantile(p, dfBetween))));
  };
  return [bound(1 - tail), bound(tail)];
}

/**
 * Share of the sum of squares of all values that lies between groups, 0..1 (η²). Over a balanced full factorial grid the
 * shares of the factors and of their interactions add up to 1; over other designs they mean nothing.
 */
export function shareBetweenGroups(groups: ArrayLike<ArrayLike<number>>): number {
  const samples = Array.from(groups, (group) => Array.from(group));
  const empty = samples.findIndex(({ length }) => length === 0);
  if (empty >= 0) throw invalidInput(`groups[${empty}]`, samples[empty], "has no values", "Leave it out.");
  const values = samples.flat();
  const grand = mean(values);
  const between = samples.reduce((total, group) => total + group.length * (mean(group) - grand) ** 2, 0);
  const all = variance(values) * (values.length - 1);
  return Math.min(1, between / all);
}
