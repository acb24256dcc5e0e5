import { z } from "zod";

export const runPatch = z.strictObject({
  tags: z.array(z.string().min(1).max(64)).max(50).optional(),
  notes: z.string().max(20_000).optional(),
  /** A reason excludes the run from analyses, null takes it back; it stays visible either way. */
  excludedReason: z.string().trim().min(3).max(2000).nullable().optional(),
});
export type RunPatch = z.infer<typeof runPatch>;
