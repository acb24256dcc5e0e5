import type { Sql } from "../connect.js";
import type { AttemptRef } from "./attempt-lock.js";

const minuteMs = 60_000;

/** What the program that ends an attempt says of its times. */
export type SaidTimes = { endedAt?: Date; durationMs?: number };
export type AttemptTimes = { endedAt: Date; durationMs: number | null };

type KnownAttempt = {
  now: Date;
  createdAt: Date;
  number: number;
  startedAt: Date;
  heartbeatAt: Date;
  continues: boolean;
};

/**
 * When an attempt ended, and how long its run was trained: the attempt, and those that it went on from, each until it
 * was last heard of. All by the database's clock, which also gave the start: clocks of two machines would make negative
 * durations. Null where it is not known: of a run whose end nobody told, and of one that was announced long after the
 * start it names and told no end, of which less was seen than not.
 */
export async function attemptTimes(
  sql: Sql,
  { runId, attempt: number }: Pick<AttemptRef, "runId" | "attempt">,
  said: SaidTimes & { lost: boolean },
): Promise<AttemptTimes> {
  const attempts = await sql.$queryRaw<KnownAttempt[]>`
    SELECT clock_timestamp() AS now, r.created_at AS "createdAt", a.number, a.started_at AS "startedAt",
      a.heartbeat_at AS "heartbeatAt", a.continues
    FROM runs r JOIN attempts a ON a.run_id = r.id AND a.number <= ${number}
    WHERE r.id = ${runId}::uuid ORDER BY a.number DESC`;
  const [last] = attempts;
  if (!last) throw new Error(`Run ${runId} has no attempt ${number}.`);
  const { createdAt } = last;
  const endedAt = said.endedAt ?? last.now;
  if (said.lost) return { endedAt, durationMs: null };
  if (said.durationMs !== undefined) return { endedAt, durationMs: said.durationMs };
  const first = attempts.findIndex(({ continues }) => !continues);
  const chain = first < 0 ? attempts : attempts.slice(0, first + 1);
  const heardMs = (attempt: (typeof chain)[number]) =>
    (attempt.number === number ? endedAt : attempt.heartbeatAt).getTime() - attempt.startedAt.getTime();
  const begun = chain.at(-1)?.startedAt ?? endedAt;
  const unseenMs = createdAt.getTime() - begun.getTime();
  const seenMs = endedAt.getTime() - createdAt.getTime();
  if (said.endedAt === undefined && unseenMs > Math.max(seenMs, minuteMs))
    return { endedAt, durationMs: null };
  const times = chain.map(heardMs);
  const durationMs = times.some((ms) => ms < 0) ? null : times.reduce((sum, ms) => sum + ms, 0);
  return { endedAt, durationMs };
}
