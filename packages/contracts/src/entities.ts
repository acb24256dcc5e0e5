import { z } from "zod";
import { wireNumber } from "./basics/numbers.js";
import { id, instant } from "./basics/primitives.js";
import { trainerCapabilities } from "./protocol/capabilities.js";
import { rungKind } from "./protocol/events.js";
import { execution, noise } from "./protocol/execution.js";
import { parameters } from "./protocol/run-request.js";
import { runAttributeValues } from "./runs/run-attributes.js";
import { runCounts, runStatus } from "./runs/run-states.js";
import { workerSystem } from "./runs/system-metrics.js";
import { sweepSpec } from "./sweeps/sweep-spec.js";

export const sweepStatuses = ["queued", "running", "paused", "succeeded", "failed", "cancelled"] as const;
export const sweepStatus = z.enum(sweepStatuses);
export type SweepStatus = z.infer<typeof sweepStatus>;

/** Why a run or an attempt did not succeed. */
export const runError = z.strictObject({
  kind: z.enum(["user", "infrastructure"]),
  message: z.string(),
  hint: z.string().nullable(),
});
export type RunError = z.infer<typeof runError>;

export const sweep = z
  .strictObject({
    id,
    name: z.string(),
    status: sweepStatus,
    spec: sweepSpec,
    /** SHA-256 of the canonical spec. */
    specDigest: z.string(),
    /** SHA-256 of the analysis plan, fixed when the sweep was created; null without a plan. */
    analysisPlanDigest: z.string().nullable(),
    preset: z.string().nullable(),
    runCounts,
    totalRuns: z.int(),
    priority: z.int(),
    maxParallelRuns: z.int().nullable(),
    tags: z.array(z.string()),
    notes: z.string(),
    /** When an archived study was read in, and what had written the archive; null for a study of this server. */
    imported: z.strictObject({ at: instant, software: z.string() }).nullable(),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    /** From the median duration of ended runs and the number running now; null until one has ended. */
    estimatedRemainingMs: z.number().nullable(),
    /** Why queued runs do not start ("no worker offers trainer x"); null when nothing stands in the way. */
    blockedReason: z.string().nullable(),
  })
  .meta({ id: "Sweep" });
export type Sweep = z.infer<typeof sweep>;

/** Summary of one metric series, over all its points. `best` only where a direction is declared, on validation. */
export const metricSummary = z.strictObject({
  count: z.int(),
  first: wireNumber,
  last: wireNumber,
  min: wireNumber.nullable(),
  max: wireNumber.nullable(),
  minStep: z.int().nullable(),
  maxStep: z.int().nullable(),
  best: wireNumber.nullable(),
  bestStep: z.int().nullable(),
  /** Value at the selected epoch (`selection` of the spec); null until the run has ended. */
  selected: wireNumber.nullable(),
});
export type MetricSummary = z.infer<typeof metricSummary>;
export const runSummary = z.record(z.string(), metricSummary);

export const progress = z.strictObject({ done: z.number(), total: z.number(), unit: z.string() });
export type Progress = z.infer<typeof progress>;

export const energy = z.strictObject({
  kWh: z.number(),
  gCO2e: z.number(),
  method: z.string(),
  factors: z.record(z.string(), z.union([z.number(), z.string()])),
});
export type Energy = z.infer<typeof energy>;

