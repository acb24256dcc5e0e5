import { z } from "zod";
import { id } from "../entities.js";
import { envelope, interval, number } from "./analysis-parts.js";
import { group } from "./parts.js";

/** Figures 2 and 3: how alike the last layers of repeats are, epoch by epoch; never across seeds. */
export const similarityGroup = z.strictObject({
  group,
  arm: z.string(),
  runIds: z.array(id),
  epochs: z.array(z.int()),
  /** Runs compared at each epoch. */
  n: z.array(z.int()),
  mean: z.array(number),
  min: z.array(number),
  /** Linear CKA of the scores that the runs give to the same test cases (cases × classes). */
  outputs: z
    .strictObject({ runs: z.int(), cases: z.int(), classes: z.int(), meanCka: number, minCka: number })
    .nullable(),
  /** Activations of the same test cases just before the last layer (cases × width), where runs were asked to report them. */
  probe: z
    .strictObject({
      cases: z.int(),
      /** Activations of each case. */
      width: z.int(),
      epochs: z.array(z.int()),
      n: z.array(z.int()),
      meanCosine: z.array(number),
      minCosine: z.array(number),
      meanCka: z.array(number),
      minCka: z.array(number),
    })
    .nullable(),
});
export type SimilarityGroup = z.infer<typeof similarityGroup>;
export const similarityAnalysis = z
  .strictObject({ analysis: z.literal("similarity"), ...envelope, groups: z.array(similarityGroup) })
  .meta({ id: "SimilarityAnalysis" });
export type SimilarityAnalysis = z.infer<typeof similarityAnalysis>;

/** ROC curves on the test split, one per run, and how they lie together. */
export const rocGroup = z.strictObject({
  group,
  arm: z.string(),
  positiveClass: z.string(),
  positives: z.int(),
  negatives: z.int(),
  runs: z.array(
    z.strictObject({
      runId: id,
      repeat: z.int(),
      auc: number,
      /** 95 % interval by DeLong: what the test cases alone leave open. */
      aucInterval: interval,
      /** Corners of the curve, from (0, 0) to (1, 1). */
      falsePositiveRate: z.array(z.number()),
      truePositiveRate: z.array(z.number()),
    }),
  ),
  /** Sensitivity over runs at equally spaced false-positive rates (vertical averaging), with its range between runs. */
  band: z.strictObject({
    falsePositiveRate: z.array(z.number()),
    mean: z.array(z.number()),
    min: z.array(z.number()),
    max: z.array(z.number()),
  }),
});
export type RocGroup = z.infer<typeof rocGroup>;
export const rocAnalysis = z
  .strictObject({ analysis: z.literal("roc"), ...envelope, groups: z.array(rocGroup) })
  .meta({ id: "RocAnalysis" });
export type RocAnalysis = z.infer<typeof rocAnalysis>;

/** Case by case agreement of the runs of one configuration and seed. */
export const agreementGroup = z.strictObject({
  group,
  classes: z.array(z.string()),
  testCases: z.int(),
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
  /** McNemar's test of every pair of runs; null unless it was asked for. */
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
