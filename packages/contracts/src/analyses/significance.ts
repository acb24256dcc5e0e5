import { z } from "zod";
import { envelope, interval, number } from "./envelope.js";
import { analysisTable, group, verdict } from "./parts.js";

/** Table V and its repair: both tests for one arm at one configuration and seed. */
export const significanceRow = z.strictObject({
  group,
  arm: z.string(),
  n: z.int(),
  deterministicValue: number,
  mean: number,
  sd: number,
  newObservation: z.strictObject({
    statistic: number,
    df: number,
    p: number,
    adjustedP: number,
    rejected: z.boolean().nullable(),
    predictionInterval: interval,
  }),
  oneSample: z.strictObject({
    statistic: number,
    df: number,
    p: number,
    adjustedP: number,
    rejected: z.boolean().nullable(),
    /** How often it rejects when the deterministic run is just another draw, at this n. */
    falsePositiveRate: number,
  }),
  /** Shift that the new-observation test finds with 80 % power, in the metric's unit. */
  minimumDetectableShift: number,
  /** Why a test could not be done; null when it could. */
  reason: z.string().nullable(),
  verdicts: z.array(verdict),
});
export type SignificanceRow = z.infer<typeof significanceRow>;

/** One arm of one configuration, all seeds: the pooled tests. */
export const pooledRow = z.strictObject({
  configurationKey: z.string(),
  configurationLabel: z.string(),
  arm: z.string(),
  seeds: z.int(),
  shift: number,
  shiftInterval: interval,
  shiftP: number,
  /** Corrected over configurations and arms. */
  shiftAdjustedP: number.optional(),
  dispersionF: number,
  dispersionDf: z.tuple([number, number]),
  dispersionP: number,
  dispersionAdjustedP: number.optional(),
  /** The interval (1 − 2α) that decides about equivalence within the margin of the plan; null without one. */
  equivalence: z.strictObject({ margin: z.number(), interval, shown: z.boolean() }).nullable().optional(),
  reason: z.string().nullable(),
  verdict,
});
export type PooledRow = z.infer<typeof pooledRow>;

export const significanceAnalysis = z
  .strictObject({
    analysis: z.literal("significance"),
    ...envelope,
    /** Per configuration and arm, over its seeds: Table V of the CUDA-randomness paper and its repair. */
    summary: analysisTable,
    alpha: z.number(),
    rows: z.array(significanceRow),
    pooled: z.array(pooledRow),
  })
  .meta({ id: "SignificanceAnalysis" });
export type SignificanceAnalysis = z.infer<typeof significanceAnalysis>;
