/**
 * Metrics of classifiers, from labels and predictions.
 *
 * This file is bundled into trainers, therefore it imports nothing but the error factory: no distributions, no schemas.
 * Every rate whose denominator is empty is NaN ("undefined"), never 0 or 1.
 */
import { invalidInput } from "../errors.js";

/** The four cells of a binary confusion table, as numbers of cases. */
export type ConfusionCounts = {
  tp: number;
  fp: number;
  fn: number;
  tn: number;
};

/**
 * Counts from predicted classes. `labels` and `predictions` hold class indices (any numbers), `positiveClass` is the
 * declared one; all other classes count as negative. Source: Fawcett (2006), An introduction to ROC analysis.
 */
export function confusionCounts(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  positiveClass: number,
): ConfusionCounts {
  requireSameLength("predictions", predictions, labels);
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  for (let i = 0; i < labels.length; i++) {
    const isPositive = labels[i] === positiveClass;
    const saidPositive = predictions[i] === positiveClass;
    if (isPositive) counts[saidPositive ? "tp" : "fn"] += 1;
    else counts[saidPositive ? "fp" : "tn"] += 1;
  }
  return counts;
}

/**
 * Counts from scores for the positive class: a case is called positive when its score >= `threshold`. The threshold must
 * have been declared, or chosen on validation data, never on the data counted here. A NaN score (a diverged model) is
 * counted as the wrong answer, whatever the label: it must not look like a correct negative.
 */
export function confusionCountsFromScores(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { threshold, positiveClass }: { threshold: number; positiveClass: number },
): ConfusionCounts {
  requireSameLength("scores", scores, labels);
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  for (let i = 0; i < labels.length; i++) {
    const score = Number(scores[i]);
    if (labels[i] === positiveClass) counts[score >= threshold ? "tp" : "fn"] += 1;
    else counts[score < threshold ? "tn" : "fp"] += 1;
  }
  return counts;
}

/**
 * Square table of counts, `matrix[label][prediction]`. Predictions outside 0..classCount-1 (see {@link predictedClass})
 * are left out of the table, so a row may sum to less than the class has cases.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classCount: number,
): number[][] {
  requireSameLength("predictions", predictions, labels);
  const matrix = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (let i = 0; i < labels.length; i++) {
    const row = matrix[labels[i] ?? -1];
    const prediction = predictions[i] ?? -1;
    if (row === undefined) {
      throw invalidInput(`labels[${i}]`, labels[i], "is not a class index", `Use 0 to ${classCount - 1}.`);
    }
    const count = row[prediction];
    if (count !== undefined) row[prediction] = count + 1;
  }
  return matrix;
}

/** The index of the largest score of one case; the lowest index wins a tie, -1 ("no class") if a score is NaN. */
export function predictedClass(scores: ArrayLike<number>): number {
  let best = -1;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < scores.length; k++) {
    const score = Number(scores[k]);
    if (Number.isNaN(score)) return -1;
    if (best === -1 || score > bestScore) {
      best = k;
      bestScore = score;
    }
  }
  return best;
}

/** Fraction of predictions that equal their label, 0..1; NaN without cases. Prevalence-dependent by nature. */
export function accuracy(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  requireSameLength("predictions", predictions, labels);
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === predictions[i]) right += 1;
  return right / labels.length;
}

/** (tp + tn) / all, 0..1. */
export function accuracyOfCounts({ tp, fp, fn, tn }: ConfusionCounts): number {
  return (tp + tn) / (tp + fp + fn + tn);
}

/** tp / (tp + fn), 0..1: recall of the positive class, true-positive rate. NaN without positive cases. */
export function sensitivity({ tp, fn }: ConfusionCounts): number {
  return tp / (tp + fn);
}

/** tn / (tn + fp), 0..1: recall of the negative class. NaN without negative cases. */
export function specificity({ tn, fp }: ConfusionCounts): number {
  return tn / (tn + fp);
}

/** (sensitivity + specificity) / 2, 0..1; chance is 0.5 at any prevalence. NaN when a class is empty. */
export function balancedAccuracy(counts: ConfusionCounts): number {
  return (sensitivity(counts) + specificity(counts)) / 2;
}

/**
 * Mean recall over the classes that occur in `labels`, 0..1; chance is 1/K. Source: Brodersen et al. (2010); the
 * definition of scikit-learn's balanced_accuracy_score.
 */
export function macroRecall(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  const recalls = classesOf(labels).map((k) => sensitivity(confusionCounts(labels, predictions, k)));
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}

/**
 * Binary F1 of the declared positive class: 2tp / (2tp + fp + fn), 0..1. Ignores true negatives, so swapping the
 * positive class changes it. NaN when nothing is positive and nothing was called positive (scikit-learn says 0).
 */
export function f1Score({ tp, fp, fn }: ConfusionCounts): number {
  return (2 * tp) / (2 * tp + fp + fn);
}

/**
 * Macro F1, 0..1: the unweighted mean of the one-vs-rest F1 over all classes that occur in `labels` or `predictions`
 * (the definition of scikit-learn). Not comparable with binary F1: say which one is printed.
 */
export function macroF1(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  const classes = new Set([...classesOf(labels), ...classesOf(predictions)]);
  classes.delete(-1);
  let sum = 0;
  for (const k of classes) sum += f1Score(confusionCounts(labels, predictions, k));
  return sum / classes.size;
}

/**
 * Mean negative log-likelihood in nats: -mean(ln p[label]). `probabilities[i]` are the class probabilities of case i,
 * each row summing to 1. Probabilities are clipped at 2^-52 (as scikit-learn does), so that one confident mistake costs
 * at most 36.04 nats. The finest of these metrics: still varies when accuracy takes a handful of values.
 */
export function logLoss(labels: ArrayLike<number>, probabilities: ArrayLike<ArrayLike<number>>): number {
  requireSameLength("probabilities", probabilities, labels);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = probabilities[i]?.[labels[i] ?? -1];
    if (p === undefined) {
      throw invalidInput(`labels[${i}]`, labels[i], "has no probability", "Give one column per class.");
    }
    sum -= Math.log(Math.min(Math.max(p, Number.EPSILON), 1));
  }
  return sum / labels.length;
}

/** Binary log-loss in nats from the probability of the positive class; clipped like {@link logLoss}. */
export function binaryLogLoss(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  positiveClass: number,
): number {
  requireSameLength("probabilities", probabilities, labels);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = Number(probabilities[i]);
    const likelihood = labels[i] === positiveClass ? p : 1 - p;
    sum -= Math.log(Math.min(Math.max(likelihood, Number.EPSILON), 1));
  }
  return sum / labels.length;
}

/**
 * A score corrected for chance: (score - chance) / (1 - chance), so 0 is guessing and 1 perfect for any number of
 * classes; negative below chance. `chance` is 1/K for balanced accuracy over K classes, 0.5 for AUC.
 */
export function correctedForChance(score: number, chance: number): number {
  return (score - chance) / (1 - chance);
}

function classesOf(labels: ArrayLike<number>): number[] {
  return [...new Set(Array.from(labels))];
}

/** Throws unless there is one entry per label. */
export function requireSameLength(
  field: string,
  given: ArrayLike<unknown>,
  labels: ArrayLike<unknown>,
): void {
  if (given.length === labels.length) return;
  throw invalidInput(field, given.length, `must have ${labels.length} entries, one per label`, "Pair them.");
}
