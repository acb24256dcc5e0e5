import { z } from "zod";
import { metricKey } from "../basics/metric-key.js";
import { wireNumber } from "../basics/numbers.js";
import { greatestStep } from "../basics/primitives.js";
import { fileName } from "../runs/artifacts.js";
import { captureGap, observation } from "../runs/observations.js";
import { digestAlgorithm, sha256Algorithm } from "./digest-algorithm.js";
import { givenParameters } from "./given-parameters.js";
import { reductionOrder, thumbnailCases, thumbnailSide } from "./run-request.js";

// The trainer protocol, version 1.
//
// A trainer is a program. It reads one `RunRequest` (`run-request.ts`) as JSON on stdin, trains that run, and writes one
// `TrainerEvent` per line (NDJSON) on file descriptor 3, so that whatever it prints on stdout and stderr stays a log. Stdin
// stays open for as long as the worker lives: when it closes, the trainer must end. SIGTERM asks it to stop.
//
// What an older worker may ignore is added without another version: of a type that it does not know it says so once and goes on
// (`observation` and `capture-gap` came so). A further field of a known event fails the run there, and needs version 2; `algorithm`
// of digests came before version 1 was released.

/** Rungs of the digest ladder, in their order. Mode, arm, repeat and thread count enter none of them but `environment`. */
export const rungKinds = [
  "configuration",
  "environment",
  "dataset",
  "dataOrder",
  "initialWeights",
  "step",
  "epoch",
  "finalWeights",
  "predictions",
] as const;
export const rungKind = z.enum(rungKinds);
export type RungKind = z.infer<typeof rungKind>;

export const hexDigest = z.string().regex(/^[0-9a-f]{32,64}$/, {
  error: "a SHA-256 in lower-case hex, whole or cut to 16 bytes",
  abort: true,
});

export const helloEvent = z.strictObject({
  type: z.literal("hello"),
  name: z.string(),
  version: z.string(),
  /** Every hyperparameter with the value that was really used, defaults included. */
  effectiveParameters: givenParameters,
  /** Keys that were asked for but not used; a run that reports one fails unless the sweep allows it. */
  unusedParameters: z.array(z.string()).default([]),
  /** Plain sentences about what the reader must know (per-shard batch norm, thread count, ...). */
  disclosures: z.array(z.string()).default([]),
  backend: z.strictObject({ requested: z.string(), used: z.string() }),
});

