/** ROC curves and areas; like classification-metrics.ts light enough to be bundled into trainers. */

import { invalidInput } from "../errors.js";
import { requireSameLength } from "./classification-metrics.js";

/** A point of the ROC curve: the rates reached by calling every score >= `threshold` positive. */
export type RocPoint = {
  threshold: number;
  falsePositiveRate: number;
  truePositiveRate: number;
};

/**
 * Area under the ROC curve = P(score of a positive > score of a negative) + P(tie)/2, by the Mann-Whitney identity
 * O(n log n). Source: Hanley & McNeil (1982). NaN if a class is empty or a score is NaN.
 */
export function areaUnderRoc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  positiveClass: number,
): number {
  requireSameLength("scores", scores, labels);
  const values = Float64Array.from(scores);
  if (values.some(Number.isNaN)) return Number.NaN;
  const positives = values.filter((_, i) => labels[i] === positiveClass).sort();
  const negatives = values.filter((_, i) => labels[i] !== positiveClass).sort();
  let wins = 0; // twice the number of (positive, negative) pairs won, ties counting one: an exact integer
  let below = 0;
  let atMost = 0;
  for (const value of positives) {
    while (below < negatives.length && Number(negatives[below]) < value) below += 1;
    while (atMost < negatives.length && Number(negatives[atMost]) <= value) atMost += 1;
    wins += below + atMost;
  }
  return wins / (2 * positives.length * negatives.length);
}

/**
 * Macro one-vs-rest AUC for K classes, 0..1: unweighted mean of the K areas. `scores[i][k]` is the score of case i for
 * class k. NaN if one of the K classes has no case, because an average over fewer classes is another quantity.
 * Source: Fawcett (2006); scikit-learn's roc_auc_score(multi_class="ovr", average="macro").
 */
export function macroAreaUnderRoc(labels: ArrayLike<number>, scores: ArrayLike<ArrayLike<number>>): number {
  requireSameLength("scores", scores, labels);
  const classCount = scores[0]?.length ?? 0;
  let sum = 0;
  for (let k = 0; k < classCount; k++) {
    sum += areaUnderRoc(
      labels,
      Array.from(scores, (row) => Number(row[k])),
      k,
    );
  }
  return classCount === 0 ? Number.NaN : sum / classCount;
}

/**
 * The whole ROC curve, from (0, 0) at threshold +Infinity to (1, 1), one point per distinct score. Rates are NaN when a
 * class is empty; NaN scores are an error, since they have no place in the order.
 */
export function rocPoints(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  positiveClass: number,
): RocPoint[] {
  requireSameLength("scores", scores, labels);
  const values = Float64Array.from(scores);
  const nan = values.findIndex(Number.isNaN);
  if (nan >= 0)
    throw invalidInput(`scores[${nan}]`, Number.NaN, "has no place on a ROC curve", "Leave it out.");
  const order = orderByValue(values).reverse();
  let positives = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === positiveClass) positives += 1;
  const negatives = labels.length - positives;
  let tp = 0;
  let fp = 0;
  const point = (threshold: number): RocPoint => ({
    threshold,
    falsePositiveRate: fp / negatives,
    truePositiveRate: tp / positives,
  });
  const points = [point(Number.POSITIVE_INFINITY)];
  for (let at = 0; at < order.length; at++) {
    const i = order[at] ?? 0;
    if (labels[i] === positiveClass) tp += 1;
    else fp += 1;
    const next = order[at + 1];
    if (next === undefined || values[next] !== values[i]) points.push(point(Number(values[i])));
  }
  return points;
}

/** The corners of a ROC curve: points in the middle of a straight stretch are left out, the drawing stays the same. */
export function rocCorners(points: readonly RocPoint[]): RocPoint[] {
  return points.filter((point, index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    if (!before || !after) return true;
    const sameHeight =
      before.truePositiveRate === point.truePositiveRate && point.truePositiveRate === after.truePositiveRate;
    const samePlace =
      before.falsePositiveRate === point.falsePositiveRate &&
      point.falsePositiveRate === after.falsePositiveRate;
    return !sameHeight && !samePlace;
  });
}

/**
 * Sensitivity that a ROC curve reaches at ascending false-positive rates: the highest point there, on the straight line between
 * points where ties make one. For vertical averaging of several curves. Source: Fawcett (2006), algorithm 3.
 */
export function truePositiveRatesAt(
  points: readonly RocPoint[],
  falsePositiveRates: readonly number[],
): number[] {
  let after = 0;
  return falsePositiveRates.map((rate) => {
    while (after < points.length && !(Number(points[after]?.falsePositiveRate) > rate)) after += 1;
    const last = points[after - 1];
    const next = points[after];
    if (!last) return Number.NaN;
    if (!next) return last.truePositiveRate;
    const share = (rate - last.falsePositiveRate) / (next.falsePositiveRate - last.falsePositiveRate);
    return last.truePositiveRate + share * (next.truePositiveRate - last.truePositiveRate);
  });
}

/**
 * The threshold that maximises Youden's J = sensitivity + specificity - 1; the highest one on ties. To be called on
 * validation data: choosing it on the data it is reported on inflates both rates.
 */
export function youdenThreshold(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  positiveClass: number,
): number {
  let best = Number.NaN;
  let bestJ = Number.NEGATIVE_INFINITY;
  for (const { threshold, truePositiveRate, falsePositiveRate } of rocPoints(labels, scores, positiveClass)) {
    const j = truePositiveRate - falsePositiveRate;
    if (j > bestJ) {
      best = threshold;
      bestJ = j;
    }
  }
  return best;
}

/**
 * The highest threshold whose sensitivity on these (validation) data is at least `target` (0..1); NaN without positives.
 */
export function thresholdAtSensitivity(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { positiveClass, target }: { positiveClass: number; target: number },
): number {
  const reached = rocPoints(labels, scores, positiveClass).find((p) => p.truePositiveRate >= target);
  return reached?.threshold ?? Number.NaN;
}

/** Indices in ascending order of value. Typed-array sort of indices keeps a million cases fast. */
function orderByValue(values: Float64Array): Uint32Array {
  const order = Uint32Array.from(values, (_, i) => i);
  // Not a subtraction: Infinity - Infinity is NaN.
  return order.sort((a, b) => {
    const left = Number(values[a]);
    const right = Number(values[b]);
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
