import { z } from "zod";
import { wireNumber } from "../basics/numbers.js";
import { id } from "../basics/primitives.js";
import { trainingDivergence } from "../protocol/training-divergence.js";
import { envelope, number } from "./envelope.js";

const extreme = z.strictObject({
  value: wireNumber,
  runId: id,
  configurationLabel: z.string(),
  seed: z.int(),
  arm: z.string(),
  repeat: z.int(),
  /** Where that run diverged; null where it did not. */
  diverged: trainingDivergence.nullable(),
});

/** Table I: best and worst run of everything, of an optimizer, or of a configuration. */
export const extremesRow = z.strictObject({
  grouping: z.enum(["all", "optimizer", "configuration"]),
  label: z.string(),
  n: z.int(),
  diverged: z.int(),
  seeds: z.int(),
  best: extreme.nullable(),
  worst: extreme.nullable(),
  /** Largest minus smallest value. */
  range: number,
  /**
   * By how much the best of so many equally good runs with this SD lies beyond their mean, were they normal; null for runs of
   * several configurations, of fewer than three different runs, and where one diverged.
   */
  optimism: number,
});
export type ExtremesRow = z.infer<typeof extremesRow>;
export const extremesAnalysis = z
  .strictObject({ analysis: z.literal("extremes"), ...envelope, rows: z.array(extremesRow) })
  .meta({ id: "ExtremesAnalysis" });
export type ExtremesAnalysis = z.infer<typeof extremesAnalysis>;
