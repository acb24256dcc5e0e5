import { z } from "zod";
import { publishedAnalyses } from "../analyses/all.js";
import { auditClaim } from "./audit-claims.js";
import { auditTable, columnRole, columnUnits } from "./audit-tables.js";

/** What is known of a printed quantity, and which metrics of a study are the same one: only those stand beside it. */
export const referenceQuantity = z.strictObject({
  /** As in the column of data sets, or the subject of the column. */
  dataset: z.string(),
  /** As in the column of metrics; where a table has none, the role of the column; absent: every metric of the data set. */
  metric: z.string().optional(),
  /** What the number is, as far as it is known. */
  says: z.string().min(1),
  /** Whether the paper's text or its authors' code says so, or nobody. */
  known: z.enum(["text", "code", "unknown"]),
  /** Keys of metrics that measure the same; empty where Reprise's own metrics are others. */
  metrics: z.array(z.string()).default([]),
  /** The epoch of which the number must be; null where it is not stated. */
  epoch: z.enum(["lowestValidationLoss"]).nullable().default(null),
  /** Asked of a model that was not trained for it. */
  zeroShot: z.boolean().default(false),
});
export type ReferenceQuantity = z.infer<typeof referenceQuantity>;

/** A published study, read-only: its tables as printed, where each header comes from, and what its text claims. */
export const referenceStudy = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/),
    title: z.string(),
    summary: z.string(),
    /** Seeds, repeats, devices: what the text says about the design, and what it leaves open. */
    design: z.array(z.string()),
    provenance: z.array(z.string()),
    tables: z.array(auditTable).min(1),
    claims: z.array(auditClaim),
    quantities: z.array(referenceQuantity).default([]),
  })
  .meta({ id: "ReferenceStudy" });
export type ReferenceStudy = z.infer<typeof referenceStudy>;

export const referenceList = z.strictObject({
  items: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      summary: z.string(),
      tables: z.array(z.strictObject({ name: z.string(), title: z.string(), rows: z.int() })),
      claims: z.int(),
    }),
  ),
});
export type ReferenceList = z.infer<typeof referenceList>;

/** A measured row beside the published row of the same configuration. */
export const besideRow = z.strictObject({
  table: z.string(),
  row: z.string(),
  configuration: z.string(),
  /** Null where the published row is about all seeds. */
  seed: z.int().nullable(),
  arm: z.string(),
  quantity: z.string(),
  /** What the published column is, and its unit. */
  role: columnRole,
  unit: z.enum(columnUnits),
  published: z.string(),
  /** In the published unit. */
  publishedValue: z.number(),
  /** Null where the study measures another quantity; then `reason` says which. */
  measured: z.number().nullable(),
  difference: z.number().nullable(),
  reason: z.string().nullable(),
});
export const besideReference = z
  .strictObject({
    reference: z.string(),
    analysis: z.enum(publishedAnalyses),
    metric: z.string(),
    /** How rows were matched, and that data, models and scale may differ. */
    notes: z.array(z.string()),
    rows: z.array(besideRow),
    unmatchedMeasured: z.array(z.string()),
    unmatchedPublished: z.array(z.string()),
  })
  .meta({ id: "BesideReference" });
export type BesideReference = z.infer<typeof besideReference>;

export const besideQuery = z.strictObject({
  analysis: z.enum(publishedAnalyses).default("determinism"),
  metric: z.string().optional(),
  /** Only published rows with this data set; all when absent. */
  dataset: z.string().max(120).optional(),
});
