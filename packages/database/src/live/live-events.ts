import type { ControlMessage, LiveEvent, NumberedLiveEvent } from "@reprise/contracts";
import { controlMessage, liveEvent } from "@reprise/contracts";
import { beforeCommit, type Database, type Sql } from "../connect.js";

export const liveChannel = "reprise_live";
export const controlChannel = "reprise_control";

/** Key of the advisory lock under which live events get their numbers: "live" in ASCII. */
const liveLock = 0x6c_69_76_65;

/** NOTIFY carries at most 8,000 bytes; of a longer event only the number is sent, and listeners read the table. */
const inlineLimit = 7_000;

/** Events of transactions that have not ended. */
const waiting = new WeakMap<Sql, LiveEvent[]>();

/**
 * Writes events and announces them, as the last thing the transaction does, wherever in it this is called. The lock is held
 * until the commit, so numbers become visible in ascending order: a reader that has seen number n has seen everything before it.
 */
export async function writeLiveEvents(sql: Sql, events: readonly LiveEvent[]): Promise<void> {
  if (events.length === 0) return;
  const earlier = waiting.get(sql);
  if (earlier) {
    for (const event of events) earlier.push(event);
    return;
  }
  const all = [...events];
  if (beforeCommit(sql, () => insertEvents(sql, all))) waiting.set(sql, all);
  else await insertEvents(sql, all);
}

async function insertEvents(sql: Sql, events: readonly LiveEvent[]): Promise<void> {
  const rows = JSON.stringify(
    events.map((event) => ({
      sweep_id: event.sweepId,
      run_id: "runId" in event ? event.runId : null,
      event,
    })),
  );
  // One statement: no row is there to be numbered before the lock, whose row each of them is joined to.
  await sql.$executeRaw`
    WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(${liveLock}::int8)), inserted AS (
      INSERT INTO live_events (sweep_id, run_id, event)
      SELECT x.sweep_id, x.run_id, x.event
      FROM locked CROSS JOIN ROWS FROM (json_to_recordset(${rows}::json) AS (sweep_id uuid, run_id uuid, event jsonb))
        WITH ORDINALITY AS x(sweep_id, run_id, event, place)
      ORDER BY x.place
      RETURNING id, sweep_id, run_id, event
    )
    SELECT pg_notify(${liveChannel}, json_build_object(
      'id', id::text, 'sweepId', sweep_id, 'runId', run_id,
      'event', CASE WHEN octet_length(event::text) <= ${inlineLimit}::int THEN event END
    )::text)
    FROM (SELECT * FROM inserted ORDER BY id) AS ordered`;
}

/** Sends control messages when (and only if) the transaction commits. */
export async function notifyControl(sql: Sql, messages: readonly ControlMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await sql.$executeRaw`
    SELECT pg_notify(${controlChannel}, message::text)
    FROM json_array_elements(${JSON.stringify(messages)}::json) AS message`;
}

/** Sends a message to all workers and servers that listen now. It saves waiting; the database stays the truth. */
export async function sendControl(db: Database, message: ControlMessage): Promise<void> {
  await notifyControl(db.prisma, [controlMessage.parse(message)]);
}

/** Events after number `after` ("0" for all that are stored), oldest first, of one sweep or run or of everything. */
export async function eventsAfter(
  db: Database,
  query: { sweepId?: string; runId?: string; after: string; limit: number },
): Promise<NumberedLiveEvent[]> {
  const rows = await db.prisma.liveEvent.findMany({
    where: { id: { gt: BigInt(query.after) }, sweepId: query.sweepId, runId: query.runId },
    orderBy: { id: "asc" },
    take: query.limit,
  });
  return rows.map((row) => ({ id: String(row.id), event: liveEvent.parse(row.event) }));
}

/** What events are told of. */
export type EventScope = { sweepId: string } | { runId: string };

/** Whether that is there. It is asked by every stream that opens, of which there are hundreds at once when a server is back. */
export async function isThere(db: Database, scope: EventScope): Promise<boolean> {
  const rows =
    "sweepId" in scope
      ? await db.prisma.$queryRaw<unknown[]>`SELECT 1 FROM sweeps WHERE id = ${scope.sweepId}::uuid`
      : await db.prisma.$queryRaw<unknown[]>`SELECT 1 FROM runs WHERE id = ${scope.runId}::uuid`;
  return rows.length > 0;
}

/** Number of the last event there is; "0" before the first. */
export async function lastEventId(db: Database): Promise<string> {
  const { _max } = await db.prisma.liveEvent.aggregate({ _max: { id: true } });
  return String(_max.id ?? 0n);
}

/** Deletes events that are older than so many milliseconds; returns how many. */
export const pruneLiveEvents = (db: Database, olderThanMs: number): Promise<number> => db.prisma.$executeRaw`
  DELETE FROM live_events WHERE created_at < clock_timestamp() - ${olderThanMs}::float8 * interval '1 millisecond'`;
