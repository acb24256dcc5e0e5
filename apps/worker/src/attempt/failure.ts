import type { TrainerOutcome } from "@reprise/trainers";

type Failure = Extract<TrainerOutcome, { status: "failed" }>;

/** The run as asked for cannot work, as was found here before its trainer could say so. */
export function userError(message: string): Failure {
  return { status: "failed", kind: "user", message, hint: null, started: true };
}

/** A failure of this worker itself (full disk, unreadable checkpoint) is no fault of the run. */
export function workerError(error: unknown): Failure {
  const message = `The worker failed: ${error instanceof Error ? error.message : String(error)}`;
  return { status: "failed", kind: "infrastructure", message, hint: null, started: true };
}
