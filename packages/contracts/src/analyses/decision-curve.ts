import { z } from "zod";
import { bandOverRuns, caseScope, overRuns } from "./case-scope.js";
import { envelope, number } from "./envelope.js";

const predictiveValue = z.strictObject({
  ...overRuns.shape,
  /** 95 % interval of the value at the mean rates of these runs, for other test cases. */
  low: number,
  high: number,
});

/** What deciding by the scores of some runs is worth. */
export const decisionCurveRow = z.strictObject({
  scope: caseScope,
  positiveClass: z.string(),
  /** Share of positive test cases, at which net benefits are. */
  prevalence: number,
  thresholds: z.array(z.number()),
  netBenefit: bandOverRuns,
  /** Net benefit of treating everybody; treating nobody has 0. */
  treatAll: z.array(z.number()),
  /** Thresholds at which every run is better than treating all and treating none; null where there are none. */
  useful: z.strictObject({ from: z.number(), to: z.number() }).nullable(),
  /** At the stated prevalence and the declared threshold rule; null where none is stated. */
  predictive: z
    .strictObject({ prevalence: z.number(), ppv: predictiveValue, npv: predictiveValue })
    .nullable(),
});
export type DecisionCurveRow = z.infer<typeof decisionCurveRow>;
export const decisionCurveAnalysis = z
  .strictObject({
    analysis: z.literal("decisionCurve"),
    ...envelope,
    /** Prevalence of predictive values, and whether the analysis plan states it. */
    prevalence: z.strictObject({ value: z.number(), planned: z.boolean() }).nullable(),
    rows: z.array(decisionCurveRow),
  })
  .meta({ id: "DecisionCurveAnalysis" });
export type DecisionCurveAnalysis = z.infer<typeof decisionCurveAnalysis>;
