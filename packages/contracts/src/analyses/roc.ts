import { z } from "zod";
import { id } from "../basics/primitives.js";
import { envelope, interval, number } from "./envelope.js";
import { group } from "./parts.js";

/** ROC curves on the test split, one per run, and how they lie together. */
export const rocGroup = z.strictObject({
  group,
  arm: z.string(),
  /** Grouping of the cases that intervals respect; null where cases count as independent. */
  grouping: z.string().nullable(),
  positiveClass: z.string(),
  positives: z.int(),
  negatives: z.int(),
  runs: z.array(
    z.strictObject({
      runId: id,
      repeat: z.int(),
      auc: number,
      /** 95 % interval, by DeLong or over groups of cases: what the test cases alone leave open. */
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
