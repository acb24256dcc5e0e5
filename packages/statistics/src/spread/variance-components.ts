import { invalidInput } from "../errors.js";
import { because } from "../means/t-tests.js";
import { fUpperTail } from "../numerics/distributions.js";
import { mean, nonFiniteReason, variance } from "../summary.js";

export type OnewayComponents = {
  msBetween: number;
  msWithin: number;
  /** Variance of repeats within a group (squared unit of the data). */
  varWithin: number;
  /** Moment estimate of the variance between groups; negative when repeats vary more than group means explain. */
  varBetweenRaw: number;
  /** The same, truncated at 0. */
  varBetween: number;
  /** varBetweenRaw / (varBetweenRaw + varWithin): the correlation of two repeats of one group, negative where they repel. */
  icc1: number;
  /** varBetween / (varBetween + varWithin): the share of the variance that lies between groups; at least 0. */
  shareBetween: number;
  /** F-test of "no variance between groups". */
  statistic: number;
  df: [number, number];
  pvalue: number;
  /** The raw estimate was negative and reported as 0. */
  truncated: boolean;
  /** Groups differ in size: moment estimates with the weighted size n0, REML would be preferable. */
  warning?: string;
  reason?: string;
};

/**
 * Variance between and within groups (e.g. seeds and repeats) by one-way analysis of variance: varWithin = MSW,
 * varBetween = (MSB - MSW) / n. With five groups the interval is wide: print it. Source: Searle, Casella & McCulloch (1992);
 * ICC(1) of Shrout & Fleiss (1979).
 */
export function varianceComponentsOneway(groups: ArrayLike<ArrayLike<number>>): OnewayComponents {
  const samples = Array.from(groups, (group) => Array.from(group));
  const k = samples.length;
  if (k < 2) throw invalidInput("groups", k, "must hold at least two groups", "Add a group.");
  const empty = samples.findIndex((group) => group.length === 0);
  if (empty >= 0) throw invalidInput(`groups[${empty}]`, samples[empty], "has no values", "Leave it out.");
  const n = samples.reduce((total, group) => total + group.length, 0);
  const grand = mean(samples.flat());
  let between = 0;
  let within = 0;
  for (const group of samples) {
    between += group.length * (mean(group) - grand) ** 2;
    within += group.length > 1 ? variance(group) * (group.length - 1) : 0;
  }
  const df: [number, number] = [k - 1, n - k];
  const msBetween = between / df[0];
  const msWithin = within / df[1];
  const size = (n - samples.reduce((total, group) => total + group.length ** 2, 0) / n) / (k - 1);
  const varBetweenRaw = (msBetween - msWithin) / size;
  const varBetween = Math.max(varBetweenRaw, 0);
  const statistic = msBetween / msWithin;
  const balanced = samples.every((group) => group.length === samples[0]?.length);
  const reason =
    samples.map((group, i) => nonFiniteReason(`groups[${i}]`, group)).find((found) => found !== undefined) ??
    (df[1] === 0 ? "n too small: without repeats in a group there is no variance within." : undefined) ??
    (msWithin === 0 && msBetween === 0
      ? "All values are equal: there is no variance to share out."
      : undefined);
  return {
    msBetween,
    msWithin,
    varWithin: msWithin,
    varBetweenRaw,
    varBetween,
    icc1: varBetweenRaw / (varBetweenRaw + msWithin),
    shareBetween: varBetween / (varBetween + msWithin),
    statistic,
    df,
    pvalue: fUpperTail(statistic, ...df),
    truncated: varBetweenRaw < 0,
    ...(!balanced && { warning: "Groups differ in size: moment estimates; REML would be preferable." }),
    ...because(reason),
  };
}

export type NestedComponents = {
  varRepeat: number;
  varSeedRaw: number;
  varSeed: number;
  msOptimizer: number;
  msSeed: number;
  /** Tests the fixed factor against seeds, the level at which it was randomised. */
  fOptimizer: number;
  dfOptimizer: [number, number];
  pOptimizer: number;
  truncated: boolean;
  reason?: string;
};

/**
 * Balanced nested design y[optimizer][seed][repeat]: optimizer fixed, seed random within optimizer, repeat residual.
 *
 * Pitfall: testing the optimizer against repeats instead of seeds (pseudo-replication) rejects nearly always. Throws when
 * the design is not balanced. Source: Montgomery, Design and Analysis of Experiments, two-stage nested designs.
 */
export function varianceComponentsNested(y: ArrayLike<ArrayLike<ArrayLike<number>>>): NestedComponents {
  const cells = Array.from(y, (seeds) => Array.from(seeds, (repeats) => Array.from(repeats)));
  const a = cells.length;
  const b = cells[0]?.length ?? 0;
  const n = cells[0]?.[0]?.length ?? 0;
  requireBalanced(cells, b, n);
  const grand = mean(cells.flat(2));
  let optimizerSquares = 0;
  let seedSquares = 0;
  let repeatSquares = 0;
  for (const seeds of cells) {
    const centre = mean(seeds.flat());
    optimizerSquares += b * n * (centre - grand) ** 2;
    for (const repeats of seeds) {
      seedSquares += n * (mean(repeats) - centre) ** 2;
      if (n > 1) repeatSquares += (n - 1) * variance(repeats);
    }
  }
  const dfOptimizer: [number, number] = [a - 1, a * (b - 1)];
  const msOptimizer = optimizerSquares / dfOptimizer[0];
  const msSeed = seedSquares / dfOptimizer[1];
  const varRepeat = repeatSquares / (a * b * (n - 1));
  const varSeedRaw = (msSeed - varRepeat) / n;
  const fOptimizer = msOptimizer / msSeed;
  const reason =
    nonFiniteReason("y (flattened)", cells.flat(2)) ??
    (a < 2 || b < 2 || n < 2
      ? `n too small: ${a} optimizers, ${b} seeds, ${n} repeats; each needs two.`
      : undefined) ??
    (msSeed === 0 ? "Seeds do not differ: F has the denominator 0." : undefined);
  return {
    varRepeat,
    varSeedRaw,
    varSeed: Math.max(varSeedRaw, 0),
    msOptimizer,
    msSeed,
    fOptimizer,
    dfOptimizer,
    pOptimizer: fUpperTail(fOptimizer, ...dfOptimizer),
    truncated: varSeedRaw < 0,
    ...because(reason),
  };
}

function requireBalanced(cells: number[][][], b: number, n: number): void {
  if (cells.length === 0) throw invalidInput("y", cells, "is empty", "Give y[optimizer][seed][repeat].");
  cells.forEach((seeds, i) => {
    if (seeds.length !== b) {
      throw invalidInput(`y[${i}]`, seeds.length, `must have ${b} seeds, as y[0] has`, "Balance the design.");
    }
    seeds.forEach((repeats, j) => {
      if (repeats.length === n) return;
      throw invalidInput(
        `y[${i}][${j}]`,
        repeats.length,
        `must have ${n} repeats, as y[0][0] has`,
        "Balance the design.",
      );
    });
  });
}
