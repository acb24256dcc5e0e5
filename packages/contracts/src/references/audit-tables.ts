import { z } from "zod";

/** What the numbers of a column are; rules look at roles, never at names of columns. */
export const columnRoles = [
  "identity",
  "setting",
  "n",
  "reference",
  "mean",
  "sd",
  "range",
  "min",
  "max",
  "relativeChange",
  "accuracy",
  "sensitivity",
  "specificity",
  "score",
  /** Test cases behind the row, and how many of them were answered rightly; `n` counts runs. */
  "cases",
  "count",
  /** One run of several, whose mean, SD, minimum, maximum or range other columns print. */
  "run",
  "amount",
  "aggregate",
  "significantCount",
  "other",
] as const;
export const columnRole = z.enum(columnRoles);
export type ColumnRole = z.infer<typeof columnRole>;

export const columnUnits = [
  "fraction",
  "percent",
  "seconds",
  "minutes",
  "hours",
  "kWh",
  "kgCO2e",
  "none",
] as const;
/** Names a column in claims and from other columns. */
export const auditColumnKey = z.string().min(1).max(120);

const columnFacts = {
  role: columnRole,
  unit: z.enum(columnUnits).default("none"),
  /** What is measured where one table measures several things: only columns of equal subject are compared. */
  subject: z.string().max(120).default(""),
  /** `relativeChange`: 100 (value − base) / base, both columns of the same table. */
  change: z.strictObject({ value: auditColumnKey, base: auditColumnKey }).optional(),
  /** `accuracy` and `score`: what guessing reaches, in the column's unit. */
  chance: z.number().optional(),
  /** `accuracy` and `score`: number of test cases behind each value. */
  cases: z.int().positive().optional(),
  /** `accuracy`: share of positive cases, when sensitivity and specificity stand beside it. */
  prevalence: z.number().min(0).max(1).optional(),
  /**
   * `aggregate`: the mean of absolute values of that column over matching rows of that table; with `countedBy` over as many of
   * them as that column of the own table says, which ones is not printed.
   */
  aggregates: z
    .strictObject({ table: z.string().min(1), column: auditColumnKey, countedBy: auditColumnKey.optional() })
    .optional(),
  /** Stands in the cells of that column, behind ± or in brackets. */
  of: auditColumnKey.optional(),
  /** `significantCount`: the table whose reference, mean, range and n the tests were made from. */
  tests: z.string().min(1).optional(),
  alpha: z.number().gt(0).lt(0.5).optional(),
};

export const auditColumn = z.strictObject({
  key: auditColumnKey,
  label: z.string().max(300).default(""),
  ...columnFacts,
  /** Whether the header stands in the source, was inferred from the numbers, or comes from the running text. */
  known: z.enum(["stated", "inferred", "text"]).default("stated"),
  note: z.string().default(""),
});
export type AuditColumn = z.infer<typeof auditColumn>;

/** A table as printed: cells are the published strings, because trailing zeros tell the precision; "" is no value. */
export const auditTable = z
  .strictObject({
    name: z.string().min(1).max(120),
    title: z.string().default(""),
    columns: z.array(auditColumn).min(1).max(40),
    rows: z.array(z.array(z.string().max(500))).max(500),
  })
  .superRefine(({ columns, rows }, context) => {
    rows.forEach((row, index) => {
      if (row.length === columns.length) return;
      const message = `has ${row.length} cells, the table has ${columns.length} columns`;
      context.addIssue({ code: "custom", path: ["rows", index], message });
    });
    columns.forEach(({ key }, index) => {
      if (columns.findIndex((column) => column.key === key) === index) return;
      context.addIssue({ code: "custom", path: ["columns", index, "key"], message: `${key} is used twice` });
    });
  });
export type AuditTable = z.infer<typeof auditTable>;
