import {
  differenceRange,
  meanInterval,
  pooledMeanShift,
  type SeedBlock,
  standardDeviation,
  withinRange,
} from "@reprise/statistics";
import type { MetricWords } from "../metric-words.js";
import type { Comparison } from "./significance-tests.js";

type Bounds = { low: number; high: number };

/** Whether deterministic runs and repeats are shown to agree within the margin of the plan: on average, and at each seed. */
export type Equivalence = Bounds & {
  margin: number;
  df: number;
  shown: boolean;
  /** Each deterministic value against the mean of the repeats of its seed, with the spread of that seed. */
  seeds: (Bounds & { seed: number; shown: boolean })[];
};

/**
 * Two one-sided tests of the mean shift over these seeds, and of the difference at every single one. All seeds together lie
 * within the margin at the level of one test, because all must (Berger 1982, intersection-union). The difference at a seed is that of
 * its deterministic value, as it repeats, from the mean of repeats; a mean over seeds hides differences of opposite sign.
 */
export function equivalenceOf(
  comparisons: readonly Comparison[],
  blocks: readonly SeedBlock[],
  metric: MetricWords,
  { margin, alpha }: { margin: number; alpha: number },
): Equivalence {
  const bounded = (interval: [number, number]): Bounds => {
    const [low, high] = withinRange(interval, differenceRange(metric.check?.range));
    return { low, high };
  };
  const within = ({ low, high }: Bounds) => low > -margin && high < margin;
  const confidence = 1 - 2 * alpha;
  const pooled = pooledMeanShift(blocks, { confidence });
  const mean = bounded(pooled.interval);
  return {
    ...mean,
    margin,
    df: pooled.df,
    shown: within(mean),
    seeds: comparisons.map(({ cell, reference, sample }) => {
      const value = reference ?? Number.NaN;
      // Repeats that do not vary have no t interval: their mean is what it is.
      const [low, high] =
        standardDeviation(sample.values) > 0
          ? meanInterval(sample.values, confidence)
          : [sample.values[0] ?? Number.NaN, sample.values[0] ?? Number.NaN];
      const difference = bounded([value - high, value - low]);
      return { seed: cell.group.seed, ...difference, shown: within(difference) };
    }),
  };
}
