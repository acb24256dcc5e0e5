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
const columnKey = z.string().min(1).max(120);

const columnFacts = {
  role: columnRole,
  unit: z.enum(columnUnits).default("none"),
  /** What is measured where one table measures several things: only columns of equal subject are compared. */
  subject: z.string().max(120).default(""),
  /** `relativeChange`: 100 (value − base) / base, both columns of the same table. */
  change: z.strictObject({ value: columnKey, base: columnKey }).optional(),
  /** `accuracy` and `score`: what guessing reaches, in the column's unit. */
  chance: z.number().optional(),
  /** `accuracy` and `score`: number of test cases behind each value. */
  cases: z.int().positive().optional(),
  /** `accuracy`: share of positive cases, when sensitivity and specificity stand beside it. */
  prevalence: z.number().min(0).max(1).optional(),
  /** `aggregate`: the mean of absolute values of that column over matching rows of that table. */
  aggregates: z.strictObject({ table: z.string().min(1), column: columnKey }).optional(),
  /** `significantCount`: the table whose reference, mean, range and n the tests were made from. */
  tests: z.string().min(1).optional(),
  alpha: z.number().gt(0).lt(0.5).optional(),
};

export const auditColumn = z.strictObject({
  key: columnKey,
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

/** Rows in which a column has one of some values, or lies within bounds (inclusive). */
export const rowCondition = z.strictObject({
  column: columnKey,
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

/** A statement of the text as data, so that rows can agree or disagree with it. */
export const auditClaim = z.discriminatedUnion("kind", [
  /** The rows of `subject` lie below (above) those of `against`, in every one of the columns. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("comparison"),
    columns: z.array(columnKey).min(1),
    subject: z.array(rowCondition).min(1),
    against: z.array(rowCondition).min(1),
    relation: z.enum(["below", "above"]),
  }),
  /** Over all rows, mean or SD of one column lies below (above) that of each of the others. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("columns"),
    column: columnKey,
    others: z.array(columnKey).min(1),
    statistic: z.enum(["mean", "sd"]),
    relation: z.enum(["below", "above"]),
  }),
  /** 100 (value − base) / base is at most `percent` in every row. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("atMost"),
    value: columnKey,
    base: columnKey,
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
          column: columnKey,
          times: z.union([z.number(), columnKey]).default(1),
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
    column: columnKey,
    meaning: z.enum(["range", "largestDistanceToReference"]),
  }),
  /** Where `when` holds, the columns `irrelevant` of the settings change nothing, by definition. */
  z.strictObject({
    ...claimFacts,
    kind: z.literal("equivalent"),
    when: z.array(rowCondition).default([]),
    irrelevant: z.array(columnKey).min(1),
  }),
]);
export type AuditClaim = z.infer<typeof auditClaim>;

export const auditRules = [
  "relative-change",
  "sign",
  "range-sd",
  "containment",
  "cross-table",
  "duplicated-column",
  "duplicated-value",
  "accuracy",
  "below-chance",
  "total",
  "aggregate",
  "significance-count",
  "equivalent-settings",
  "claim",
  "meaning",
] as const;
export const auditRule = z.enum(auditRules);
export type AuditRule = z.infer<typeof auditRule>;

export const auditFinding = z.strictObject({
  rule: auditRule,
  /** `error`: cannot be as printed; `warning`: contradicts or misleads; `note`: worth a look. */
  severity: z.enum(["error", "warning", "note"]),
  table: z.string(),
  /** The identity of the row in words; null when the finding is about a column or a table. */
  row: z.string().nullable(),
  column: z.string().nullable(),
  printed: z.string(),
  /** What the other printed numbers say instead. */
  follows: z.string(),
  sentence: z.string(),
});
export type AuditFinding = z.infer<typeof auditFinding>;

export const auditReport = z
  .strictObject({
    findings: z.array(auditFinding),
    /** How often each rule found something to look at: 0 checks is no acquittal. */
    rules: z.array(z.strictObject({ rule: auditRule, checks: z.int(), findings: z.int() })),
    ignoredColumns: z.array(z.string()),
    sentence: z.string(),
  })
  .meta({ id: "AuditReport" });
export type AuditReport = z.infer<typeof auditReport>;

const columnOfCsv = z.union([
  columnRole.transform((role) => auditColumn.omit({ key: true }).parse({ role })),
  auditColumn.omit({ key: true }),
]);

/** Tables pasted as CSV with a header line, and what their columns are; columns left out are ignored. */
export const auditRequest = z
  .strictObject({
    tables: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(120).default("Table"),
          csv: z.string().min(1).max(200_000),
          columns: z.record(columnKey, columnOfCsv),
        }),
      )
      .min(1)
      .max(6),
    claims: z.array(auditClaim).max(200).default([]),
  })
  .meta({ id: "AuditRequest" });
export type AuditRequest = z.infer<typeof auditRequest>;
