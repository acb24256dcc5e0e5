import { z } from "zod";
import { environmentValue, id, instant } from "./entities.js";
import { rungKind } from "./trainer-protocol.js";

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

/** The lowest rung at which the two runs part. */
export const divergence = z.strictObject({
  kind: rungKind,
  /** Epoch or step of the rung, as the trainer counts them. */
  position: z.int(),
  /** The first tensor that differs, its largest distance in units in the last place, and its relative error; null where only digests are known. */
  tensor: z.string().nullable(),
  maxUlp: z.number().nullable(),
  relativeError: z.number().nullable(),
});
export type Divergence = z.infer<typeof divergence>;

/** An environment value in which the two runs differ. A side that lacks the value has null. Suspects never decide. */
export const suspect = z.strictObject({
  key: z.string(),
  source: environmentValue,
  replica: environmentValue,
  /** How often a difference of this kind changes results. */
  likelihood: z.enum(["likely", "possible", "unlikely"]),
});
export type Suspect = z.infer<typeof suspect>;

/** A run done again, to see whether its result happens again. */
export const verification = z
  .strictObject({
    id,
    runId: id,
    replicaRunId: id,
    kind: verificationKind,
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
export const verificationList = z.strictObject({ items: z.array(verification) });
