import { setTimeout as delay } from "node:timers/promises";
import { locksAreHeld } from "@reprise/database";
import type { ApiContext } from "./context.js";

/** Whoever stops a service kills it ten seconds later, or more. */
const longestMs = 9_500;

/** After so long the database is asked whether somebody silent holds up what is in hand, and has so long to answer. */
const heldUpAfterMs = 3_500;
const answerWithinMs = 1_000;

/** A lock that a session in good health holds is free sooner. */
const heldForMs = 1_000;

const laterOf = (waitMs: number, signal: AbortSignal) => delay(waitMs, undefined, { signal }).catch(() => {});

/** Whether somebody's locks have been waited for so long that nobody knows when they are free, or the database does not answer. */
export async function isHeldUp({ db }: Pick<ApiContext, "db">): Promise<boolean> {
  const answered = new AbortController();
  const late = laterOf(answerWithinMs, answered.signal).then(() => true);
  const held = await Promise.race([locksAreHeld(db, heldForMs).catch(() => true), late]);
  answered.abort();
  return held;
}

/**
 * Waits until all is closed: 9.5 seconds at most, and less than five where the database holds up what is in hand. What has not ended by
 * then ends with the process, and the database takes it back.
 *
 * @returns what is to be said of it
 */
export async function closeInTime(
  closing: Promise<unknown>,
  heldUp: () => Promise<boolean>,
): Promise<string> {
  const closed = new AbortController();
  const { signal } = closed;
  const startedAt = performance.now();
  const giveUp = async () => {
    await laterOf(heldUpAfterMs, signal);
    while (!signal.aborted) {
      if (await heldUp()) return "stopped; the database holds up what was in hand";
      const leftMs = longestMs - (performance.now() - startedAt);
      if (leftMs <= 0) return "stopped; not all requests in hand could be answered in time";
      await laterOf(Math.min(500, leftMs), signal);
    }
    return "stopped";
  };
  closing.catch(() => {});
  try {
    return await Promise.race([closing.then(() => "stopped"), giveUp()]);
  } finally {
    closed.abort();
  }
}
