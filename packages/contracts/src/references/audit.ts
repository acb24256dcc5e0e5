import { z } from "zod";
import { auditClaim } from "./audit-claims.js";
import { auditColumn, auditColumnKey, columnRole } from "./audit-tables.js";

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
  "proportion",
  "two-by-two",
  "case-count",
  "total",
  "row-statistic",
  "ratio",
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

export const pastedFormats = ["commas", "semicolons", "tabs", "spaces", "markdown", "latex"] as const;

/** How a pasted table was read: what every column was taken for, and every cell that was not understood. */
export const auditReading = z
  .strictObject({
    table: z.string(),
    format: z.enum(pastedFormats),
    rows: z.int(),
    /** As audited: with the roles that were given, or those guessed from header and cells. */
    columns: z.array(auditColumn),
    /** What was taken for what: brackets, decimal commas, marks, lines that are no rows. */
    remarks: z.array(z.string()),
    notUnderstood: z.array(
      z.strictObject({ row: z.string(), column: z.string(), text: z.string(), reason: z.string() }),
    ),
  })
  .meta({ id: "AuditReading" });
export type AuditReading = z.infer<typeof auditReading>;

export const auditReport = z
  .strictObject({
    findings: z.array(auditFinding),
    /** How often each rule found something to look at: 0 checks is no acquittal. */
    rules: z.array(z.strictObject({ rule: auditRule, checks: z.int(), findings: z.int() })),
    ignoredColumns: z.array(z.string()),
    /** One per pasted table; empty for published studies, which are kept as data. */
    readings: z.array(auditReading),
    sentence: z.string(),
  })
  .meta({ id: "AuditReport" });
export type AuditReport = z.infer<typeof auditReport>;

const columnOfCsv = z.union([
  columnRole.transform((role) => auditColumn.omit({ key: true }).parse({ role })),
  auditColumn.omit({ key: true }),
]);

/** A table as somebody pastes it: separated by commas, semicolons, tabs or spaces, in Markdown, or a LaTeX tabular. */
const pastedText = z.string().min(1).max(200_000);
const pastedName = z.string().min(1).max(120).default("Table");

/** Pasted tables with a header line, and what their columns are; columns left out are ignored. */
export const auditRequest = z
  .strictObject({
    tables: z
      .array(
        z.strictObject({
          name: pastedName,
          csv: pastedText,
          /** By header; where it is absent, all roles and units are guessed and the reading says what was guessed. */
          columns: z.record(auditColumnKey, columnOfCsv).optional(),
          /** A cell that is no number in a column of numbers: `refuse` the audit, or `report` the cell and check the rest. */
          unreadable: z.enum(["refuse", "report"]).optional(),
        }),
      )
      .min(1)
      .max(6),
    claims: z.array(auditClaim).max(200).default([]),
  })
  .meta({ id: "AuditRequest" });
export type AuditRequest = z.infer<typeof auditRequest>;

/** A table to be read and not yet checked. */
export const auditReadingRequest = z.strictObject({ name: pastedName, csv: pastedText });
export type AuditReadingRequest = z.infer<typeof auditReadingRequest>;
