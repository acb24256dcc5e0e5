import type { MetricInfo } from "@reprise/contracts";
import {
  accuracy,
  accuracyOfCounts,
  areaUnderRoc,
  balancedAccuracy,
  type ConfusionCounts,
  f1Score,
  logLoss,
  macroAreaUnderRoc,
  macroF1,
  macroRecall,
  sensitivity,
  specificity,
} from "@reprise/statistics";

/** What the formulas see of one split's answers where no class is declared positive. */
export type ClassAnswers = {
  labels: Int32Array;
  scores: number[][];
  /** Most probable class of every case. */
  predictions: readonly number[];
};

/** What they see where one is. */
export type PositiveAnswers = {
  labels: Int32Array;
  scores: number[][];
  positiveClass: number;
  /** The positive class's score of every case. */
  positive: Float64Array;
  /** At the threshold; NaN where none could be chosen. */
  counts: ConfusionCounts;
};

/** What a metric is, wherever it is measured. */
type MetricFacts = Required<Pick<MetricInfo, "direction" | "unit" | "range" | "chance" | "loss" | "counts">>;

/** One metric of a split: what it is called, what it is, and how it is computed. */
export type SplitMetric = MetricFacts & {
  /** Behind the split, and the question where one is asked: testAccuracy, testDigitAccuracy. */
  name: string;
  /** In the label of a classifier's metric; averages over more than two classes are named in brackets. */
  label: string;
  /** In the label of a zero-shot question's metric; null: questions do not have it. */
  ofQuestion: string | null;
  /** Null for a binary metric: it exists only where a class is declared positive. */
  ofClasses: ((answers: ClassAnswers) => number) | null;
  ofPositive: (answers: PositiveAnswers) => number;
};

const share = {
  direction: "maximize",
  unit: "fraction",
  range: { low: 0, high: 1 },
  chance: null,
  loss: false,
  counts: "cases",
} as const;
const loss = {
  direction: "minimize",
  unit: "nats",
  range: { low: 0, high: null },
  chance: null,
  loss: true,
  counts: null,
} as const;
const remark = { ...share, direction: null, counts: null } as const;

/** Every metric of a split, in the order in which they are reported. A row is all there is to add one. */
export const splitMetrics: readonly SplitMetric[] = [
  {
    ...loss,
    name: "Loss",
    label: "loss (mean negative log-likelihood)",
    ofQuestion: null,
    ofClasses: ({ labels, scores }) => logLoss(labels, scores),
    ofPositive: ({ labels, scores }) => logLoss(labels, scores),
  },
  {
    ...share,
    name: "Accuracy",
    label: "accuracy",
    ofQuestion: "accuracy",
    ofClasses: ({ labels, predictions }) => accuracy(labels, predictions),
    ofPositive: ({ counts }) => accuracyOfCounts(counts),
  },
  {
    ...share,
    name: "BalancedAccuracy",
    label: "balanced accuracy (more than two classes: mean recall)",
    chance: "1/classes",
    ofQuestion: null,
    ofClasses: ({ labels, predictions }) => macroRecall(labels, predictions),
    ofPositive: ({ counts }) => balancedAccuracy(counts),
  },
  {
    ...share,
    name: "Auc",
    label: "area under the ROC curve (more than two classes: macro one-vs-rest)",
    chance: 0.5,
    counts: null,
    ofQuestion: "area under the ROC curve",
    ofClasses: ({ labels, scores }) => macroAreaUnderRoc(labels, scores),
    ofPositive: ({ labels, positive, positiveClass }) => areaUnderRoc(labels, positive, positiveClass),
  },
  {
    ...share,
    name: "F1",
    label: "F1 of the positive class (more than two classes: macro F1)",
    counts: "oneClass",
    ofQuestion: null,
    ofClasses: ({ labels, predictions }) => macroF1(labels, predictions),
    ofPositive: ({ counts }) => f1Score(counts),
  },
  {
    ...share,
    name: "Sensitivity",
    label: "sensitivity for the positive class (two classes only)",
    counts: "oneClass",
    ofQuestion: "sensitivity",
    ofClasses: null,
    ofPositive: ({ counts }) => sensitivity(counts),
  },
  {
    ...share,
    name: "Specificity",
    label: "specificity (two classes only)",
    counts: "oneClass",
    ofQuestion: "specificity",
    ofClasses: null,
    ofPositive: ({ counts }) => specificity(counts),
  },
];

const everywhere = { binaryOnly: false };

/** What the training loop reports of every task, and of contrastive training. */
export const trainingMetrics: readonly MetricInfo[] = [
  { ...loss, ...everywhere, key: "trainLoss", label: "training loss (mean over the epoch)", split: "train" },
  {
    ...{ ...share, ...everywhere },
    key: "trainAccuracy",
    label: "training accuracy (mean over the epoch)",
    split: "train",
  },
];
export const contrastiveTrainingMetrics: readonly MetricInfo[] = [
  {
    ...{ ...loss, ...everywhere, direction: null, loss: false },
    key: "trainLossFloor",
    label: "least possible training loss, given equal captions in a batch",
    split: "train",
  },
  {
    ...{ ...remark, ...everywhere },
    key: "duplicateCaptionRate",
    label: "share of pairs whose caption occurs more than once in their batch",
    split: "train",
  },
  {
    ...{ ...remark, ...everywhere, unit: "", range: { low: 0, high: null } },
    key: "logitScale",
    label: "factor of the cosines (exponential of the temperature parameter)",
    split: null,
  },
];

/** The metrics that exist with and without a positive class. */
export const metricsWhere = (hasPositive: boolean) =>
  splitMetrics.filter(({ ofClasses }) => hasPositive || ofClasses !== null);

/** A metric as it is announced. */
export function announced(
  { direction, unit, range, chance, loss, counts, ofClasses }: SplitMetric,
  { key, label, split }: Pick<MetricInfo, "key" | "label" | "split">,
): MetricInfo {
  const binaryOnly = ofClasses === null;
  return { key, label, direction, unit, split, range, chance, loss, counts, binaryOnly };
}

/** The rows' values of answers for which a class is declared positive. */
export const measurePositive = (rows: readonly SplitMetric[], answers: PositiveAnswers) =>
  rows.map(({ name, ofPositive }): [name: string, value: number] => [name, ofPositive(answers)]);

/** And for which none is. */
export const measureClasses = (rows: readonly SplitMetric[], answers: ClassAnswers) =>
  rows.flatMap(({ name, ofClasses }): [name: string, value: number][] =>
    ofClasses ? [[name, ofClasses(answers)]] : [],
  );
