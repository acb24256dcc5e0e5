import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { sequentialBounds, sequentialRecord, settleable } from "../sweeps/sequential-design.js";
import { envelope, interval, number } from "./envelope.js";
import { verdict } from "./parts.js";

/** The estimate and its bounds when a seed has come. */
export const sequentialPoint = z.strictObject({
  /** Seeds that had been trained; those with a result on both sides are `n`. */
  seeds: z.int(),
  seed: z.int(),
  n: z.int(),
  /** Difference at this seed; null where a side has no result, with the reason. */
  difference: number,
  missing: z.string().nullable(),
  estimate: number,
  /** Holds the true mean difference at all looks together, with probability 1 − `alpha`. */
  interval,
  /** Both ends at one-sided error `alpha`: within the margin, they show equivalence. */
  oneSided: interval,
  /** Anytime-valid bounds only: evidence against no difference, which is claimed at 1/`alpha`. */
  eValue: number,
  /** The study looks here; by spending bounds, only here something can be claimed. */
  look: z.boolean(),
  claim: settleable.nullable(),
});
export type SequentialPoint = z.infer<typeof sequentialPoint>;

export const sequentialQuestion = z.strictObject({
  question: z.string(),
  contrast: z.enum(["mode", "configuration"]),
  a: z.string(),
  b: z.string(),
  path: z.array(sequentialPoint),
  /** What the first look that settles it shows, and after how many seeds; by the runs of now. */
  settled: z.strictObject({ claim: settleable, seeds: z.int(), n: z.int() }).nullable(),
  /** The same as it was recorded at the time; null where no look has settled it. */
  recorded: z.strictObject({ claim: settleable, seeds: z.int(), n: z.int(), at: z.string() }).nullable(),
  verdict,
});
export type SequentialQuestion = z.infer<typeof sequentialQuestion>;

/** A study whose seeds come block by block: its question at every look, with error held over all of them. */
export const sequentialAnalysis = z
  .strictObject({
    analysis: z.literal("sequential"),
    ...envelope,
    /** Null for a study whose runs were queued at once; nothing is computed then. */
    bounds: z.enum(sequentialBounds).nullable(),
    settle: z.array(settleable),
    margin: wireNumber.nullable(),
    /** Error of each question over all looks: that of the plan, shared among the questions. */
    alpha: z.number(),
    looks: z.array(z.int()),
    maxSeeds: z.int(),
    seedsTrained: z.int(),
    runsTrained: z.int(),
    /** Runs that the fixed design of all seeds would have. */
    runsAtMost: z.int(),
    continuedFrom: z.int().nullable(),
    questions: z.array(sequentialQuestion),
    record: sequentialRecord.nullable(),
  })
  .meta({ id: "SequentialAnalysis" });
export type SequentialAnalysis = z.infer<typeof sequentialAnalysis>;
