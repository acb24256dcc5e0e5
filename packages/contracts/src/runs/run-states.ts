import { z } from "zod";

/** `pruned`: a sampler gave it up before its end, because of what it had reported. It neither failed nor has a result. */
export const runStatuses = ["queued", "running", "succeeded", "failed", "cancelled", "pruned"] as const;
export const runStatus = z.enum(runStatuses);
export type RunStatus = z.infer<typeof runStatus>;

export const runCounts = z.strictObject({
  queued: z.int(),
  running: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  /** Archives of earlier versions know none. */
  pruned: z.int().default(0),
});
export type RunCounts = z.infer<typeof runCounts>;

/** How runs end. */
export const endedRunStatuses = ["succeeded", "failed", "cancelled", "pruned"] as const;

/** Runs that have ended, however they did. */
export const endedRuns = (counts: RunCounts): number =>
  endedRunStatuses.reduce((sum, status) => sum + counts[status], 0);

export const runPurposes = ["study", "verification", "replay"] as const;
export const runPurpose = z.enum(runPurposes);

/** Where a program's own words about its end are kept: cut to what a page shows. */
export const lastLines = z.array(z.string().max(1_000)).max(40);

/** Why a run or an attempt did not succeed. */
export const runError = z.strictObject({
  kind: z.enum(["user", "infrastructure"]),
  message: z.string(),
  hint: z.string().nullable(),
  /** The last lines that the program wrote to stderr: of a crash in Python its traceback. Absent where there are none. */
  lastLines: lastLines.optional(),
});
export type RunError = z.infer<typeof runError>;
