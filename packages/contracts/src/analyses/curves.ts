import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { id } from "../basics/primitives.js";
import { envelope, number } from "./envelope.js";

/** Epochs and optimisation steps that a run left digests of; null where it left none, or not of all. */
export type LadderCounts = { epochs: number | null; steps: number | null };

/** A step after which fewer runs are in the mean of a group, so that it may jump. */
export const curveEnd = z.strictObject({
  step: z.int(),
  /** Runs that have ended with this step as their last. */
  ended: z.int(),
  /** Runs that have come to this step and are still running. */
  running: z.int(),
  /** Runs that are in the mean at all, and those that have points after this step. */
  of: z.int(),
  goOn: z.int(),
});
export type CurveEnd = z.infer<typeof curveEnd>;

/** Mean over seeds with its 95 % interval per epoch, of a configuration and arm, and each run. */
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
  /** Runs in the mean. */
  n: z.array(z.int()),
  /** Where curves end before the longest of the group, by step. */
  ends: z.array(curveEnd),
  /** Where the mean moves because other runs are in it, in words. */
  membership: z.array(z.string()),
  /** Over seeds, repeats of a seed averaged; its interval is null below three seeds, or runs where all have one seed. */
  mean: z.array(number),
  low: z.array(number),
  high: z.array(number),
  /** Independent observations behind the interval: seeds, or runs where all have one seed. */
  units: z.array(z.int()),
  /** SD between those; null below two. */
  sd: z.array(number),
  /** Least and greatest value of a run. */
  min: z.array(number),
  max: z.array(number),
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
