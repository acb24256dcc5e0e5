import { z } from "zod";
import { id, instant } from "../basics/primitives.js";
import { foreignFormat, foreignRun, foreignRuns, jsonValue } from "./foreign-runs.js";
import { importDecisions, importProposal } from "./import-design.js";

/** Trackers by what people call them. */
export const formatLabels: Readonly<Record<z.infer<typeof foreignFormat>, string>> = {
  "mlflow-file": "MLflow (folder)",
  "mlflow-sqlite": "MLflow (SQLite)",
  "wandb-offline": "Weights & Biases (offline folders)",
  "wandb-csv": "Weights & Biases (CSV export)",
  tensorboard: "TensorBoard",
  "lightning-csv": "Lightning (CSV)",
  "hf-trainer": "Hugging Face Trainer",
  "keras-csv": "Keras (CSV)",
  "optuna-sqlite": "Optuna (SQLite)",
  "optuna-journal": "Optuna (journal)",
  trackio: "Trackio",
  sacred: "Sacred",
  hydra: "Hydra",
  "open-clip": "OpenCLIP",
};

/** What an upload may be at most: beyond it, `reprise import` on the machine that has the files has no such limits. */
export const importLimits = {
  totalBytes: 8 * 1024 ** 3,
  files: 200_000,
  /** Characters of a file's place below the folder, and folders above it. */
  pathLength: 1_000,
  pathDepth: 40,
} as const;

/** A place where files are gathered before they are read; it is cleared when it has not been used for an hour. */
export const importSession = z
  .strictObject({
    id,
    expiresAt: instant,
    limits: z.strictObject({ totalBytes: z.int(), files: z.int() }),
  })
  .meta({ id: "ImportSession" });
export type ImportSession = z.infer<typeof importSession>;

export const uploadedFile = z.strictObject({ path: z.string(), bytes: z.int() });

/** The first line of runs that were read elsewhere (`application/x-ndjson`); a `ForeignRun` on each line after it. */
export const foreignRunsHead = foreignRuns.omit({ runs: true });
export type ForeignRunsHead = z.infer<typeof foreignRunsHead>;

export const importPreviewRequest = z
  .strictObject({ as: foreignFormat.optional(), decisions: importDecisions.prefault({}) })
  .meta({ id: "ImportPreviewRequest" });

/** What would be imported. Nothing has been written. */
export const importPreview = z
  .strictObject({
    format: foreignFormat,
    found: z.strictObject({
      runs: z.int(),
      points: z.int(),
      metrics: z.array(z.strictObject({ name: z.string(), runs: z.int() })),
    }),
    proposal: importProposal,
    setAside: foreignRuns.shape.setAside,
    warnings: foreignRuns.shape.warnings,
    /** The study that has runs of this source already; an import adds to it unless it is told otherwise. */
    known: z.strictObject({ sweepId: id, name: z.string(), runs: z.int() }).nullable(),
  })
  .meta({ id: "ImportPreview" });
export type ImportPreview = z.infer<typeof importPreview>;

export const importRequest = importPreviewRequest
  .extend({
    /** A study by id, `new` for another one; without it the study that has runs of this source, else a new one. */
    into: z.union([id, z.literal("new")]).optional(),
  })
  .meta({ id: "ImportRequest" });
export type ImportRequest = z.infer<typeof importRequest>;

/** What an import has written, study by study. */
export const importAnswer = z
  .strictObject({
    studies: z.array(
      z.strictObject({
        sweepId: id,
        name: z.string(),
        isNew: z.boolean(),
        added: z.int(),
        /** Runs that were there already, unchanged. */
        skipped: z.int(),
        /** Runs that had not ended when they were read before: they were replaced by what they are now. */
        replaced: z.int(),
        /** Runs that are otherwise in the source than what was read before; they were left as they were. */
        changed: z.array(z.string()),
      }),
    ),
    /** Runs that could not be placed, and why. */
    left: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
    remarks: z.array(z.string()),
  })
  .meta({ id: "ImportAnswer" });
export type ImportAnswer = z.infer<typeof importAnswer>;

/** Where a run comes from that another tracker recorded. */
export const runOrigin = z.strictObject({
  format: foreignFormat,
  location: z.string(),
  id: z.string(),
  name: z.string(),
  status: foreignRun.shape.status,
  attempts: z.int(),
  /** It had not ended, as far as the source says, when it was read. */
  isOpen: z.boolean(),
  gitCommit: z.string().nullable(),
  host: z.string().nullable(),
  /** Columns that are no setting of the study, as the source has them. */
  beside: z.record(z.string(), jsonValue),
  artifacts: z.array(z.string()),
  remarks: z.array(z.string()),
  /** SHA-256 over all logged values that are no times: equal ones are equal as logged, no more. */
  valuesDigest: z.string().nullable(),
  precision: z.enum(["float64", "float32"]),
});
export type RunOrigin = z.infer<typeof runOrigin>;

/** Where a study comes from whose runs another tracker recorded, and how its design was decided. */
export const sweepOrigin = z.strictObject({
  format: foreignFormat,
  at: instant,
  decisions: importDecisions,
  design: z.strictObject({
    seed: z.string().nullable(),
    arm: z.string().nullable(),
    configuration: z.array(z.string()),
    nuisance: z.array(z.string()),
    bound: z.record(z.string(), z.string()),
  }),
  unbalanced: z.array(z.string()),
  unknowable: z.array(z.string()),
});
export type SweepOrigin = z.infer<typeof sweepOrigin>;
