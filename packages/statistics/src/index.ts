export * from "./agreement.js";
export * from "./auc.js";
export * from "./audit-arithmetic.js";
export * from "./bootstrap.js";
export * from "./bootstrap-intervals.js";
export {
  accuracy,
  accuracyOfCounts,
  balancedAccuracy,
  binaryLogLoss,
  type ConfusionCounts,
  confusionCounts,
  confusionCountsFromScores,
  confusionMatrix,
  correctedForChance,
  f1Score,
  logLoss,
  macroF1,
  macroRecall,
  predictedClass,
  sensitivity,
  specificity,
} from "./classification-metrics.js";
export * from "./confusion-metrics.js";
export * from "./counting-arithmetic.js";
export * from "./distributions.js";
export * from "./effect-interval.js";
export * from "./effect-size.js";
export * from "./equivalence.js";
export * from "./errors.js";
export * from "./multiplicity.js";
export * from "./new-observation.js";
export * from "./noncentral-t.js";
export * from "./numbers.js";
export * from "./pooled-spread.js";
export * from "./power.js";
export * from "./proportions.js";
export * from "./random.js";
export * from "./rank-correlation.js";
export * from "./rank-tests.js";
export type { StatisticalAnswer, StatisticalTest } from "./registry/define.js";
export * from "./reml.js";
export * from "./roc.js";
export * from "./seed-blocks.js";
export * from "./shape.js";
export * from "./similarity.js";
export * from "./statistical-tests.js";
export * from "./stochastic-order.js";
export * from "./summary.js";
export {
  type Interval,
  meanInterval,
  type OneSampleTResult,
  oneSampleT,
  oneSampleTFromSummary,
  pairedDifferences,
  pairedT,
  type SummaryInput,
  studentT,
  type TTestOptions,
  type TTestResult,
  type TwoSampleTResult,
  welchT,
} from "./t-tests.js";
export * from "./ulp.js";
export * from "./variance-components.js";
export * from "./variance-tests.js";
export { type Bounds, differenceRange, withinRange } from "./within-range.js";
