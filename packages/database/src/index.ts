export { analysisRevision } from "./analysis-revision.js";
export {
  evaluationSource,
  listArtifacts,
  recordArtifact,
  recordCheckpoint,
  type StoredArtifact,
  type StoredFile,
} from "./artifacts.js";
export { type AttemptBatch, writeBatch } from "./attempt-batch.js";
export { finishAttempt, maxInfrastructureFailures, type Outcome, releaseAttempt } from "./attempt-finish.js";
export type { AttemptRef } from "./attempt-lock.js";
export {
  heartbeat,
  recordEnvironment,
  recordHello,
  recordPredictions,
} from "./attempts.js";
export { type Claim, claimRun, type Resume } from "./claim.js";
export { connectDatabase, type Database, isReachable } from "./connect.js";
export { type Dispatch, resetEnqueued, runsWithJobOut, takeDispatchable } from "./dispatch.js";
export { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.js";
export { type RecordedEmbedding, readEmbeddings, readProbes } from "./embeddings.js";
export {
  BatchOrderError,
  EmbeddedPostgresError,
  ImportRefusedError,
  InstanceRunningError,
  InvalidCursorError,
  LeaseLostError,
  MigrationError,
  UnknownAttributeError,
} from "./errors.js";
export { sweepFailures } from "./failures.js";
export { type FormerRun, formerRuns, runsAhead } from "./former-runs.js";
export {
  beginIdempotent,
  endIdempotent,
  type IdempotentState,
  pruneIdempotencyKeys,
} from "./idempotency.js";
export {
  type ForgottenFile,
  forgetFilesOfSweep,
  type KeepingOfRun,
  keepingOfRun,
  keptFilesOfSweep,
} from "./kept-files.js";
export { countLadders } from "./ladder-counts.js";
export { type AddressedLiveEvent, type Live, openLive } from "./live.js";
export { eventsAfter, lastEventId, pruneLiveEvents, sendControl } from "./live-events.js";
export {
  addOutsideRuns,
  askNext,
  type ExistingRun,
  outsideAttempt,
} from "./logged-runs.js";
export { migrate } from "./migrate.js";
export type { Migration } from "./migrations.js";
export { embeddedPostgresVersion } from "./postgres-binaries.js";
export { recoverLostRuns } from "./recovery.js";
export { type ReservedRun, reservedRuns, type WorkerIdentity } from "./reserved-runs.js";
export { type FilterCondition, type FilterOperator, type RunFilter, runAttributes } from "./run-filter.js";
export { type GroupSums, groupRuns } from "./run-groups.js";
export {
  readLadder,
  readLogs,
  readPredictions,
  readPredictionsOfRuns,
  readQuestionPredictions,
  readReductionOrder,
} from "./run-records.js";
export { cancelRun, retryRun, updateRun } from "./run-transitions.js";
export {
  getAttempts,
  getEnvironment,
  getRun,
  listRuns,
  runsForAnalysis,
} from "./runs.js";
export { readMetrics, readMetricsOfRuns } from "./series.js";
export { capabilitiesOf, type ExportedStudy, readCrateRun, readStudy } from "./study-export.js";
export { type ImportedStudy, importStudy } from "./study-import.js";
export { cancelSweep, pauseSweep, resumeSweep, retryFailedRuns } from "./sweep-transitions.js";
export {
  addRuns,
  createSweep,
  getSweep,
  listSweeps,
  type PlannedRun,
  sweepStrip,
  updateSweep,
} from "./sweeps.js";
export { maxSystemSamples, readSystemMetrics, systemSampleStride } from "./system-samples.js";
export { createTemplateDatabase, type TemplateDatabase, templateDatabase } from "./template-database.js";
export { readTensorDigests } from "./tensor-digests.js";
export {
  getThumbnails,
  knownThumbnails,
  type RecordedThumbnails,
  recordThumbnails,
  type StoredThumbnails,
  thumbnailsOfRun,
  thumbnailsOfSweep,
} from "./thumbnails.js";
export { createToken, findToken, listTokens, revokeToken, type TokenInfo, type TokenRole } from "./tokens.js";
export type { Transition } from "./transition.js";
export {
  createVerification,
  endVerification,
  getVerification,
  listVerifications,
  type VerificationEnd,
  verificationsToSettle,
} from "./verifications.js";
export {
  createWebhook,
  type DeliveredEvent,
  type DueDelivery,
  deleteWebhook,
  endDeliveryTry,
  listWebhooks,
  queueWebhookDeliveries,
  takeDueDeliveries,
  testWebhook,
} from "./webhooks.js";
export {
  announcedTrainers,
  listWorkers,
  pruneWorkers,
  registerWorker,
  setWorkerStatus,
  touchWorker,
} from "./workers.js";
