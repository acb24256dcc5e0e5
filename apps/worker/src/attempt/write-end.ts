import type { RunError } from "@reprise/contracts";
import {
  type AttemptEnd,
  type AttemptRef,
  type Database,
  finishAttempt,
  getAttempts,
  LeaseLostError,
  TooManyMetricsError,
} from "@reprise/database";
import type { TrainerOutcome } from "@reprise/trainers";
import type { AttemptWriter } from "./attempt-writer.js";
import { exhaustedAgain, userError, workerError } from "./failure.js";
import type { Training } from "./train.js";

/**
 * Writes the end of an attempt behind everything it produced, and says how it ended. A failure to write what came
 * before is its end, whatever the trainer achieved, and whether it was known when the trainer ended or shows only now.
 *
 * @throws LeaseLostError
 */
export async function writeEnd(
  db: Database,
  ref: AttemptRef,
  options: { training: Training; writer: AttemptWriter; writeFailure: Error | null },
): Promise<TrainerOutcome> {
  const { training, writer, writeFailure } = options;
  const endBy = async (error: unknown) => {
    if (error instanceof LeaseLostError) throw error;
    const failed = error instanceof TooManyMetricsError ? userError(error.message) : workerError(error);
    // The writer is done for; the end alone may still be taken.
    await finishAttempt(db, ref, toEnd({ ...training, outcome: failed }));
    return failed;
  };
  if (writeFailure) return endBy(writeFailure);
  const outcome = await exhaustedAgain(training.outcome, () =>
    errorOfAttempt(db, ref.runId, ref.attempt - 1),
  );
  if (outcome.status === "failed") {
    await writer.note(outcome.hint ? `${outcome.message}\n${outcome.hint}` : outcome.message);
  }
  await writer.write({ kind: "finish", end: toEnd({ ...training, outcome }) });
  return writer.drain().then(() => outcome, endBy);
}

/** Null where there was no such attempt, it ended well, or the database is away: then nothing is known of it. */
async function errorOfAttempt(db: Database, runId: string, number: number): Promise<RunError | null> {
  const attempts = await getAttempts(db, runId).catch(() => []);
  return attempts.find((attempt) => attempt.number === number)?.error ?? null;
}

function toEnd({ outcome, energy }: Training): AttemptEnd {
  if (outcome.status === "cancelled") return { status: "cancelled", energy };
  if (outcome.status === "failed") {
    const { kind, message, hint, lastLines } = outcome;
    const said = lastLines.length > 0 ? { lastLines: [...lastLines] } : {};
    return { status: "failed", error: { kind, message, hint, ...said }, energy };
  }
  const { digest, selectedEpoch, phases } = outcome.done;
  return { status: "succeeded", digest, selectedEpoch, phases, energy };
}
