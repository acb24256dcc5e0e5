import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { id } from "../basics/primitives.js";
import { envelope, number } from "./envelope.js";

/** Epochs and optimisation steps that a run left digests of; null where it left none, or not of all. */
export type LadderCounts = { epochs: number | null; steps: number | null };

/** Mean ± 95 % t interval per epoch over all runs of a configuration and arm, and each run faint. */
export const curveGroup = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  arm: z.string(),
  steps: z.array(z.int()),
  /** What `steps` count: epochs, unless they run beyond the last one on the digest ladder. */
  countedIn: z.enum(["epochs", "steps"]),
  /** Optimisation steps of an epoch by the digest ladder; null where that does not tell, or no run has ended. */
  stepsPerEpoch: z.int().min(1).nullable(),
  /** Mean time since the start of the attempt at which a step was reached, in seconds, over the same runs. */
  seconds: z.array(number),
  n: z.array(z.int()),
  mean: z.array(number),
  low: z.array(number),
  high: z.array(number),
  runs: z.array(
    z.strictObject({
      runId: id,
      seed: z.int(),
      repeat: z.int(),
      steps: z.array(z.int()),
      values: z.array(wireNumber),
      /** Seconds since the attempt started. */
      wallTimes: z.array(z.number()),
    }),
  ),
});
export type CurveGroup = z.infer<typeof curveGroup>;

export const curvesAnalysis = z
  .strictObject({ analysis: z.literal("curves"), ...envelope, groups: z.array(curveGroup) })
  .meta({ id: "CurvesAnalysis" });
export type CurvesAnalysis = z.infer<typeof curvesAnalysis>;
