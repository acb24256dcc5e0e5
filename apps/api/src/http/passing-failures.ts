import { isAnswerLate, isDatabaseBusy, isDatabaseFull, isDiskFull } from "@reprise/database";
import { type ProblemError, problem } from "./problems.js";

const tryAgain = (detail: string, seconds: number) =>
  problem("not-ready", detail, { headers: { "retry-after": String(seconds) } });

/** The problem that a failure is which passes by itself or by somebody's hand: the same request may go through later. */
export function passingProblem(error: unknown): ProblemError | null {
  if (isDatabaseBusy(error))
    return tryAgain("The database was too busy to take this in time; nothing was written. Try again.", 5);
  if (isAnswerLate(error))
    return tryAgain(
      "The database did not answer in time: this may have been written or not. Try again, with the same Idempotency-Key where there was one.",
      5,
    );
  if (isDatabaseFull(error))
    return tryAgain(
      "The disk of the database is full; nothing was written. Make room on it, and try again.",
      30,
    );
  if (isDiskFull(error))
    return tryAgain("A disk of the server is full; nothing was stored. Make room on it, and try again.", 30);
  return null;
}
