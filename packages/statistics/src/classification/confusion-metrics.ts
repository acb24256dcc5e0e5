import { invalidInput } from "../errors.js";
import {
  accuracyOfCounts,
  balancedAccuracy,
  type ConfusionCounts,
  f1Score,
  sensitivity,
  specificity,
} from "./classification-metrics.js";

export type ConfusionMetrics = {
  sensitivity: number;
  specificity: number;
  accuracy: number;
  balancedAccuracy: number;
  f1: number;
  /** Positive predictive value (precision), at the prevalence of these data. */
  ppv: number;
  npv: number;
  /** Matthews' correlation coefficient, -1..1. */
  mcc: number;
  /** Cohen's kappa of prediction against truth. */
  kappa: number;
  /** sensitivity + specificity - 1. */
  youden: number;
  reason?: string;
};

/**
 * Rates of a binary confusion table. Whatever has an empty denominator is NaN (undefined), not 0 as in some libraries.
 * Source: definitions of scikit-learn; Matthews (1975), Cohen (1960).
 */
export function confusionMetrics(counts: ConfusionCounts): ConfusionMetrics {
  const { tp, fp, fn, tn } = counts;
  for (const [name, count] of Object.entries({ tp, fp, fn, tn })) {
    if (Number.isInteger(count) && count >= 0) continue;
    throw invalidInput(name, count, "must be a number of cases", "Use a whole number from 0.");
  }
  const n = tp + fp + fn + tn;
  const expected = ((tp + fp) / n) * ((tp + fn) / n) + ((fn + tn) / n) * ((fp + tn) / n);
  const empty: string[] = [];
  if (n === 0) empty.push("there are no cases");
  else {
    if (tp + fn === 0) empty.push("no case is positive");
    if (tn + fp === 0) empty.push("no case is negative");
    if (tp + fp === 0) empty.push("nothing was called positive");
    if (tn + fn === 0) empty.push("nothing was called negative");
  }
  return {
    sensitivity: sensitivity(counts),
    specificity: specificity(counts),
    accuracy: accuracyOfCounts(counts),
    balancedAccuracy: balancedAccuracy(counts),
    f1: f1Score(counts),
    ppv: tp / (tp + fp),
    npv: tn / (tn + fn),
    mcc:
      (tp * tn - fp * fn) /
      (Math.sqrt(tp + fp) * Math.sqrt(tp + fn) * Math.sqrt(tn + fp) * Math.sqrt(tn + fn)),
    kappa: (accuracyOfCounts(counts) - expected) / (1 - expected),
    youden: sensitivity(counts) + specificity(counts) - 1,
    ...(empty.length > 0 && {
      reason: `Rates with an empty denominator are undefined: ${empty.join(", ")}.`,
    }),
  };
}
