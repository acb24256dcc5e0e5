export * from "./classification/agreement.js";
export * from "./classification/auc.js";
export * from "./classification/calibration.js";
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
} from "./classification/classification-metrics.js";
export * from "./classification/clinical-use.js";
export * from "./classification/confusion-metrics.js";
export * from "./classification/proportions.js";
export * from "./classification/roc.js";
export * from "./error-rates/anytime-t.js";
export * from "./error-rates/exchange-interval.js";
export * from "./error-rates/exchangeability-family.js";
export * from "./error-rates/group-sequential-t.js";
export * from "./error-rates/group-sequential-z.js";
export * from "./error-rates/guarded.js";
export * from "./error-rates/multiplicity.js";
export { type ExchangeBlock, type RelabelingOptions, relabelingSeed } from "./error-rates/relabelings.js";
export * from "./error-rates/spending.js";
export * from "./errors.js";
export * from "./means/assurance.js";
export * from "./means/effect-interval.js";
export * from "./means/effect-size.js";
export * from "./means/equivalence.js";
export * from "./means/new-observation.js";
export * from "./means/power.js";
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
} from "./means/t-tests.js";
export * from "./numerics/distributions.js";
export * from "./numerics/noncentral-t.js";
export * from "./numerics/numbers.js";
export * from "./numerics/random.js";
export * from "./patients/clustered-auc.js";
export * from "./patients/clustered-mcnemar.js";
export * from "./patients/clustered-proportions.js";
export * from "./patients/clusters.js";
export * from "./patients/one-shot.js";
export * from "./patients/readers.js";
export * from "./ranks/expected-maximum.js";
export * from "./ranks/outperformance.js";
export * from "./ranks/rank-correlation.js";
export * from "./ranks/rank-tests.js";
export * from "./ranks/stochastic-order.js";
export type { StatisticalAnswer, StatisticalTest } from "./registry/define.js";
export * from "./registry/statistical-tests.js";
export * from "./reported/audit-arithmetic.js";
export * from "./reported/counting-arithmetic.js";
export * from "./resampling/bootstrap.js";
export * from "./resampling/bootstrap-intervals.js";
export * from "./spread/model-variance.js";
export * from "./spread/pooled-spread.js";
export * from "./spread/reml.js";
export * from "./spread/seed-blocks.js";
export * from "./spread/seed-share.js";
export * from "./spread/shape.js";
export * from "./spread/typical-difference.js";
export * from "./spread/variance-components.js";
export * from "./spread/variance-tests.js";
export * from "./summary.js";
export * from "./weights/similarity.js";
export * from "./weights/ulp.js";
export { type Bounds, differenceRange, withinRange } from "./weights/within-range.js";
