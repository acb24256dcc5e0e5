import { z } from "zod";
import { publishedAnalyses } from "../analyses/all.js";
import { auditClaim } from "./audit-claims.js";
import { auditTable, columnRole, columnUnits } from "./audit-tables.js";

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
  measured: z.number(),
  difference: z.number(),
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
