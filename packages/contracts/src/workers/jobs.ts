import { z } from "zod";
import type { Requirements } from "./requirements.js";

/** Every job there is: its payload (ids only: the queue delivers, the database decides) and its id. */
export const jobs = {
  /** Train one attempt of one run. */
  "train-run": {
    // What the API of a later release adds passes: its jobs may come before this worker is restarted.
    payload: z.object({
      runId: z.uuid(),
      attempt: z.int().min(1),
      /** Of the trace that the attempt belongs to, where there is one (W3C Trace Context). */
      traceparent: z.string().nullish(),
    }),
    jobId: (payload: { runId: string; attempt: number }) => `run-${payload.runId}-${payload.attempt}`,
  },
} as const;
export type JobName = keyof typeof jobs;
export type JobPayload<N extends JobName> = z.infer<(typeof jobs)[N]["payload"]>;

/** What a run needs of whoever trains it. */
export type RunNeeds = { trainer: string; deviceClass: "cpu" | "gpu"; requires: Requirements };
