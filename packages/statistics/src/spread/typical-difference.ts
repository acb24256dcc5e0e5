import type { Interval } from "../means/t-tests.js";
import { because, requireConfidence } from "../means/t-tests.js";
import { binomialCdf, fQuantile } from "../numerics/distributions.js";
import { mean, nonFiniteReason, quantileOfSorted } from "../summary.js";

export type TypicalDifference = {
  /** Median distance between two values of a sample, in the unit of the data. */
  estimate: number;
  /** NaN below six pairs, or below what counts as six independent ones. */
  interval: Interval;
  /** Disjoint pairs: each value with the one half a sample later, in the order given. */
  pairs: number;
  /** As many independent pairs say as much; less than `pairs` where values of one block resemble each other. */
  effectivePairs: number;
  reason?: string;
};

/** Fewer pairs have no 95 % interval: 2 · 2⁻⁵ > 0.05. */
const fewest = 6;

/**
 * By how much values of one block (runs that were made at about the same time) are less than independent: 1 + (m − 1) ρ, with m values a
 * block and their intraclass correlation ρ, about the means of their samples, from F over its median, which is unbiased in the median.
 * Source: Kish (1965), Survey Sampling, §5.4; Searle, Casella & McCulloch (1992), Variance Components, §3.5.
 */
function designEffect(
  samples: readonly (readonly number[])[],
  blocks: readonly (readonly number[])[],
): number {
  const byBlock = new Map<number, number[]>();
  for (const [k, sample] of samples.entries()) {
    const centre = mean(sample);
    for (const [i, value] of sample.entries()) {
      const block = blocks[k]?.[i] ?? i;
      const own = byBlock.get(block);
      if (own) own.push(value - centre);
      else byBlock.set(block, [value - centre]);
    }
  }
  const groups = [...byBlock.values()];
  const n = groups.reduce((sum, group) => sum + group.length, 0);
  const [between, within] = [groups.length - 1, n - samples.length - groups.length + 1];
  if (between < 1 || within < 1) return 1;
  let [squaresBetween, squaresWithin] = [0, 0];
  for (const group of groups) {
    const centre = mean(group);
    squaresBetween += group.length * centre * centre;
    for (const value of group) squaresWithin += (value - centre) ** 2;
  }
  if (squaresBetween === 0) return 1;
  const excess = squaresBetween / between / (squaresWithin / within) / fQuantile(0.5, between, within) - 1;
  const size = n / groups.length;
  const correlation = excess === Number.POSITIVE_INFINITY ? 1 : Math.max(0, excess / (excess + size));
  return 1 + Math.max(0, size - 1) * correlation;
}

/**
 * How far two values of a sample typically lie apart: the median over disjoint pairs, pooled over samples (seeds), with its interval from
 * order statistics. It covers at least as often as it says for any distribution, also where samples have other spreads, which an
 * interval of the standard deviation does not. For normal values the estimate is near 0.95 SD. The order within a sample must not
 * depend on the values: give runs by repeat. Partners lie half a sample apart, so that what changes slowly enters their distance.
 *
 * With `blocks` (of every value, the time at which it was made) the interval allows for values of one block that resemble each other
 * over samples: as many pairs count as independent ones would say as much. A single sample cannot show that.
 * Source: David & Nagaraja (2003), Order Statistics, §7.1; Hoeffding (1956) for unequal samples; {@link designEffect}.
 */
export function typicalDifference(
  samples: readonly (readonly number[])[],
  { blocks, confidence = 0.95 }: { blocks?: readonly (readonly number[])[]; confidence?: number } = {},
): TypicalDifference {
  requireConfidence(confidence);
  const distances = samples.flatMap((sample) => {
    const half = Math.floor(sample.length / 2);
    return Array.from({ length: half }, (_, i) => Math.abs(Number(sample[i]) - Number(sample[i + half])));
  });
  const sorted = Float64Array.from(distances).sort();
  const n = sorted.length;
  const broken = nonFiniteReason("samples (flattened)", samples.flat());
  const effective = blocks && broken === undefined ? n / designEffect(samples, blocks) : n;
  const counted = Math.floor(effective + 1e-9);
  const tail = (1 - confidence) / 2;
  // The largest rank r whose lower tail, fewer than r pairs below the median, stays within its half.
  let rank = 0;
  while (rank < counted / 2 && binomialCdf(rank, counted, 0.5) <= tail) rank += 1;
  // The same share of all pairs.
  const place = Math.floor((rank * n) / Math.max(1, counted));
  const reason =
    broken ??
    (rank > 0
      ? undefined
      : counted < n
        ? `${n} disjoint pairs of runs say as much as ${counted} independent ones, because runs made at about the same time lie closer together than others: an interval needs ${fewest}.`
        : `${n} disjoint pairs: an interval needs ${fewest}.`);
  return {
    estimate: n === 0 ? Number.NaN : quantileOfSorted(sorted, 0.5),
    interval: rank === 0 ? [Number.NaN, Number.NaN] : [Number(sorted[place - 1]), Number(sorted[n - place])],
    pairs: n,
    effectivePairs: effective,
    ...because(reason),
  };
}