export const run = z
  .strictObject({
    ...runAttributeValues.shape,
    params: parameters,
    effectiveParams: parameters.nullable(),
    disclosures: z.array(z.string()),
    execution,
    noise,
    progress: progress.nullable(),
    summary: runSummary,
    phases: z.record(z.string(), z.number()).nullable(),
    energy: energy.nullable(),
    error: runError.nullable(),
    tags: z.array(z.string()),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof run>;

export const attempt = z.strictObject({
  number: z.int(),
  status: z.enum(["running", "succeeded", "failed", "cancelled", "lost"]),
  workerName: z.string().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  error: runError.nullable(),
});
export type Attempt = z.infer<typeof attempt>;

/** A square of the digest strip: just enough of a run to draw and link it. */
export const stripRun = z.strictObject({
  id,
  configurationKey: z.string(),
  configurationLabel: z.string(),
  seed: z.int(),
  arm: z.string(),
  repeat: z.int(),
  status: runStatus,
  digest: z.string().nullable(),
  excluded: z.boolean(),
});
export type StripRun = z.infer<typeof stripRun>;

export const metricSeries = z.strictObject({
  steps: z.array(z.int()),
  values: z.array(wireNumber),
  /** Seconds since the attempt started. */
  wallTimes: z.array(z.number()),
});
export type MetricSeries = z.infer<typeof metricSeries>;

export const logLine = z.strictObject({
  attempt: z.int(),
  /** Position within the attempt, from 0. */
  line: z.int(),
  stream: z.enum(["stdout", "stderr", "trainer", "worker"]),
  at: instant,
  text: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

export const ladderRung = z.strictObject({ kind: rungKind, position: z.int(), digest: z.string() });
export type LadderRung = z.infer<typeof ladderRung>;

export const environmentValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** Everything about hardware, libraries, code and data that can change a result; the id is its digest. */
export const environment = z.strictObject({
  id: z.string(),
  values: z.record(z.string(), environmentValue),
  createdAt: instant,
});
export type Environment = z.infer<typeof environment>;

export const predictions = z.strictObject({
  split: z.enum(["validation", "test"]),
  /** Name of a zero-shot question; absent where the scores are for the classes of the data set. */
  question: z.string().optional(),
  epoch: z.int(),
  classes: z.array(z.string()),
  positiveClass: z.int().nullable(),
  threshold: z.number().nullable(),
  ids: z.array(z.string()),
  labels: z.array(z.int()),
  scores: z.array(z.array(wireNumber)),
});
export type Predictions = z.infer<typeof predictions>;

export const device = z.strictObject({
  kind: z.enum(["cpu", "gpu"]),
  name: z.string(),
  index: z.int(),
  /** Hardware threads that a trainer may use; absent where that does not apply or is not known. */
  threads: z.int().optional(),
  memoryBytes: z.number().optional(),
});
export type Device = z.infer<typeof device>;

export const worker = z
  .strictObject({
    id,
    name: z.string(),
    host: z.string(),
    pid: z.int(),
    status: z.enum(["ready", "draining", "quarantined", "gone"]),
    statusReason: z.string().nullable(),
    devices: z.array(device),
    trainers: z.array(z.string()),
    /** What each trainer that it offers can do there, in the order in which it announced them. */
    offers: z.array(
      z.strictObject({
        ...trainerCapabilities.pick({ name: true, version: true, tasks: true, backends: true }).shape,
        /** Names of the data sets that lie on this machine. */
        datasets: z.array(z.string()),
      }),
    ),
    currentRuns: z.array(
      z.strictObject({
        ...run.pick({ configurationLabel: true, seed: true, arm: true, repeat: true, progress: true }).shape,
        runId: id,
        sweepId: id.nullable(),
        sweepName: z.string().nullable(),
        key: z.string(),
      }),
    ),
    /** Executions that have ended here, by how; `lost` are those that it never told the end of. */
    ended: z.strictObject({ succeeded: z.int(), failed: z.int(), cancelled: z.int(), lost: z.int() }),
    /** The machine at the last heartbeat; null before the first. */
    system: workerSystem.nullable(),
    startedAt: instant,
    lastSeenAt: instant,
  })
  .meta({ id: "Worker" });
export type Worker = z.infer<typeof worker>;

/** A trainer as at least one worker announces it. */
export const announcedTrainer = z.strictObject({
  capabilities: trainerCapabilities,
  workers: z.array(z.string()),
});
export type AnnouncedTrainer = z.infer<typeof announcedTrainer>;

/** A study that comes with Reprise: one sweep (`spec`), or several that belong together (`parts`). */
export const preset = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  /** The sweep document; null where the preset is a study of several sweeps. */
  spec: z.unknown(),
  /** Names of the presets a study consists of, in their order; empty for a single sweep. */
  parts: z.array(z.string()),
  /** The part of which one fixed-order run is verified and one free run replayed in the end; null for none. */
  proof: z.string().nullable(),
  /** Of all parts together; verification and replay not counted. */
  runCount: z.int(),
});
export type Preset = z.infer<typeof preset>;
