import { z } from "zod";
import { decodeNumber, wireNumber } from "../basics/numbers.js";
import { instant } from "../basics/primitives.js";

/** What a tracker leaves of runs, by the program that writes it; a reader for each is in `packages/importers`. */
export const foreignFormats = [
  "mlflow-file",
  "mlflow-sqlite",
  "wandb-offline",
  "wandb-csv",
  "tensorboard",
  "lightning-csv",
  "hf-trainer",
  "keras-csv",
  "optuna-sqlite",
  "optuna-journal",
  "trackio",
  "sacred",
  "hydra",
  "open-clip",
] as const;
export const foreignFormat = z.enum(foreignFormats);
export type ForeignFormat = z.infer<typeof foreignFormat>;

type JsonValue = z.infer<ReturnType<typeof z.json>>;

/** What JSON can hold. A schema that contains itself has no name that documents of the API could refer to. */
export const jsonValue = z.unknown() as z.ZodType<JsonValue>;

/**
 * A setting as typed as the source holds it: CSV and MLflow hold texts only. Of parameters, objects are flattened
 * (`model.dropout.p`), lists and empty objects stay.
 * An integer beyond ±(2^53 − 1) is a text to its last digit, and its name stands in `integers`.
 */
export const foreignValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(jsonValue),
  z.record(z.string(), jsonValue),
]);
export type ForeignValue = z.infer<typeof foreignValue>;

/**
 * How the source says that a run ended. `crashed` is W&B's word for one that fell silent, `pruned` Optuna's for one that was stopped
 * for its values; `unknown`: the source does not say.
 */
export const foreignStatus = z.enum([
  "finished",
  "failed",
  "killed",
  "crashed",
  "pruned",
  "running",
  "unknown",
]);
export type ForeignStatus = z.infer<typeof foreignStatus>;

/** NaN and ±Infinity are numbers in memory and texts on the wire. */
const measured = wireNumber.transform(decodeNumber);

/** A history as it was logged: in that order, with steps as the source counts them, and repeated steps kept. */
export const foreignSeries = z.strictObject({
  steps: z.array(z.int()),
  values: z.array(measured),
  /** Seconds since the run began, or since its first point where its start is not held. */
  times: z.array(z.number()).optional(),
  /**
   * Where each point lies by the run's own count (its metric `stepMetric`), given only where the source's steps are a counter that
   * began anew when the run was resumed: an import takes these, not `steps`.
   */
  positions: z.array(z.number()).optional(),
  /** Places in `steps` of points that a later point of the same step, or a restart before that step, stands in for. */
  superseded: z.array(z.int()).optional(),
  /** What a value was stored as: one of TensorBoard has seven digits. */
  precision: z.enum(["float64", "float32"]),
});

/** Scores of cases, from a table that says so by its columns. */
export const foreignTable = z.strictObject({
  name: z.string(),
  file: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});
export type ForeignTable = z.infer<typeof foreignTable>;

/** A run as another program recorded it. Nothing here was seen by Reprise: it is reported. */
export const foreignRun = z
  .strictObject({
    source: z.strictObject({
      format: foreignFormat,
      /** File or folder, below the path that was read. */
      location: z.string(),
      /** What the source knows it by; unique in what was read. */
      id: z.string(),
      /** False: the source holds no identity (a table), and `id` is made of place and name. */
      held: z.boolean().default(true),
    }),
    name: z.string(),
    params: z.record(z.string(), foreignValue),
    /** Names of parameters whose text is an integer that no number holds. */
    integers: z.array(z.string()).default([]),
    /** A tag without a value is `true`. */
    tags: z.record(z.string(), foreignValue),
    status: foreignStatus,
    /** Why it failed, in the source's words. */
    error: z.string().nullable().default(null),
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    gitCommit: z.string().nullable(),
    host: z.string().nullable(),
    /** The run that groups this one, or the group's name. */
    parent: z.string().nullable().default(null),
    group: z.string().nullable().default(null),
    jobType: z.string().nullable().default(null),
    /** The metric by which the run counts, where the source's own steps began anew. */
    stepMetric: z.string().nullable().default(null),
    /** By name as the source has it. */
    metrics: z.record(z.string(), foreignSeries),
    /** Values that are no points of a history. */
    summary: z.record(z.string(), measured),
    tables: z.array(foreignTable).default([]),
    artifacts: z.array(z.string()),
    /** Starts of this run: two for one that was resumed. */
    attempts: z.int().min(1),
    /** Why it may not be what its status says; null: nothing speaks against it. */
    doubtful: z.string().nullable(),
    remarks: z.array(z.string()),
  })
  .meta({ id: "ForeignRun" });
export type ForeignRun = z.infer<typeof foreignRun>;
export type ForeignSeries = z.infer<typeof foreignSeries>;

/** What could not be read, or was read in part, and why. */
export const foreignWarning = z.strictObject({ file: z.string(), reason: z.string() });
export type ForeignWarning = z.infer<typeof foreignWarning>;

/** What looks like runs and is none: parents that group, deleted runs, means over a group of runs. */
export const setAside = z.strictObject({
  id: z.string(),
  name: z.string(),
  why: z.enum(["parent", "deleted", "grouped"]),
  reason: z.string(),
});
export type SetAside = z.infer<typeof setAside>;

/** All runs that a folder or file holds. */
export const foreignRuns = z
  .strictObject({
    format: foreignFormat,
    runs: z.array(foreignRun),
    /** What the source calls `tags`: `user_attrs` in Optuna. */
    tagsAre: z.string().default("tags"),
    setAside: z.array(setAside).default([]),
    warnings: z.array(foreignWarning),
  })
  .meta({ id: "ForeignRuns" });
export type ForeignRuns = z.infer<typeof foreignRuns>;
