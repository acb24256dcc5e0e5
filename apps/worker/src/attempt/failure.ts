import type { RunError } from "@reprise/contracts";
import { isDiskFull } from "@reprise/database";
import type { TrainerOutcome } from "@reprise/trainers";

type Failure = Extract<TrainerOutcome, { status: "failed" }>;

/** The run as asked for cannot work, as was found here before its trainer could say so. */
export function userError(message: string): Failure {
  return { status: "failed", kind: "user", message, hint: null, lastLines: [], started: true };
}

/** A failure of this worker itself (full disk, unreadable checkpoint) is no fault of the run. */
export function workerError(error: unknown): Failure {
  const message = `The worker failed: ${error instanceof Error ? error.message : String(error)}`;
  return {
    ...{ status: "failed", kind: "infrastructure", message, hint: null, lastLines: [], started: true },
    diskFull: isDiskFull(error),
  };
}

/**
 * Memory that is short once may have been held by somebody else. Where the attempt before it ended so as well, the run is taken to
 * need more than there is: no third attempt.
 */
export async function exhaustedAgain(
  outcome: TrainerOutcome,
  errorBefore: () => Promise<RunError | null>,
): Promise<TrainerOutcome> {
  if (outcome.status !== "failed" || !outcome.ifAgain) return outcome;
  const { startOfMessage, message, hint } = outcome.ifAgain;
  if (!(await errorBefore())?.message.startsWith(startOfMessage)) return outcome;
  return { ...outcome, kind: "user", message, hint };
}
