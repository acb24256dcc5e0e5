import { z } from "zod";

export const runStatuses = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
export const runStatus = z.enum(runStatuses);
export type RunStatus = z.infer<typeof runStatus>;

export const runCounts = z.strictObject({
  queued: z.int(),
  running: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  cancelled: z.int(),
});
export type RunCounts = z.infer<typeof runCounts>;

export const runPurposes = ["study", "verification", "replay"] as const;
export const runPurpose = z.enum(runPurposes);

/** Why a run or an attempt did not succeed. */
export const runError = z.strictObject({
  kind: z.enum(["user", "infrastructure"]),
  message: z.string(),
  hint: z.string().nullable(),
});
export type RunError = z.infer<typeof runError>;
