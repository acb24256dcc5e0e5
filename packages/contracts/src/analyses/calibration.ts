import { z } from "zod";
import { id } from "../basics/primitives.js";
import { bandOverRuns, caseScope, overRuns } from "./case-scope.js";
import { envelope, interval, number } from "./envelope.js";

/** How far the scores of some runs are probabilities. */
export const calibrationRow = z.strictObject({
  scope: caseScope,
  positiveClass: z.string(),
  prevalence: number,
  brier: overRuns,
  /** 0 is perfect; below: risks are too high on the whole. */
  intercept: overRuns,
  /** 1 is perfect; below: risks are too extreme. */
  slope: overRuns,
  runs: z.array(
    z.strictObject({
      runId: id,
      brier: number,
      intercept: number,
      interceptInterval: interval,
      slope: number,
      slopeInterval: interval,
      reason: z.string().nullable(),
    }),
  ),
  /** Share of positive cases at each score, with the range between runs. */
  curve: z.strictObject({ score: z.array(z.number()), ...bandOverRuns.shape }),
  /** Cases by score, over all runs: counts in twenty equal classes from 0 to 1. */
  scores: z.array(z.int()),
});
export type CalibrationRow = z.infer<typeof calibrationRow>;
export const calibrationAnalysis = z
  .strictObject({ analysis: z.literal("calibration"), ...envelope, rows: z.array(calibrationRow) })
  .meta({ id: "CalibrationAnalysis" });
export type CalibrationAnalysis = z.infer<typeof calibrationAnalysis>;
