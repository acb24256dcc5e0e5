import {
  accuracy,
  accuracyOfCounts,
  areaUnderRoc,
  balancedAccuracy,
  confusionCountsFromScores,
  f1Score,
  logLoss,
  macroAreaUnderRoc,
  macroF1,
  macroRecall,
  predictedClass,
  sensitivity,
  specificity,
  thresholdAtSensitivity,
  youdenThreshold,
} from "@reprise/statistics";
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
 * Metrics of one split, without the split's name. Binary sets: at the threshold, for the declared positive class.
 * Otherwise: most probable class, macro one-vs-rest AUC, macro F1, no sensitivity and specificity.
 */
export function classificationMetrics(
  { labels, scores }: Scored,
  { positiveClass, threshold }: { positiveClass: number | null; threshold: number | null },
): Record<string, number> {
  const Loss = logLoss(labels, scores);
  if (positiveClass === null) {
    const predictions = scores.map(predictedClass);
    return {
      Loss,
      Accuracy: accuracy(labels, predictions),
      BalancedAccuracy: macroRecall(labels, predictions),
      Auc: macroAreaUnderRoc(labels, scores),
      F1: macroF1(labels, predictions),
    };
  }
  const positive = positiveScores(scores, positiveClass);
  const Auc = areaUnderRoc(labels, positive, positiveClass);
  if (threshold === null) {
    const undefinedRates = { Accuracy: Number.NaN, BalancedAccuracy: Number.NaN, F1: Number.NaN };
    return { Loss, Auc, ...undefinedRates, Sensitivity: Number.NaN, Specificity: Number.NaN };
  }
  const counts = confusionCountsFromScores(labels, positive, { threshold, positiveClass });
  return {
    Loss,
    Accuracy: accuracyOfCounts(counts),
    BalancedAccuracy: balancedAccuracy(counts),
    Auc,
    F1: f1Score(counts),
    Sensitivity: sensitivity(counts),
    Specificity: specificity(counts),
  };
}
