import { setTimeout as delay } from "node:timers/promises";
import { locksAreHeld } from "@reprise/database";
import type { ApiContext } from "./context.js";

/** Whoever stops a service kills it ten seconds later, or more. */
const longestMs = 9_500;

/** After so long the database is asked whether somebody silent holds up what is in hand, and has so long to answer. */
const heldUpAfterMs = 3_000;
const answerWithinMs = 1_000;

/** A session in good health is not silent for so long in mid-transaction. */
const silentForMs = 1_000;

const laterOf = (waitMs: number, signal: AbortSignal) => delay(waitMs, undefined, { signal }).catch(() => {});

/** A database that has no connection left answers, and what is in hand has its connections. */
const hasNoConnectionLeft = (error: unknown) =>
  error instanceof Error && "code" in error && error.code === "53300";

/** Whether a session that fell silent holds locks that others wait for, or the database does not answer. */
export async function isHeldUp({ db }: Pick<ApiContext, "db">): Promise<boolean> {
  const answered = new AbortController();
  const late = laterOf(answerWithinMs, answered.signal).then(() => true);
  const asked = locksAreHeld(db, silentForMs).catch((error: unknown) => !hasNoConnectionLeft(error));
  const held = await Promise.race([asked, late]);
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
  const leftMs = () => Math.max(0, longestMs - (performance.now() - startedAt));
  const giveUp = async () => {
    await laterOf(heldUpAfterMs, signal);
    while (!signal.aborted && leftMs() > 0) {
      const timeIsUp = laterOf(leftMs(), signal).then(() => false);
      if (await Promise.race([heldUp(), timeIsUp])) return "stopped; the database holds up what was in hand";
      await laterOf(Math.min(500, leftMs()), signal);
    }
    return "stopped; not all requests in hand could be answered in time";
  };
  closing.catch(() => {});
  try {
    return await Promise.race([closing.then(() => "stopped"), giveUp()]);
  } finally {
    closed.abort();
  }
}
