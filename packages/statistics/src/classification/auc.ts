import { invalidInput } from "../errors.js";
import { because, type Interval, requireConfidence } from "../means/t-tests.js";
import { normalPValue, normalQuantile } from "../numerics/distributions.js";
import { mean } from "../summary.js";

export type DelongResult = {
  aucA: number;
  varA: number;
  /** Normal interval aucA ± z √varA, clipped to 0..1. */
  ciA: Interval;
  aucB?: number;
  varB?: number;
  ciB?: Interval;
  cov?: number;
  /** (aucA - aucB) / √(varA + varB - 2 cov). */
  z?: number;
  pvalue?: number;
  reason?: string;
};

/**
 * Area under the ROC curve with DeLong's variance, for one score or two scores of the same cases. `labels` are 1 (positive)
 * and 0 (negative).
 *
 * Pitfalls: the variance is 0 at AUC = 1, where the interval collapses; cases of one patient are not independent (use
 * `clusteredAuc`). Identical curves give z = 0, p = 1 (as pROC does). O(n log n).
 * Source: DeLong, DeLong & Clarke-Pearson (1988).
 */
export function delong(
  labels: ArrayLike<number>,
  scoresA: ArrayLike<number>,
  scoresB?: ArrayLike<number>,
  { confidence = 0.95 }: { confidence?: number } = {},
): DelongResult {
  const z = normalQuantile((1 + requireConfidence(confidence)) / 2);
  requireBinary(labels);
  const a = placements("scoresA", labels, scoresA);
  const varA = covariance(a, a);
  const interval = (auc: number, v: number): Interval => [
    Math.max(0, auc - z * Math.sqrt(v)),
    Math.min(1, auc + z * Math.sqrt(v)),
  ];
  const single = { aucA: a.auc, varA, ciA: interval(a.auc, varA) };
  const reasonA = delongReason("scoresA", scoresA, a, varA);
  if (scoresB === undefined) return { ...single, ...because(reasonA) };
  const b = placements("scoresB", labels, scoresB);
  const varB = covariance(b, b);
  const cov = covariance(a, b);
  const variance = varA + varB - 2 * cov;
  const difference = a.auc - b.auc;
  // Curves that place every case alike have variance 0 exactly; rounding must not decide that.
  const alike = sameValues(a.positives, b.positives) && sameValues(a.negatives, b.negatives);
  const statistic = alike ? 0 : difference / Math.sqrt(Math.max(0, variance));
  const reasonPair = alike ? "Both scores order the cases alike: there is no difference to test." : undefined;
  return {
    ...single,
    aucB: b.auc,
    varB,
    ciB: interval(b.auc, varB),
    cov,
    z: statistic,
    pvalue: normalPValue(statistic, "two-sided"),
    ...because(reasonA ?? delongReason("scoresB", scoresB, b, varB) ?? reasonPair),
  };
}

/** Where every case stands among those of the other class: what the variance of an area is made of. */
export type Placements = {
  auc: number;
  /** For each positive case the share of negatives it beats (V10), for each negative the share of positives that beat it. */
  positives: Float64Array;
  negatives: Float64Array;
};

/**
 * Placements of the cases of both classes, in their order among `labels` (1 positive, 0 negative), in O(n log n).
 * All NaN where a score is NaN. Source: DeLong, DeLong & Clarke-Pearson (1988).
 */
export function placements(name: string, labels: ArrayLike<number>, scores: ArrayLike<number>): Placements {
  if (scores.length !== labels.length) {
    throw invalidInput(name, scores.length, `must have ${labels.length} values, one per label`, "Pair them.");
  }
  const n = labels.length;
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(Number(scores[i]))) {
      const none = Float64Array.of(Number.NaN);
      return { auc: Number.NaN, positives: none, negatives: none };
    }
    if (labels[i] === 1) count += 1;
  }
  const positives = new Float64Array(count);
  const negatives = new Float64Array(n - count);
  for (let i = 0, p = 0, q = 0; i < n; i++) {
    if (labels[i] === 1) positives[p++] = Number(scores[i]);
    else negatives[q++] = Number(scores[i]);
  }
  const [ascendingPositives, ascendingNegatives] = [positives.slice().sort(), negatives.slice().sort()];
  for (let p = 0; p < positives.length; p++)
    positives[p] = atMostHalf(ascendingNegatives, Number(positives[p])) / negatives.length;
  for (let q = 0; q < negatives.length; q++)
    negatives[q] = 1 - atMostHalf(ascendingPositives, Number(negatives[q])) / ascendingPositives.length;
  return { auc: mean(positives), positives, negatives };
}

/** How many values lie below one, each that equals it counting half. */
function atMostHalf(ascending: Float64Array, value: number): number {
  return (firstAbove(ascending, value, false) + firstAbove(ascending, value, true)) / 2;
}

/** Place of the first value above one, or at least as large. */
function firstAbove(ascending: Float64Array, value: number, orEqual: boolean): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const there = ascending[middle] ?? 0;
    if (orEqual ? there >= value : there > value) to = middle;
    else from = middle + 1;
  }
  return from;
}

function covariance(a: Placements, b: Placements): number {
  return (
    covarianceOf(a.positives, b.positives) / a.positives.length +
    covarianceOf(a.negatives, b.negatives) / a.negatives.length
  );
}

function covarianceOf(x: Float64Array, y: Float64Array): number {
  const centreX = mean(x);
  const centreY = mean(y);
  let total = 0;
  for (let i = 0; i < x.length; i++) total += (Number(x[i]) - centreX) * (Number(y[i]) - centreY);
  return total / (x.length - 1);
}

function sameValues(x: Float64Array, y: Float64Array): boolean {
  return x.every((value, i) => value === y[i]);
}

function delongReason(
  name: string,
  scores: ArrayLike<number>,
  { positives, negatives }: Placements,
  v: number,
): string | undefined {
  if (Array.from(scores).some(Number.isNaN)) return `${name} contains NaN, which has no rank.`;
  if (positives.length === 0 || negatives.length === 0) return "n too small: a class has no case.";
  if (positives.length === 1 || negatives.length === 1)
    return "n too small: a variance needs two cases of each class.";
  return v === 0
    ? `The variance of the area of ${name} is 0 (perfect or constant order): its interval has no width and shows no uncertainty.`
    : undefined;
}

/** @throws {StatisticsError} naming the first label that is neither 0 nor 1 */
export function requireBinary(labels: ArrayLike<number>): void {
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0 || labels[i] === 1) continue;
    throw invalidInput(
      `labels[${i}]`,
      labels[i],
      "must be 0 or 1",
      "Recode: 1 for the declared positive class, 0 for the rest.",
    );
  }
}
