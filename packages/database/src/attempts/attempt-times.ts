import type { Sql } from "../connect.js";
import type { AttemptRef } from "./attempt-lock.js";

const minuteMs = 60_000;

/** What the program that ends an attempt says of its times. */
export type SaidTimes = { endedAt?: Date; durationMs?: number };
export type AttemptTimes = { endedAt: Date; durationMs: number | null };

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
  const [clock] = await sql.$queryRaw<Array<{ now: Date }>>`SELECT clock_timestamp() AS now`;
  const endedAt = said.endedAt ?? clock?.now ?? new Date();
  if (said.lost) return { endedAt, durationMs: null };
  if (said.durationMs !== undefined) return { endedAt, durationMs: said.durationMs };
  const { createdAt, attempts } = await sql.run.findUniqueOrThrow({
    where: { id: runId },
    select: {
      createdAt: true,
      attempts: {
        where: { number: { lte: number } },
        orderBy: { number: "desc" },
        select: { number: true, startedAt: true, heartbeatAt: true, continues: true },
      },
    },
  });
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