/** What the trainer knows of its environment: flat, because it is compared key by key. */
export const environmentEvent = z.strictObject({
  type: z.literal("environment"),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** A stretch of one metric series. `steps` counts epochs from 1 for per-epoch metrics; same length as `values`. */
export const metricEvent = z
  .strictObject({
    type: z.literal("metric"),
    key: metricKey,
    steps: z.array(z.int().min(0).max(greatestStep)),
    values: z.array(wireNumber),
  })
  .refine((m) => m.steps.length === m.values.length, { error: "steps and values must have the same length" });

/** Rungs whose tensors may lie on a device, where another algorithm than SHA-256 is faster. */
const rungsOnDevices: ReadonlySet<RungKind> = new Set(["initialWeights", "step", "epoch"]);

type DigestStretch = { positions: readonly number[]; digests: readonly string[] };

/** Rules that a stretch of digests keeps wherever it is told. */
export const perPosition = ({ positions, digests }: DigestStretch) => positions.length === digests.length;
export const perPositionRule = { error: "positions and digests must have the same length" };
/** What runs are compared by in the end has one algorithm. */
export const perAlgorithm = ({ kind, algorithm }: { kind: RungKind; algorithm: string }) =>
  algorithm === sha256Algorithm || rungsOnDevices.has(kind);
export const perAlgorithmRule = {
  error: `only digests of ${[...rungsOnDevices].join(", ")} may have another algorithm than ${sha256Algorithm}: digest the bytes by SHA-256 here`,
  path: ["algorithm"],
};

/** Digests of one kind of rung: `positions` are epochs, steps, or [0] where there is only one. */
export const digestEvent = z
  .strictObject({
    type: z.literal("digest"),
    kind: rungKind,
    positions: z.array(z.int().min(0)),
    digests: z.array(hexDigest),
    algorithm: digestAlgorithm.default(sha256Algorithm),
  })
  .refine(perPosition, perPositionRule)
  .refine(perAlgorithm, perAlgorithmRule);

/** What of a rung is digested tensor by tensor, in the order in which a step computes it. */
export const rungParts = ["loss", "gradient", "weights"] as const;
export const rungPart = z.enum(rungParts);
export type RungPart = z.infer<typeof rungPart>;

const tensorDigestFields = z.strictObject({
  kind: z.enum(["initialWeights", "step", "epoch", "finalWeights"]),
  part: rungPart,
  names: z.array(z.string().min(1, { abort: true })).min(1),
  positions: z.array(z.int().min(0, { abort: true })),
  /** One string per position: the digests of all tensors in the order of `names`, equally long, in lower-case hex. */
  digests: z.array(z.string().regex(/^([0-9a-f]{2})+$/)),
  algorithm: digestAlgorithm.default(sha256Algorithm),
});

/** A stretch of digests of single tensors. */
export type TensorDigests = z.infer<typeof tensorDigestFields>;

const perName = ({ names, digests }: TensorDigests) =>
  digests.every((digest) => digest.length % (2 * names.length) === 0);
const perNameRule = { error: "every string must hold one digest for each name" };

/**
 * Digests of single tensors, which tell where two runs part that a rung shows to differ. A step has `loss` (one scalar
 * of that name), `gradient` (reduced) and `weights` (after the step); the other rungs have `weights`. They tell
 * differences and need not be long: 8 hex digits do for a step.
 */
export const tensorDigests = tensorDigestFields
  .refine(perPosition, perPositionRule)
  .refine(perName, perNameRule);
export const tensorDigestsEvent = tensorDigestFields
  .extend({ type: z.literal("tensor-digests") })
  .refine(perPosition, perPositionRule)
  .refine(perName, perNameRule);

/** What an embedding holds: the last layer's weights, or what a fixed batch of cases looks like just before that layer. */
export const embeddingKind = z.enum(["lastLayerWeights", "probe"]);
export type EmbeddingKind = z.infer<typeof embeddingKind>;

const embeddingFields = z.strictObject({
  epoch: z
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  of: embeddingKind.default("lastLayerWeights"),
  /** [cases, width] of a probe, whose rows stand one after another in the vector. */
  shape: z.tuple([z.int().min(1), z.int().min(1)]).optional(),
  vector: z.array(wireNumber),
});
type EmbeddingFields = z.infer<typeof embeddingFields>;

const fitsShape = ({ of, shape, vector }: EmbeddingFields) =>
  shape === undefined ? of !== "probe" : shape[0] * shape[1] === vector.length;
const shapeRule = { error: "a probe needs shape, [cases, width], and a vector of cases × width numbers" };

/** Last-layer weights, or activations of a fixed batch, after an epoch, flattened. */
export const embedding = embeddingFields.refine(fitsShape, shapeRule);
export type Embedding = z.infer<typeof embedding>;
export const embeddingEvent = embeddingFields
  .extend({ type: z.literal("embedding") })
  .refine(fitsShape, shapeRule);

/** A question that scores answer other than the data set's own classes: a zero-shot evaluation of a contrastive run. */
const question = z.strictObject({
  name: z.string().min(1).max(64),
  classes: z.array(z.string()).min(2),
  positiveClass: z.int().min(0).nullable(),
});

/** A split whose cases are scored. */
export const evaluatedSplit = z.enum(["validation", "test"]);

/** Columns of the cases by name, each with a text per case in the order of their ids. */
const caseColumns = z.record(z.string().min(1).max(64), z.array(z.string()));

/** What a program may tell of scored cases beside their scores. */
export const caseFacts = {
  /** By grouping (patient, slide, photograph), the group of every case: cases of one group are not independent of each other. */
  groups: caseColumns.optional(),
  /** By column (sex, site, scanner), what every case is of: results are shown apart for each value. */
  subgroups: caseColumns.optional(),
};
type CaseFacts = { ids: readonly string[] } & {
  [Fact in keyof typeof caseFacts]?: z.infer<typeof caseColumns>;
};

/** Which column of the cases has another length than their ids, in words; null where all fit. */
export function misfitOfCaseFacts({ ids, ...facts }: CaseFacts): { path: string[]; message: string } | null {
  for (const fact of ["groups", "subgroups"] as const)
    for (const [name, values] of Object.entries(facts[fact] ?? {}))
      if (values.length !== ids.length)
        return { path: [fact, name], message: `has ${values.length} entries, ids has ${ids.length}` };
  return null;
}

/** Scores of one split at the selected epoch. `scores` has one row per case and one column per class. */
export const predictionsEvent = z
  .strictObject({
    type: z.literal("predictions"),
    split: evaluatedSplit,
    /** Absent: the scores are for the classes of the data set. */
    question: question.optional(),
    /** Names of the columns, and which class is positive, where no data set that the trainer announces says so. */
    classes: z.array(z.string()).min(2).optional(),
    positiveClass: z.int().min(0).nullable().optional(),
    epoch: z.int().min(0),
    ids: z.array(z.string()),
    labels: z.array(z.int().min(0)),
    scores: z.array(z.array(wireNumber)),
    /** Threshold on the positive class's score that was applied; null for more than two classes. */
    threshold: z.number().nullable(),
    ...caseFacts,
  })
  .refine((p) => p.ids.length === p.labels.length && p.ids.length === p.scores.length, {
    error: "ids, labels and scores must have the same length",
  })
  .superRefine((p, context) => {
    const misfit = misfitOfCaseFacts(p);
    if (misfit) context.addIssue({ code: "custom", ...misfit });
  });

/**
 * A checkpoint file, complete and of a name of its own: with this event it belongs to the worker, which moves it away.
 * `step` steps and `epoch` whole epochs lie before it.
 */
export const checkpointEvent = z.strictObject({
  type: z.literal("checkpoint"),
  path: z.string(),
  step: z.int().min(0),
  epoch: z.int().min(0),
});

/**
 * A file that is part of the result; with this event it belongs to the worker, which moves it away. Final weights are a
 * tensor file (`encodeTensorFile`) with every tensor under its name.
 */
export const artifactEvent = z.strictObject({
  type: z.literal("artifact"),
  kind: z.enum(["finalWeights"]),
  path: z.string(),
  /** Steps and epochs made until then. */
  step: z.int().min(0),
  epoch: z.int().min(0),
});

/** Whatever the program has written: a figure, a table. With this event the file belongs to the worker, which moves it away. */
export const fileEvent = z.strictObject({
  type: z.literal("file"),
  /** Of several files of a name the last is kept. */
  name: fileName,
  path: z.string(),
  step: z.int().min(0).nullable().default(null),
});

/**
 * Small pictures of the evaluated cases of a split, all on one sheet: a PNG whose cells are filled row by row in the
 * order of `ids`. The key tells the same pictures of the same cases apart from all others; of one that is known already
 * no sheet is sent. With this event the file belongs to the worker, which moves it away.
 */
export const thumbnailsEvent = z.strictObject({
  type: z.literal("thumbnails"),
  key: hexDigest,
  split: evaluatedSplit,
  sheet: z
    .strictObject({
      path: z.string(),
      columns: z.int().min(1),
      /** Pixels of a cell. */
      width: z.int().min(1).max(thumbnailSide),
      height: z.int().min(1).max(thumbnailSide),
      ids: z.array(z.string()).min(1).max(thumbnailCases),
    })
    .nullable(),
});

/**
 * One look at one setting of the process: `torch.backends.cudnn.benchmark`, `seed`, an environment variable, … Null for
 * `step`: the look belongs to no step. What a program says of itself is reported; only Reprise's code inside the process,
 * which reads the value where it lives, writes `observer: reprise`.
 */
export const observationEvent = observation.extend({ type: z.literal("observation") });

/** Something of the process that Reprise's code could not see, and why. */
export const captureGapEvent = captureGap.extend({ type: z.literal("capture-gap") });

export const progressEvent = z.strictObject({
  type: z.literal("progress"),
  done: z.number().min(0),
  total: z.number().min(0),
  unit: z.string(),
});

/** The summation orders of steps `firstStep` … `firstStep + orders.length - 1`, for a later replay. */
export const reductionOrderEvent = z.strictObject({
  type: z.literal("reduction-order"),
  firstStep: z.int().min(0),
  orders: reductionOrder,
});

export const logEvent = z.strictObject({
  type: z.literal("log"),
  level: z.enum(["debug", "info", "warn", "error"]),
  message: z.string(),
});

export const doneEvent = z.strictObject({
  type: z.literal("done"),
  /** The `finalWeights` rung: SHA-256 over all tensors. Null when the trainer cannot tell. */
  digest: hexDigest.nullable(),
  selectedEpoch: z.int().min(0).nullable(),
  /** Seconds by phase, wall clock: start, data, train, evaluate, … */
  phases: z.record(z.string(), z.number().min(0)).default({}),
});

export const errorEvent = z.strictObject({
  type: z.literal("error"),
  kind: z.enum(["user", "infrastructure"]),
  message: z.string().min(1),
  hint: z.string().optional(),
});

export const trainerEvent = z.discriminatedUnion("type", [
  helloEvent,
  environmentEvent,
  metricEvent,
  digestEvent,
  tensorDigestsEvent,
  embeddingEvent,
  predictionsEvent,
  checkpointEvent,
  artifactEvent,
  fileEvent,
  thumbnailsEvent,
  observationEvent,
  captureGapEvent,
  progressEvent,
  reductionOrderEvent,
  logEvent,
  doneEvent,
  errorEvent,
]);
export type TrainerEvent = z.infer<typeof trainerEvent>;
export type TrainerEventType = TrainerEvent["type"];
export const trainerEventTypes: readonly TrainerEventType[] = trainerEvent.options.map(
  (option) => option.shape.type.value,
);
