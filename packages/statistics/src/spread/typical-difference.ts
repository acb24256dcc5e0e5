import type { Interval } from "../means/t-tests.js";
import { because, requireConfidence } from "../means/t-tests.js";
import { binomialCdf } from "../numerics/distributions.js";
import { nonFiniteReason, quantileOfSorted } from "../summary.js";

export type TypicalDifference = {
  /** Median distance between two values of a sample, in the unit of the data. */
  estimate: number;
  /** NaN below six pairs. */
  interval: Interval;
  /** Disjoint pairs: neighbours within each sample, in the order given. */
  pairs: number;
  reason?: string;
};

/** Fewer pairs have no 95 % interval: 2 · 2⁻⁵ > 0.05. */
const fewest = 6;

/**
 * How far two values of a sample typically lie apart: the median over disjoint pairs of neighbours, pooled over samples (seeds), with
 * its interval from order statistics. It covers at least as often as it says for any distribution, also where samples have
 * other spreads, which an interval of the standard deviation does not. For normal values the estimate is near 0.95 SD.
 * The order within a sample must not depend on the values: give runs by repeat.
 * Source: David & Nagaraja (2003), Order Statistics, §7.1; Hoeffding (1956) for unequal samples.
 */
export function typicalDifference(
  samples: readonly (readonly number[])[],
  confidence = 0.95,
): TypicalDifference {
  requireConfidence(confidence);
  const distances = samples.flatMap((sample) =>
    Array.from({ length: Math.floor(sample.length / 2) }, (_, i) =>
      Math.abs(Number(sample[2 * i]) - Number(sample[2 * i + 1])),
    ),
  );
  const sorted = Float64Array.from(distances).sort();
  const n = sorted.length;
  const tail = (1 - confidence) / 2;
  // The largest rank r whose lower tail, fewer than r pairs below the median, stays within its half.
  let rank = 0;
  while (rank < n / 2 && binomialCdf(rank, n, 0.5) <= tail) rank += 1;
  const reason =
    nonFiniteReason("samples (flattened)", samples.flat()) ??
    (rank === 0 ? `${n} disjoint pairs: an interval needs ${fewest}.` : undefined);
  return {
    estimate: n === 0 ? Number.NaN : quantileOfSorted(sorted, 0.5),
    interval: rank === 0 ? [Number.NaN, Number.NaN] : [Number(sorted[rank - 1]), Number(sorted[n - rank])],
    pairs: n,
    ...because(reason),
  };
}
