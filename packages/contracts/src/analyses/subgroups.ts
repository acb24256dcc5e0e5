import { z } from "zod";
import { caseScope } from "./case-scope.js";
import { envelope, number } from "./envelope.js";

const subgroupRate = z.strictObject({
  mean: number,
  /** 95 % interval of the mean of these runs for other cases of the subgroup. */
  low: number,
  high: number,
  /** Between runs. */
  sd: number,
  /** Over that of all cases. */
  sdRatio: number,
});

/** Results of some runs for one value of a declared column; `value` null: all cases. */
export const subgroupRow = z.strictObject({
  scope: caseScope,
  column: z.string(),
  value: z.string().nullable(),
  cases: z.int(),
  positives: z.int().nullable(),
  clusters: z.int().nullable(),
  accuracy: subgroupRate,
  sensitivity: subgroupRate.nullable(),
  specificity: subgroupRate.nullable(),
  auc: subgroupRate.nullable(),
  /** What of the SD of accuracy a test set of this size makes by itself (`modelVariance`). */
  testSetSd: number,
});
export type SubgroupRow = z.infer<typeof subgroupRow>;
export const subgroupsAnalysis = z
  .strictObject({ analysis: z.literal("subgroups"), ...envelope, rows: z.array(subgroupRow) })
  .meta({ id: "SubgroupsAnalysis" });
export type SubgroupsAnalysis = z.infer<typeof subgroupsAnalysis>;
