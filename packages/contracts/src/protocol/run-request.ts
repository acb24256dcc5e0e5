import { z } from "zod";
import { datasetChoice } from "./dataset.js";
import { objective, selection, threshold } from "./decision.js";
import { backend, execution, mode, noise, task } from "./execution.js";

/** Of the trainer protocol; see `events.ts`. */
export const trainerProtocolVersion = 1;

const scalar = z.union([z.number(), z.string(), z.boolean(), z.null()]);

/** A hyperparameter's value: scalar, list ([64, 64]) or null for "unset". */
export const parameterValue = z.union([...scalar.options, z.array(scalar)]);
export type ParameterValue = z.infer<typeof parameterValue>;
export const parameters = z.record(z.string(), parameterValue);
export type Parameters = z.infer<typeof parameters>;

/** Order in which shard gradients were summed: one row of shard indices per optimisation step. */
export const reductionOrder = z.array(z.array(z.int().min(0).max(255)));
export type ReductionOrder = z.infer<typeof reductionOrder>;

/** Final weights up to this size are stored without being asked for. */
export const maxAutoWeightsBytes = 16 * 1024 * 1024;

/** Whether the final weights are stored as a file; `auto` stores those up to `maxAutoWeightsBytes`. */
export const keepWeights = z.enum(["auto", "always", "never"]);

/** Whether small pictures of the evaluated cases are stored, for data sets of images; absent: `auto`, up to `thumbnailCases` a split. */
export const keepThumbnails = z.enum(["auto", "never"]);

/** Cases of a split that have a thumbnail, and its longest side in pixels. */
export const thumbnailCases = 4096;
export const thumbnailSide = 32;

export const runRequest = z.strictObject({
  protocol: z.literal(trainerProtocolVersion),
  runId: z.string(),
  attempt: z.int().min(1),
  task,
  /** As the study sets them, with one name each. What it leaves out or sets to null is not there: the trainer's own default holds. */
  parameters,
  seed: z.int().min(0),
  mode,
  arm: z.strictObject({ name: z.string(), execution }),
  repeat: z.int().min(0),
  noise,
  dataset: datasetChoice,
  objective: objective.nullable(),
  threshold,
  selection,
  backend,
  /** What `auto` stands for, best first: what the trainer announced on this machine, so that a run need not try again. */
  autoBackends: z.array(z.string()).optional(),
  resources: z.strictObject({
    threads: z.union([z.literal("auto"), z.int().min(1).max(256)]),
    ranks: z.int().min(1),
  }),
  /** Folder that this attempt may write checkpoints and artifacts into. */
  outputDirectory: z.string(),
  /** Write a checkpoint every so many epochs, and every so many steps; null for none. */
  checkpointEveryEpochs: z.int().min(1).nullable(),
  checkpointEverySteps: z.int().min(1).nullable().default(null),
  keepWeights: keepWeights.default("auto"),
  /** Absent: none are wanted. */
  thumbnails: z
    .strictObject({
      /** Keys of thumbnails that are stored already. */
      known: z.array(z.string()),
    })
    .optional(),
  /** Where the server traces: by this the program may continue the trace of its run (W3C Trace Context). */
  traceparent: z.string().optional(),
  resume: z.strictObject({ checkpointPath: z.string(), step: z.int().min(0) }).nullable(),
  /** Forces the recorded order of an earlier run instead of the arm's own (built-in trainer). */
  replay: z.strictObject({ order: reductionOrder }).nullable(),
  /** The run whose final weights a run of task `evaluation` evaluates, and what decided its data. */
  evaluate: z
    .strictObject({
      runId: z.string(),
      task,
      /** A tensor file. */
      weightsPath: z.string(),
      digest: z.string().nullable(),
      epoch: z.int().min(0),
      parameters,
      seed: z.int().min(0),
      repeat: z.int().min(0),
      noise,
      dataset: datasetChoice,
    })
    .nullable()
    .default(null),
});
export type RunRequest = z.infer<typeof runRequest>;

/** What is stored of a request beside what a run shows of itself. */
export const storedRequest = runRequest
  .pick({
    task: true,
    dataset: true,
    objective: true,
    threshold: true,
    selection: true,
    backend: true,
    resources: true,
    checkpointEveryEpochs: true,
    checkpointEverySteps: true,
    keepWeights: true,
  })
  .extend({ keepThumbnails: keepThumbnails.optional() });
export type StoredRequest = z.infer<typeof storedRequest>;
