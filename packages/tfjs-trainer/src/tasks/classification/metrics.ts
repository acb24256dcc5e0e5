import {
  confusionCountsFromScores,
  predictedClass,
  thresholdAtSensitivity,
  youdenThreshold,
} from "@reprise/statistics";
import { measureClasses, measurePositive, splitMetrics } from "../metric-table.js";
import type { ClassificationPlan } from "./plan.js";

/** Scores of one split with their labels. */
export type Scored = {
  labels: Int32Array;
  scores: number[][];
};

function positiveScores(scores: number[][], positiveClass: number): Float64Array {
  const positive = new Float64Array(scores.length);
  for (const [i, row] of scores.entries()) positive[i] = row[positiveClass] ?? Number.NaN;
  return positive;
}

/** Where no threshold could be chosen, nothing is decided. */
const undecided = { tp: Number.NaN, fp: Number.NaN, fn: Number.NaN, tn: Number.NaN };

/**
 * The threshold on the positive class's score, by the declared rule; never from test data. Null for more than two
 * classes, and where validation scores are not numbers (a diverged run).
 */
export function chooseThreshold(
  plan: Pick<ClassificationPlan, "positiveClass" | "threshold">,
  validation: Scored,
): number | null {
  const { positiveClass, threshold } = plan;
  if (positiveClass === null) return null;
  if (threshold.rule === "fixed") return threshold.value;
  const scores = positiveScores(validation.scores, positiveClass);
  if (scores.some(Number.isNaN)) return null;
  const chosen =
    threshold.rule === "youdenOnValidation"
      ? youdenThreshold(validation.labels, scores, positiveClass)
      : thresholdAtSensitivity(validation.labels, scores, { positiveClass, target: threshold.value });
  return Number.isNaN(chosen) ? null : chosen;
}

/**
 * Metrics of one split, without the split's name. Where a class is declared positive: at the threshold, for that class.
 * Otherwise: most probable class, averages over the classes.
 */
export function classificationMetrics(
  { labels, scores }: Scored,
  { positiveClass, threshold }: { positiveClass: number | null; threshold: number | null },
): [name: string, value: number][] {
  if (positiveClass === null)
    return measureClasses(splitMetrics, { labels, scores, predictions: scores.map(predictedClass) });
  const positive = positiveScores(scores, positiveClass);
  const counts =
    threshold === null
      ? undecided
      : confusionCountsFromScores(labels, positive, { threshold, positiveClass });
  return measurePositive(splitMetrics, { labels, scores, positiveClass, positive, counts });
}
