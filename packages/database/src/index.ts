export {
  keepAnswer,
  pruneIdempotencyKeys,
  takeIdempotencyKey,
} from "./access/idempotency.js";
export {
  createToken,
  endSession,
  findToken,
  hashOf,
  type KnownToken,
  knownToken,
  listTokens,
  revokeToken,
} from "./access/tokens.js";
export { type AttemptBatch, writeBatch } from "./attempts/attempt-batch.js";
export {
  type AttemptEnd,
  finishAttempt,
  maxInfrastructureFailures,
  releaseAttempt,
} from "./attempts/attempt-finish.js";
export type { AttemptRef } from "./attempts/attempt-lock.js";
export {
  heartbeat,
  recordEnvironment,
  recordHello,
  recordPredictions,
} from "./attempts/attempts.js";
export { type Claim, claimRun, type Resume } from "./attempts/claim.js";
export {
  anotherMayFollow,
  type Dispatch,
  queuedNeeds,
  requestedThreads,
  requirementsOf,
  resetEnqueued,
  runsWithJobOut,
  takeDispatchable,
  waitingNeeds,
} from "./attempts/dispatch.js";
export { recordFinalValues } from "./attempts/final-values.js";
export { type LeasedAttempt, loggedAttempt } from "./attempts/logged-attempts.js";
export { recoverLostRuns } from "./attempts/lost-runs.js";
export { type ReservedRun, reservedRuns, type WorkerIdentity } from "./attempts/reserved-runs.js";
export { type DatabaseDump, dumpDatabase, type RecordedFile } from "./backup/dump.js";
export { type DumpedContent, loadDatabase, RestoreRefusedError } from "./backup/load.js";
export {
  connectDatabase,
  type Database,
  type DatabasePool,
  inOneTransaction,
  isReachable,
  locksAreHeld,
} from "./connect.js";
export { databaseTime } from "./database-time.js";
export {
  BatchOrderError,
  EmbeddedPostgresError,
  ImportRefusedError,
  InstanceRunningError,
  InvalidCursorError,
  isDatabaseBusy,
  isDatabaseFull,
  isDiskFull,
  LeaseLostError,
  MigrationError,
  NewerDatabaseError,
  TooManyMetricsError,
  UnknownAttributeError,
} from "./errors.js";
export {
  evaluationSource,
  listArtifacts,
  recordArtifact,
  recordCheckpoint,
  type StoredArtifact,
  type StoredFile,
} from "./files/artifacts.js";
export { freeSpace } from "./files/free-space.js";
export { forgetOldCheckpoints, previewRetention, removeOldLogs } from "./files/retention.js";
export { artifactStore, placeInStore } from "./files/store-path.js";
export {
  deleteSweep,
  type ForgottenFile,
  type ForgottenFiles,
  forgetFilesOfSweep,
  type KeepingOfRun,
  keepingOfRun,
  storedFilesOfSweep,
} from "./files/stored-files.js";
export {
  getThumbnails,
  knownThumbnails,
  type RecordedThumbnails,
  recordThumbnails,
  type StoredThumbnails,
  thumbnailsOfRun,
  thumbnailsOfSweep,
} from "./files/thumbnails.js";
export type { ImportedRun } from "./imports/import-rows.js";
export {
  importRuns,
  importRunsTimeoutMs,
  type StudyToImport,
  studyOfOrigins,
} from "./imports/import-runs.js";
export { type AddressedLiveEvent, type Live, openLive } from "./live/live.js";
export {
  type EventScope,
  eventsAfter,
  isThere,
  lastEventId,
  pruneLiveEvents,
  sendControl,
} from "./live/live-events.js";
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
} from "./live/webhooks.js";
export { readMetrics, readMetricsOfRuns } from "./metrics/series.js";
export { reviseSeries, revisions, seriesRevision } from "./metrics/series-revision.js";
export { maxSystemSamples, readSystemMetrics, systemSampleStride } from "./metrics/system-samples.js";
export { migrate, requireMigrated } from "./migrations/migrate.js";
export type { Migration } from "./migrations/migrations.js";
export {
  createTemplateDatabase,
  type TemplateDatabase,
  templateDatabase,
} from "./migrations/template-database.js";
export {
  BoundedClient,
  connectionSettings,
  isAnswerLate,
  type KindOfWork,
  type Waits,
  waitsOf,
} from "./postgres/connection-settings.js";
export {
  type EmbeddedPostgres,
  runningEmbeddedPostgres,
  startEmbeddedPostgres,
} from "./postgres/embedded-postgres.js";
export { embeddedPostgresVersion } from "./postgres/postgres-binaries.js";
export { type RecordedEmbedding, readEmbeddings, readProbes } from "./records/embeddings.js";
export { countLadders } from "./records/ladder-counts.js";
export { keepDivergence, readDivergence } from "./records/located-divergence.js";
export { readObservations } from "./records/observations.js";
export { readRunEvidence } from "./records/run-evidence.js";
export {
  firstPredictions,
  readLadder,
  readLogs,
  readPredictions,
  readQuestionPredictions,
  readReductionOrder,
} from "./records/run-records.js";
export { readTensorDigests } from "./records/tensor-digests.js";
export { sweepFailures } from "./runs/failures.js";
export { filterHints } from "./runs/filter-hints.js";
export { formerRuns, runsAhead } from "./runs/former-runs.js";
export {
  addLoggedRuns,
  askNext,
  beginAttempt,
  type Outsider,
} from "./runs/logged-runs.js";
export { groupRuns, valuesOfRuns } from "./runs/run-groups.js";
export { cancelRun, retryRun, updateRun } from "./runs/run-transitions.js";
export {
  countDivergedRuns,
  environmentsById,
  getAttempts,
  getEnvironment,
  getRun,
  listRuns,
  replicasForAnalysis,
  runsForAnalysis,
} from "./runs/runs.js";
export {
  capabilitiesOf,
  type ExportedStudy,
  measuringStudies,
  readCrateRun,
  readStudy,
} from "./studies/study-export.js";
export { type ImportedStudy, importStudy, importTimeoutMs } from "./studies/study-import.js";
export { analysisRevision } from "./sweeps/analysis-revision.js";
export { keptDirection, studyMetricsOfRun } from "./sweeps/metric-declarations.js";
export { continueSequentially, recordLook, studiesToLookAt } from "./sweeps/sequential.js";
export { studyNamed } from "./sweeps/study-by-name.js";
export { cancelSweep, pauseSweep, resumeSweep, retryFailedRuns } from "./sweeps/sweep-transitions.js";
export {
  addRuns,
  createSweep,
  getStudyDocument,
  getSweep,
  listSweeps,
  type StudyDocument,
  sweepStrip,
  updateSweep,
} from "./sweeps/sweeps.js";
export type { Transition } from "./transition.js";
export {
  cancelLocalization,
  claimLocalization,
  createLocalization,
  endLocalization,
  failLostLocalizations,
  getLocalization,
  type LocalizationClaim,
  type LocalizationEnd,
  type LocatedSide,
  listLocalizations,
  type QueuedLocalization,
  queuedLocalizations,
  releaseLocalization,
  renewLocalization,
} from "./verifications/localizations.js";
export {
  createVerification,
  endVerification,
  getVerification,
  listVerifications,
  type VerificationEnd,
  verificationsToSettle,
} from "./verifications/verifications.js";
export {
  announcedTrainers,
  leftOutTrainers,
  listWorkers,
  pruneWorkers,
  registerWorker,
  setWorkerStatus,
  touchWorker,
} from "./workers/workers.js";
