import type { RunError } from "@reprise/contracts";
import { isDiskFull } from "@reprise/database";
import { killedMessage, type TrainerOutcome } from "@reprise/trainers";

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
 * A trainer that is killed once may have met a machine that was full. Where the attempt before it ended so as well, it is
 * taken to need more memory than there is: no third attempt.
 */
export async function killedAgain(
  outcome: TrainerOutcome,
  errorBefore: () => Promise<RunError | null>,
): Promise<TrainerOutcome> {
  if (outcome.status !== "failed" || outcome.message !== killedMessage) return outcome;
  if ((await errorBefore())?.message !== killedMessage) return outcome;
  return {
    ...outcome,
    kind: "user",
    message: "The trainer was killed by SIGKILL twice: most likely it needs more memory than there is.",
    hint: "Choose a smaller batch size or a smaller model, or a machine with more memory. Where somebody else killed it, retry the run.",
  };
}
