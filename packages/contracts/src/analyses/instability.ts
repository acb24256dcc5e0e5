import { z } from "zod";
import { caseScope } from "./case-scope.js";
import { envelope, interval, number } from "./envelope.js";

/** How far runs differ about single cases, and what of the spread between them is a difference of models. */
export const instabilityRow = z.strictObject({
  scope: caseScope,
  /** Variance of accuracy between runs, split; SDs are roots of its parts, null of a negative one. */
  accuracy: z.strictObject({
    mean: number,
    observedSd: number,
    testSetSd: number,
    modelSd: number,
    modelVariance: number,
    /** 95 % interval of the SD of models; its lower end is 0 where that of the variance is negative. */
    modelSdInterval: interval,
    reason: z.string().nullable(),
  }),
  /** Share of cases that two runs decide differently, and that a run has wrong. */
  disagreement: number,
  error: number,
  /** Mean over cases: of the absolute difference of two runs' scores, and of the share of pairs that classify a case differently. */
  meanDifference: number,
  meanClassification: number,
  /** Cases that not all runs classify alike. */
  unstableCases: z.int(),
  /** Cases, the most unstable first; at most 500. Scores are for the positive class, else for the class of the case. */
  cases: z.array(
    z.strictObject({
      caseId: z.string(),
      trueClass: z.string(),
      meanScore: number,
      minScore: number,
      maxScore: number,
      difference: number,
      classification: number,
    }),
  ),
});
export type InstabilityRow = z.infer<typeof instabilityRow>;
export const instabilityAnalysis = z
  .strictObject({ analysis: z.literal("instability"), ...envelope, rows: z.array(instabilityRow) })
  .meta({ id: "InstabilityAnalysis" });
export type InstabilityAnalysis = z.infer<typeof instabilityAnalysis>;
