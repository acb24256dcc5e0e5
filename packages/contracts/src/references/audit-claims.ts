import { z } from "zod";
import { auditColumnKey, columnUnits } from "./audit-tables.js";

/** Rows in which a column has one of some values, or lies within bounds (inclusive). */
export const rowCondition = z.strictObject({
  column: auditColumnKey,
  oneOf: z.array(z.string()).optional(),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
});
export type RowCondition = z.infer<typeof rowCondition>;

const claimFacts = {
  id: z.string().min(1).max(80),
  /** What the text says, in words of one's own. */
  says: z.string().min(1).max(500),
  /** Where it says so. */
  where: z.string().max(120).default(""),
  table: z.string().min(1),
};

/** The cells of a column in some rows; one cell where only one row meets the conditions. */
const cells = z.strictObject({
  table: z.string().min(1),
  column: auditColumnKey,
  rows: z.array(rowCondition).default([]),
});

/** A statement of the text as data, so that rows can agree or disagree with it. */
export const auditClaim = z.discriminatedUnion("kind", [
  /** The rows of `subject` lie below (above) those of `against`, in every one of the columns. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("comparison"),
    columns: z.array(auditColumnKey).min(1),
    subject: z.array(rowCondition).min(1),
    against: z.array(rowCondition).min(1),
    relation: z.enum(["below", "above"]),
  }),
  /** Over all rows, mean or SD of one column lies below (above) that of each of the others. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("columns"),
    column: auditColumnKey,
    others: z.array(auditColumnKey).min(1),
    statistic: z.enum(["mean", "sd"]),
    relation: z.enum(["below", "above"]),
  }),
  /** 100 (value − base) / base is at most `percent` in every row. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("atMost"),
    value: auditColumnKey,
    base: auditColumnKey,
    percent: z.number(),
  }),
  /** The columns of `terms`, each times its factor (a number or a column), add up to `stated`. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("total"),
    terms: z
      .array(
        z.strictObject({
          table: z.string().min(1),
          column: auditColumnKey,
          times: z.union([z.number(), auditColumnKey]).default(1),
        }),
      )
      .min(1),
    stated: z.number(),
    unit: z.enum(columnUnits),
    tolerancePercent: z.number().min(0).default(0),
  }),
  /** The text calls the `range` column a largest distance to the reference, or a range. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("meaning"),
    column: auditColumnKey,
    meaning: z.enum(["range", "largestDistanceToReference"]),
  }),
  /** The values (`absolute`: their sizes) of a column in some rows reach from `from` to `to`, as printed; one may be absent. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("span"),
    column: auditColumnKey,
    rows: z.array(rowCondition).default([]),
    absolute: z.boolean().default(false),
    from: z.string().optional(),
    to: z.string().optional(),
  }),
  /** One cell divided by another is the same number in every pair. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("ratio"),
    /** What the ratio is called: "CO2e per kWh". */
    ratio: z.string().min(1).max(80),
    pairs: z.array(z.strictObject({ value: cells, per: cells })).min(2),
  }),
  /** The text counts `stated` cases in a data set that was published with `published`. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("size"),
    dataset: z.string().min(1).max(120),
    stated: z.int().positive(),
    published: z.int().positive(),
    source: z.string().max(300),
  }),
  /** Where `when` holds, the columns `irrelevant` of the settings change nothing, by definition. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("equivalent"),
    when: z.array(rowCondition).default([]),
    irrelevant: z.array(auditColumnKey).min(1),
  }),
]);
export type AuditClaim = z.infer<typeof auditClaim>;
