import { z } from "zod";
import { id } from "../basics/primitives.js";
import { envelope, number } from "./envelope.js";
import { analysisTable, group } from "./parts.js";
import { zeroShotSummary } from "./zero-shot.js";

/** Whose cases the interval is about: clusters (patients) where a grouping is known, and how many independent cases they are worth. */
const sampled = {
  estimate: number,
  low: number,
  high: number,
  n: z.int(),
  /** Clusters that these cases came from; null where cases are taken for independent. */
  clusters: z.int().nullable(),
  /** Variance over that of as many independent cases; null likewise. */
  designEffect: number,
};
const proportion = z.strictObject({ ...sampled, k: z.int() });

/** 95 % intervals of rates: what the size of the test set alone leaves open. */
const samplingIntervals = z.strictObject({
  accuracy: z.strictObject(sampled),
  sensitivity: z.strictObject(sampled).nullable(),
  specificity: z.strictObject(sampled).nullable(),
  auc: z.strictObject(sampled).nullable(),
});
export type SamplingIntervals = z.infer<typeof samplingIntervals>;

/** What a run takes each class for, where no class is the positive one; lists are in the order of `classes`. */
const classConfusion = z.strictObject({
  /** The run that the counts are of: the first with predictions. */
  runId: id,
  classes: z.array(z.string()),
  /** Test cases: [class of the case][class that it was given]. */
  counts: z.array(z.array(z.int())),
  /** Cases of each class that were given none, because scores were not numbers. */
  undecided: z.array(z.int()),
  /** Share of each class that was found, with its Wilson interval. */
  recall: z.array(proportion),
  /** The same share over all runs of the row. */
  recallRange: z.array(z.strictObject({ min: number, max: number })),
  /** The most frequent mistake, in words; null when there is none. */
  mistake: z.string().nullable(),
});

/** Sensitivity and specificity on the test split, per configuration, seed and arm. */
export const classificationRow = z.strictObject({
  group,
  arm: z.string(),
  /** Zero-shot question that the figures answer; null for the classes of the data set. */
  question: z.string().nullable(),
  n: z.int(),
  positiveClass: z.string().nullable(),
  accuracy: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  sensitivity: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  specificity: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  auc: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  f1: z.strictObject({ mean: number, sd: number, min: number, max: number }),
  /** Grouping of the cases that intervals respect (patient, slide); null where cases are taken for independent. */
  grouping: z.string().nullable(),
  /** Of the mean rates of these runs; null without predictions of the same cases. */
  samplingIntervals: samplingIntervals.nullable(),
  /** Share of test cases on which two runs disagree, mean over pairs; and cases that ever flip. */
  churn: number,
  flippedCases: z.int().nullable(),
  testCases: z.int().nullable(),
  runs: z.array(
    z.strictObject({
      runId: id,
      repeat: z.int(),
      accuracy: number,
      sensitivity: number,
      specificity: number,
      auc: number,
      confusion: z.strictObject({ tp: z.int(), fp: z.int(), fn: z.int(), tn: z.int() }).nullable(),
      /** Of this run; null without predictions. */
      samplingIntervals: samplingIntervals.nullable(),
    }),
  ),
  /** Null for two classes of which one is positive, and without predictions. */
  classConfusion: classConfusion.nullable(),
});
export type ClassificationRow = z.infer<typeof classificationRow>;

export const classificationAnalysis = z
  .strictObject({
    analysis: z.literal("classification"),
    ...envelope,
    rows: z.array(classificationRow),
    /** Over seeds and executions, by evaluation set; null unless runs answered zero-shot questions. */
    zeroShot: zeroShotSummary.nullable(),
    /** `classConfusion` of all rows, a line per class; null where no row has it. */
    confusions: analysisTable.nullable(),
  })
  .meta({ id: "ClassificationAnalysis" });
export type ClassificationAnalysis = z.infer<typeof classificationAnalysis>;
