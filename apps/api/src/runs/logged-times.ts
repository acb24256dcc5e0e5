import type { LoggedMetrics, LoggedRun, Run } from "@reprise/contracts";
import { problem } from "../http/problems.js";

// What is told is held against the time of the database, which also gives the times that are not told.

/** Clocks of two machines that are set right differ by less. */
const skewMs = 60_000;
/** A year, in days: no training is longer. */
const longestDays = 366;
const dayMs = 24 * 60 * 60 * 1000;

const refuse = (path: string, message: string, value: string, suggestion?: string) =>
  problem("invalid-request", `${path} ${message}.`, {
    errors: [{ path, message, value, ...(suggestion === undefined ? {} : { suggestion }) }],
  });

/** @throws {ProblemError} for a moment that has not been, naming the field and the server's time */
function refuseFuture(path: string, text: string, now: Date): void {
  if (Date.parse(text) - now.getTime() <= skewMs) return;
  const message = `lies in the future: the server's time is ${now.toISOString()}`;
  throw refuse(path, message, text, "Check the clock of the machine that trains, and its offset from UTC.");
}

/** When lines of a log were printed: now where they do not say. @throws {ProblemError} for a line of the future */
export function lineTimesOf(logs: LoggedMetrics["logs"], now: Date): Date[] {
  return logs.map(({ at }, index) => {
    if (at === undefined) return now;
    refuseFuture(`logs.${index}.at`, at, now);
    return new Date(at);
  });
}

/** When a run says that its training began. @throws {ProblemError} for a start in the future */
export function startOf({ startedAt }: LoggedRun, now: Date): Date | null {
  if (startedAt === undefined) return null;
  refuseFuture("startedAt", startedAt, now);
  return new Date(startedAt);
}

/**
 * End and duration as they are told of a run.
 *
 * @throws {ProblemError} for an end in the future or before the start, and for a duration that does not fit between
 */
export function timesOf(
  { startedAt }: Run,
  { endedAt, durationMs }: { endedAt?: string | undefined; durationMs?: number | undefined },
  now: Date,
): { endedAt?: Date; durationMs?: number } {
  const duration = durationMs === undefined ? {} : { durationMs };
  if (endedAt === undefined) return duration;
  refuseFuture("endedAt", endedAt, now);
  const betweenMs = startedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
  if (betweenMs !== null && betweenMs < 0) {
    throw refuse(
      "endedAt",
      `lies before the start of this attempt, ${startedAt}`,
      endedAt,
      "Where the run was trained before it was announced, announce it with its startedAt.",
    );
  }
  if (betweenMs !== null && betweenMs > longestDays * dayMs && durationMs === undefined) {
    const days = Math.round(betweenMs / dayMs);
    throw refuse(
      "endedAt",
      `lies ${days} days after the start, ${startedAt}: no training takes a year`,
      endedAt,
    );
  }
  if (betweenMs !== null && durationMs !== undefined && durationMs > betweenMs + skewMs) {
    const message = `is longer than the time between the start, ${startedAt}, and endedAt, ${endedAt}`;
    throw refuse("durationMs", message, String(durationMs));
  }
  return { endedAt: new Date(endedAt), ...duration };
}
