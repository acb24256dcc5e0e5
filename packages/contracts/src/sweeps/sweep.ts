import { z } from "zod";
import { id, instant } from "../basics/primitives.js";
import { sweepOrigin } from "../imports/imports.js";
import { metricDeclarations } from "../protocol/metric-info.js";
import { runCounts } from "../runs/run-states.js";
import { sequentialRecord } from "./sequential-design.js";
import { sweepSpec } from "./sweep-spec.js";

export const sweepStatuses = ["queued", "running", "paused", "succeeded", "failed", "cancelled"] as const;

export const sweepStatus = z.enum(sweepStatuses);
export type SweepStatus = z.infer<typeof sweepStatus>;

export const sweep = z
  .strictObject({
    id,
    name: z.string(),
    status: sweepStatus,
    spec: sweepSpec,
    /** SHA-256 of the canonical spec. */
    specDigest: z.string(),
    /** SHA-256 of the analysis plan, fixed when the sweep was created; null without a plan. */
    analysisPlanDigest: z.string().nullable(),
    /**
     * What was declared of its metrics after the study was written (`PATCH`). It goes before what `spec` declares, names
     * and reads values, and changes neither the document nor its digest.
     */
    metrics: metricDeclarations.default({}),
    /** Looks and end of a sequential study, as they happened; null for a study whose runs are queued at once. */
    sequential: sequentialRecord.nullable().default(null),
    preset: z.string().nullable(),
    runCounts,
    totalRuns: z.int(),
    priority: z.int(),
    maxParallelRuns: z.int().nullable(),
    tags: z.array(z.string()),
    notes: z.string(),
    /** When an archived study was read in, and what had written the archive; null for a study of this server. */
    imported: z.strictObject({ at: instant, software: z.string() }).nullable(),
    /** Of a study whose runs another tracker recorded: where they come from, and how its design was decided. */
    origin: sweepOrigin.nullable().optional(),
    /** When it was put aside; lists leave it out as long as it has ended. */
    archivedAt: instant.nullable().default(null),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    /** From the median duration of ended runs and the number running now; null until one has ended. */
    estimatedRemainingMs: z.number().nullable(),
    /** Why queued runs do not start ("no worker offers trainer x"); null when nothing stands in the way. */
    blockedReason: z.string().nullable(),
  })
  .meta({ id: "Sweep" });
export type Sweep = z.infer<typeof sweep>;
