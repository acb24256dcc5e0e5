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
          columns: z.record(auditColumnKey, columnOfCsv),
        }),
      )
      .min(1)
      .max(6),
    claims: z.array(auditClaim).max(200).default([]),
  })
  .meta({ id: "AuditRequest" });
export type AuditRequest = z.infer<typeof auditRequest>;
