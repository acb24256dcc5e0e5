import { invalidInput } from "../errors.js";
import { because, requireConfidence } from "../means/t-tests.js";
import { normalQuantile } from "../numerics/distributions.js";
import { createRandom, RANDOM_ALGORITHM } from "../numerics/random.js";
import { maxSorted, requireWork } from "../resampling/bootstrap.js";
import { sorted, standardDeviation } from "../summary.js";

export type StochasticOrderResult = {
  /** Share of the squared Wasserstein distance on which A is below B: 0 = A always at least as good, 1 = B is. */
  violation: number;
  /** Upper confidence bound of it; A counts as better when below a threshold chosen beforehand (0.2 is common). */
  epsilonMin: number;
  resamples: number;
  seed: number;
  algorithm: string;
  reason?: string;
};

/**
 * Almost stochastic order: how far is "higher scores come from A at every quantile" violated? For heavy-tailed or skewed
 * scores where means mislead; higher must be better; wants n of 20 or more. `confidence` is 0.95, `resamples` 1000 when
 * absent. 0.5 when both samples are equal. Source: del Barrio et al. (2018), Dror, Shlomov & Reichart (2019).
 */
export function almostStochasticOrder(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { seed, resamples = 1000, confidence = 0.95 }: { seed: number; resamples?: number; confidence?: number },
): StochasticOrderResult {
  requireConfidence(confidence);
  if (a.length === 0) throw invalidInput("a", a.length, "is empty", "Give the scores of A.");
  if (b.length === 0) throw invalidInput("b", b.length, "is empty", "Give the scores of B.");
  requireWork(`${a.length} and ${b.length} scores`, a.length + b.length, resamples, maxSorted);
  const sortedA = sorted(a);
  const sortedB = sorted(b);
  const violation = violationRatio(sortedA, sortedB);
  const bootstrapped = Float64Array.from({ length: resamples }, (_, i) => {
    const random = createRandom(seed, i);
    const drawA = sortedA.map(() => Number(sortedA[random.integer(sortedA.length)])).sort();
    const drawB = sortedB.map(() => Number(sortedB[random.integer(sortedB.length)])).sort();
    return violationRatio(drawA, drawB);
  });
  // The √(mn/(m+n)) of the asymptotic statement cancels between the scaled deviations and the bound.
  const bound = violation + normalQuantile(confidence) * standardDeviation(bootstrapped);
  const small =
    Math.min(a.length, b.length) < 20 ? "Fewer than 20 scores in an arm: the bound is rough." : undefined;
  return {
    violation,
    epsilonMin: Math.min(1, Math.max(0, bound)),
    resamples,
    seed,
    algorithm: RANDOM_ALGORITHM,
    ...because(small),
  };
}

/**
 * ∫ max(Q_B - Q_A, 0)² / ∫ (Q_B - Q_A)² over the quantile functions, exactly: both are step functions, so the integral is a
 * sum over the merged steps i/m and j/n. 0.5 for equal samples. Arguments ascending.
 */
export function violationRatio(a: Float64Array, b: Float64Array): number {
  let violated = 0;
  let distance = 0;
  let i = 0;
  let j = 0;
  let from = 0;
  while (i < a.length && j < b.length) {
    // Whole-number comparison of (i + 1)/m and (j + 1)/n: rounding must not create slivers.
    const endA = (i + 1) * b.length;
    const endB = (j + 1) * a.length;
    const to = Math.min(endA, endB);
    const gap = Number(b[j]) - Number(a[i]);
    distance += gap * gap * (to - from);
    if (gap > 0) violated += gap * gap * (to - from);
    if (endA === to) i += 1;
    if (endB === to) j += 1;
    from = to;
  }
  return distance === 0 ? 0.5 : violated / distance;
}
