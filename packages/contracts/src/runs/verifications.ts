import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { id, instant } from "../basics/primitives.js";
import { rungKind, rungPart } from "../protocol/events.js";
import { environmentValue } from "./run-records.js";

/** `verify` trains the run again as it was; `replay` forces the recorded summation order of a free run as well. */
export const verificationKinds = ["verify", "replay"] as const;
export const verificationKind = z.enum(verificationKinds);
export type VerificationKind = z.infer<typeof verificationKind>;

/**
 * What comparing the ladders of a run and of its replica says:
 *
 * - `bit-identical`: every rung that both have is equal, the final weights or predictions among them;
 * - `within-tolerance`: a rung differs, and the primary metric by no more than the margin of the analysis plan;
 * - `different`: a rung differs, and no margin covers it;
 * - `incomparable`: other configuration, data or backend, or nothing that could be compared.
 */
export const verdicts = ["bit-identical", "within-tolerance", "different", "incomparable"] as const;
export const verificationVerdict = z.enum(verdicts);
export type VerificationVerdict = z.infer<typeof verificationVerdict>;

/** How far a tensor of the replica lies from the run's. */
export const tensorDistance = z.strictObject({
  tensor: z.string(),
  size: z.int(),
  /** Elements whose bits differ. */
  differing: z.int(),
  /** Largest distance of two elements in units in the last place: how many floats lie between, plus one. */
  maxUlp: wireNumber,
  /** Largest |a − b| / max(|a|, |b|): at most 2; infinite where one of the two is no finite number. */
  maxRelativeError: wireNumber,
});
export type TensorDistance = z.infer<typeof tensorDistance>;

/** The lowest rung at which the two runs part, and what is known of the tensors there. */
export const divergence = z.strictObject({
  kind: rungKind,
  /** Epoch (from 1) or step (from 0) of the rung, as the trainer counts them. */
  position: z.int(),
  /** The epoch, from 1, in which the step lies; null for other rungs, and where it cannot be told. */
  epoch: z.int().nullable().default(null),
  /** Whether the loss of the step differs; null for other rungs, and where only a digest of the whole is known. */
  lossDiffers: z.boolean().nullable().default(null),
  /** What differs first: of a step its gradient, else its weights, else its loss alone; null where that is not known. */
  part: rungPart.nullable().default(null),
  /** Every tensor that differs in this part, in the model's order; empty where that is not known. */
  tensors: z.array(z.string()).default([]),
  /** Where the tensors were told apart: the position, unless tensors are digested every so many steps only. */
  tensorsAt: z.int().nullable().default(null),
  /** Over all tensors at the point of `measured`; null where no weights of both runs are stored. */
  maxUlp: wireNumber.nullable().default(null),
  maxRelativeError: wireNumber.nullable().default(null),
  /** The first point at or after the divergence at which the weights of both runs are stored. */
  measured: z
    .strictObject({
      stored: z.enum(["checkpoint", "finalWeights"]),
      /** Steps made until then. */
      step: z.int(),
      /** Whole epochs made until then. */
      epoch: z.int(),
      /** Tensors that differ, in the model's order. */
      tensors: z.array(tensorDistance),
    })
    .nullable()
    .default(null),
});
export type Divergence = z.infer<typeof divergence>;

/** How often a difference of a kind changes results. */
export const likelihood = z.enum(["likely", "possible", "unlikely"]);

/** An environment value in which the two runs differ. A side that lacks the value has null. Suspects never decide. */
export const suspect = z.strictObject({
  key: z.string(),
  source: environmentValue,
  replica: environmentValue,
  likelihood,
});
export type Suspect = z.infer<typeof suspect>;

/** Which workers may train a replica: `only` the one of this name or id, or any of another name (`not`). */
export const workerCondition = z.strictObject({ rule: z.enum(["only", "not"]), name: z.string() });
export type WorkerCondition = z.infer<typeof workerCondition>;

/** What asks for any worker but that of the run. */
export const otherWorker = "other";

/** Body of a verification or replay; it may be left out. */
export const verificationRequest = z
  .strictObject({
    /** `other`: a worker of another name than the run's. Else the name or id of the worker that is to train the replica. */
    worker: z.string().trim().min(1).max(200).optional(),
  })
  .prefault({});

/** A run done again, to see whether its result happens again. */
export const verification = z
  .strictObject({
    id,
    runId: id,
    replicaRunId: id,
    kind: verificationKind,
    /** Null: any worker. */
    worker: workerCondition.nullable().default(null),
    /** `failed` when the replica ended without a result. */
    status: z.enum(["queued", "running", "ended", "failed"]),
    /** Null until `ended`. */
    verdict: verificationVerdict.nullable(),
    firstDivergence: divergence.nullable(),
    /** Most likely first; empty when nothing diverged. */
    suspects: z.array(suspect),
    /** The verdict in words with the figures it rests on, or why there is none; null until then. */
    explanation: z.string().nullable(),
    createdAt: instant,
    endedAt: instant.nullable(),
  })
  .meta({ id: "Verification" });
export type Verification = z.infer<typeof verification>;

/** Verifications of one run, newest first. There are never many. */
export const verificationList = z.strictObject({
  items: z.array(verification),
  /** Whether the run could be trained again on another worker now. */
  elsewhere: z.strictObject({
    /** Names of connected workers that could; empty where `refusal` says why there is none. */
    workers: z.array(z.string()),
    refusal: z.string().nullable(),
  }),
});
export type VerificationList = z.infer<typeof verificationList>;

/** How far the weights of a replica lie from its run's at a point at which both were stored. */
export const weightDistance = z.strictObject({
  stored: z.enum(["checkpoint", "finalWeights"]),
  /** Steps made until then. */
  step: z.int(),
  /** Whole epochs made until then. */
  epoch: z.int(),
  /** ‖a − b‖₂ / ‖a‖₂ over all weights, a being the run's; infinite where a weight is no finite number. */
  distance: wireNumber,
  /** Of the distance; null where it is 0 or infinite. */
  log10: z.number().nullable(),
});
export type WeightDistance = z.infer<typeof weightDistance>;

/** By step. Empty where no weights of both were stored at a common point. */
export const weightDistances = z.strictObject({ items: z.array(weightDistance) });
