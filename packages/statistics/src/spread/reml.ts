import { invalidInput } from "../errors.js";
import { because, type Interval, requireConfidence } from "../means/t-tests.js";
import { chiSquareQuantile } from "../numerics/distributions.js";
import { findRoot } from "../numerics/roots.js";
import { mean, nonFiniteReason, variance } from "../summary.js";

export type RemlComponents = {
  /** Variance of repeats of one seed (squared unit of the data). */
  varRepeat: number;
  /** Variance between seeds within a configuration, 0 where that fits best. */
  varSeed: number;
  /** varSeed / (varSeed + varRepeat). */
  icc: number;
  /** Intervals of the two standard deviations by profiled restricted likelihood. */
  sdSeedInterval: Interval;
  sdRepeatInterval: Interval;
  /** The restricted likelihood is largest at varSeed = 0. */
  truncated: boolean;
  reason?: string;
};

type Group = { size: number; mean: number; configuration: number };

/**
 * Variance between seeds (random, within configurations) and of repeats by restricted maximum likelihood: configurations
 * are fixed, cells may differ in size and be missing. In a balanced design it equals the analysis of variance wherever that
 * is not negative. Intervals are where twice the profiled restricted log-likelihood falls by a χ² quantile: with five seeds
 * they are rough and somewhat short. Source: Patterson & Thompson (1971); Searle, Casella & McCulloch (1992), ch. 6.
 *
 * @param y y[configuration][seed][repeat], in the unit of the data
 * @throws for empty cells
 */
export function varianceComponentsReml(
  y: ArrayLike<ArrayLike<ArrayLike<number>>>,
  { confidence = 0.95 }: { confidence?: number } = {},
): RemlComponents {
  requireConfidence(confidence);
  const cells = Array.from(y, (seeds) => Array.from(seeds, (repeats) => Array.from(repeats)));
  const groups: Group[] = [];
  let squares = 0;
  for (const [configuration, seeds] of cells.entries()) {
    for (const [seed, repeats] of seeds.entries()) {
      if (repeats.length === 0) {
        throw invalidInput(`y[${configuration}][${seed}]`, repeats, "has no values", "Leave the cell out.");
      }
      groups.push({ size: repeats.length, mean: mean(repeats), configuration });
      if (repeats.length > 1) squares += variance(repeats) * (repeats.length - 1);
    }
  }
  const values = groups.reduce((sum, { size }) => sum + size, 0);
  const configurations = new Set(groups.map(({ configuration }) => configuration)).size;
  const dfWithin = values - groups.length;
  const df = values - configurations;
  const reason =
    nonFiniteReason("y (flattened)", cells.flat(2)) ??
    (groups.length - configurations < 1 ? "n too small: no configuration has two seeds." : undefined) ??
    (dfWithin < 1 ? "n too small: no seed has two repeats." : undefined) ??
    (squares === 0 ? "Repeats of a seed are all equal: there is no variance within." : undefined);
  const nothing: Interval = [Number.NaN, Number.NaN];
  if (reason !== undefined) {
    const nan = Number.NaN;
    return {
      varRepeat: nan,
      varSeed: nan,
      icc: nan,
      sdSeedInterval: nothing,
      sdRepeatInterval: nothing,
      truncated: false,
      ...because(reason),
    };
  }

  /** Sum of squares around the configurations' generalised means, and the terms of the determinants, at a ratio. */
  const atRatio = (ratio: number) => {
    const weights = groups.map(({ size }) => size / (1 + ratio * size));
    const total = new Map<number, { weight: number; sum: number }>();
    for (const [index, { configuration, mean: centre }] of groups.entries()) {
      const weight = weights[index] ?? 0;
      const so = total.get(configuration) ?? { weight: 0, sum: 0 };
      total.set(configuration, { weight: so.weight + weight, sum: so.sum + weight * centre });
    }
    let between = 0;
    let determinants = 0;
    for (const [index, { configuration, mean: centre, size }] of groups.entries()) {
      const { weight, sum } = total.get(configuration) ?? { weight: 1, sum: 0 };
      between += (weights[index] ?? 0) * (centre - sum / weight) ** 2;
      determinants += Math.log1p(ratio * size);
    }
    for (const { weight } of total.values()) determinants += Math.log(weight);
    return { sum: squares + between, determinants };
  };
  /** Minus twice the restricted log-likelihood, but for a constant. */
  const deviance = (ratio: number, varRepeat: number) => {
    const { sum, determinants } = atRatio(ratio);
    return df * Math.log(varRepeat) + determinants + sum / varRepeat;
  };
  const profiled = (ratio: number) => deviance(ratio, atRatio(ratio).sum / df);

  const ratio = minimise(profiled);
  const varRepeat = atRatio(ratio).sum / df;
  const varSeed = ratio * varRepeat;
  const limit = profiled(ratio) + chiSquareQuantile(confidence, 1);

  const bestForSeed = (variance: number) =>
    leastOver((log) => deviance(variance / Math.exp(log), Math.exp(log)), Math.log(varRepeat));
  const bestForRepeat = (variance: number) => {
    const best = minimise((r) => deviance(r, variance));
    return deviance(best, variance);
  };
  return {
    varRepeat,
    varSeed,
    icc: varSeed / (varSeed + varRepeat),
    sdSeedInterval: crossings(bestForSeed, varSeed, varRepeat, limit),
    sdRepeatInterval: crossings(bestForRepeat, varRepeat, varRepeat, limit),
    truncated: ratio === 0,
  };
}

/** The ratio of variances ≥ 0 at which a profile is least: a search over logarithms, compared with the bound 0. */
function minimise(profile: (ratio: number) => number): number {
  let least = -30;
  for (let log = -30; log <= 30; log += 0.5) {
    if (profile(Math.exp(log)) < profile(Math.exp(least))) least = log;
  }
  const log = goldenSection((at) => profile(Math.exp(at)), least - 0.5, least + 0.5);
  const ratio = Math.exp(log);
  // Derivatives at the bound are finite, so a profile that only falls towards 0 has its least value there.
  return profile(ratio) < profile(0) ? ratio : 0;
}

/** The least value of a function of one variable near a place. */
function leastOver(f: (x: number) => number, near: number): number {
  let centre = near;
  for (let step = 0; step < 60; step++) {
    const [left, here, right] = [f(centre - 0.5), f(centre), f(centre + 0.5)];
    if (here <= left && here <= right) break;
    centre += left < right ? -0.5 : 0.5;
  }
  return f(goldenSection(f, centre - 0.5, centre + 0.5));
}

const golden = (Math.sqrt(5) - 1) / 2;

/** Where a function with one least value between two places has it. */
function goldenSection(f: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  while (b - a > 1e-9) {
    const left = b - golden * (b - a);
    const right = a + golden * (b - a);
    if (f(left) < f(right)) b = right;
    else a = left;
  }
  return (a + b) / 2;
}

/** Standard deviations between which the profile of a variance stays below a limit. */
function crossings(
  profile: (variance: number) => number,
  best: number,
  scale: number,
  limit: number,
): Interval {
  const excess = (variance: number) => profile(variance) - limit;
  const smallest = scale * 1e-8;
  const start = Math.max(best, smallest);
  const low = best > smallest && excess(smallest) > 0 ? findRoot(excess, smallest, start, 1e-9) : 0;
  let high = Math.max(best, scale);
  while (excess(high) < 0 && high < scale * 1e12) high *= 4;
  return [Math.sqrt(low), Math.sqrt(findRoot(excess, start, high, 1e-9))];
}
