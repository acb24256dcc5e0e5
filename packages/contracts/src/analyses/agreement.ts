import { z } from "zod";
import { id } from "../basics/primitives.js";
import { envelope, number } from "./envelope.js";
import { group } from "./parts.js";

/** Case by case agreement of the runs of one configuration and seed. */
export const agreementGroup = z.strictObject({
  group,
  classes: z.array(z.string()),
  testCases: z.int(),
  /** Grouping of the cases that McNemar's test respects; null where cases count as independent. */
  grouping: z.string().nullable(),
  /** Rows and columns of the matrix: the first deterministic run and all others. */
  runs: z.array(z.strictObject({ runId: id, arm: z.string(), repeat: z.int() })),
  /** Share of test cases on which two runs disagree; 0 on the diagonal. */
  disagreement: z.array(z.array(z.number())),
  arms: z.array(
    z.strictObject({
      arm: z.string(),
      n: z.int(),
      meanDisagreement: number,
      maxDisagreement: number,
      unanimousFraction: number,
      fleissKappa: number,
      reason: z.string().nullable(),
    }),
  ),
  /** Cases on which not all of these runs agree. */
  flippedCases: z.int(),
  /** These cases, the most divided first; at most 200. */
  cases: z.array(
    z.strictObject({
      caseId: z.string(),
      trueClass: z.string(),
      /** Class name → number of runs that decided for it. */
      decisions: z.record(z.string(), z.int()),
    }),
  ),
  /** McNemar's exact test of every pair of runs, which exchanges them patient by patient where patients are known; null unless it was asked for. */
  mcnemar: z
    .array(
      z.strictObject({
        runA: id,
        runB: id,
        onlyARight: z.int(),
        onlyBRight: z.int(),
        p: number,
        adjustedP: number,
      }),
    )
    .nullable(),
});
export type AgreementGroup = z.infer<typeof agreementGroup>;
export const agreementAnalysis = z
  .strictObject({ analysis: z.literal("agreement"), ...envelope, groups: z.array(agreementGroup) })
  .meta({ id: "AgreementAnalysis" });
export type AgreementAnalysis = z.infer<typeof agreementAnalysis>;
