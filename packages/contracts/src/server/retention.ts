import { z } from "zod";

const days = z.coerce.number().int().min(1).max(36_500);

/** How long what no verdict rests on is kept after a run has ended; null for ever. */
export const retentionPlan = z.strictObject({
  keepLogsDays: days.nullable().default(null),
  keepCheckpointsDays: days.nullable().default(null),
});
export type RetentionPlan = z.infer<typeof retentionPlan>;

/** A plan that is only tried; what it leaves out is as the server has it. */
export const retentionQuery = z.strictObject({
  keepLogsDays: days.optional(),
  keepCheckpointsDays: days.optional(),
});

const removal = z.strictObject({
  days: z.int(),
  /** Runs of which something would be removed now. */
  runs: z.int(),
  /** Logs as they lie in the database; checkpoints as files, each once, those that other runs have too included. */
  bytes: z.number(),
});

/** Checkpoints that the server cannot see, because a worker keeps them on another machine: they stay, and their records too. */
const elsewhere = z.strictObject({ files: z.int(), bytes: z.number() });

export const retentionPreview = z.strictObject({
  logs: removal.nullable(),
  checkpoints: removal.extend({ elsewhere }).nullable(),
});
export type RetentionPreview = z.infer<typeof retentionPreview>;

/** What the server removes by itself, and what the plan that was asked for would remove now. */
export const retentionAnswer = z.strictObject({ plan: retentionPlan, wouldRemove: retentionPreview });
