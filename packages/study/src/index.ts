export { type AgreementInput, agreementAnalysis } from "./analyses/agreement.js";
export { configurationOrder } from "./analyses/cells.js";
export { classificationAnalysis } from "./analyses/classification.js";
export { type ComparisonInput, compareRuns } from "./analyses/comparison.js";
export { configurationsAnalysis } from "./analyses/configurations.js";
export { curvesAnalysis } from "./analyses/curves.js";
export { determinismAnalysis } from "./analyses/determinism.js";
export { type EnergyInput, energyAnalysis } from "./analyses/energy.js";
export { AnalysisRefusedError } from "./analyses/errors.js";
export { extremesAnalysis } from "./analyses/extremes.js";
export { importanceAnalysis } from "./analyses/importance.js";
export { type AnalysisInput, chooseMetric, describeMetric, metricOf } from "./analyses/input.js";
export { rocAnalysis } from "./analyses/roc.js";
export { runtimeAnalysis } from "./analyses/runtime.js";
export { significanceAnalysis } from "./analyses/significance.js";
export { type SimilarityInput, similarityAnalysis } from "./analyses/similarity.js";
export { varianceAnalysis } from "./analyses/variance.js";
export { auditTables } from "./audit/audit-tables.js";
export { readAuditRequest } from "./audit/csv.js";
export * from "./check-against-trainer.js";
export { type Contradiction, checkRun, checkStudy } from "./crate/check-crate.js";
export { type CrateFile, crateMetadata, listedDigests, sha256 } from "./crate/metadata.js";
export * from "./design-warnings.js";
export * from "./digests.js";
export * from "./expand-sweep.js";
export { captionOf, type ExportedTable, exportTable } from "./exports/export-table.js";
export { type FormerRunOfPlan, type PlanCost, planCost, planPower } from "./plan-estimates.js";
export * from "./presets.js";
export { besideReference } from "./references/beside.js";
export { auditReference, getReference, listReferences, referenceSummaries } from "./references/load.js";
export type { StudyReportInput } from "./report/input.js";
export { reportHtml, reportMarkdown } from "./report/render.js";
export { reportLatex } from "./report/render-latex.js";
export { studyReport } from "./report/study-report.js";
export * from "./run-filter.js";
export { planAsked, planLoggedRun, withConfiguration } from "./runs/logged-runs.js";
export {
  compareLadders,
  configurationOf,
  differences,
  environmentDifferences,
} from "./runs/run-diff.js";
export * from "./sweep-design.js";
export { divergencePlace } from "./verification/compare-rungs.js";
export type { ReplicaComparison, ReplicaSide } from "./verification/comparison.js";
export { divergenceLines } from "./verification/divergence-words.js";
export { firstDivergence, type Judgement, judgeReplica } from "./verification/judge-replica.js";
export {
  type DivergenceEvidence,
  isAfter,
  type StoredWeights,
} from "./verification/locate-divergence.js";
export { byLikelihood, likelihoodOf } from "./verification/suspects.js";
export { weightDistanceOf } from "./verification/weight-distance.js";
