import { externalTrainer } from "@reprise/contracts";
import { type Database, inTransaction } from "../connect.js";

export type Dispatch = {
  runId: string;
  attempt: number;
  trainer: string;
  deviceClass: "cpu" | "gpu";
  priority: number;
};

/** The highest priority that queues know; sweeps get there only by asking for it. */
const replicaPriority = 1000;

/** Key of the advisory lock that one dispatcher holds at a time: "disp" in ASCII. */
const dispatchLock = 0x64_69_73_70;

/**
 * Chooses the runs to hand to the queues now, and marks them as handed over. A run qualifies when it is queued without
 * a job, and its sweep is neither paused nor cancelled and has fewer than `maxParallelRuns` runs running or handed
 * over. Order: priority of the sweep (higher first), age of the sweep, position. Replicas (verifications and replays)
 * are no part of their sweep's plan: pause, cancellation and cap do not hold them, and they come first, because somebody
 * waits for the answer. At most `limitPerQueue` jobs are out per queue (trainer and device class). With several
 * dispatchers one chooses; the others get an empty list. What is trained elsewhere is handed out by `askNext` alone, and
 * replicas for chosen workers are theirs to ask for (`reservedRuns`).
 */
export function takeDispatchable(db: Database, options: { limitPerQueue: number }): Promise<Dispatch[]> {
  return inTransaction(db, async (sql) => {
    const [lock] = await sql.$queryRaw<Array<{ taken: boolean }>>`
      SELECT pg_try_advisory_xact_lock(${dispatchLock}::int8) AS taken`;
    if (!lock?.taken) return [];
    // Sweep rows are not locked: a sweep paused at this very moment is caught when the run is claimed.
    const rows = await sql.$queryRaw<Dispatch[]>`
      WITH sweep_load AS (
        SELECT sweep_id, count(*) AS active FROM runs
        WHERE sweep_id IS NOT NULL AND purpose = 'study'
          AND (status = 'running' OR (status = 'queued' AND enqueued_attempt > attempt))
        GROUP BY sweep_id
      ), queue_load AS (
        SELECT trainer, device_class, count(*) AS out FROM runs
        WHERE status = 'queued' AND enqueued_attempt > attempt
        GROUP BY trainer, device_class
      ), waiting AS (
        SELECT r.id, r.trainer, r.device_class, r.position,
          CASE WHEN r.purpose = 'study' THEN coalesce(s.priority, 0) ELSE ${replicaPriority}::int END AS priority, coalesce(s.created_at, r.created_at) AS since,
          CASE WHEN r.purpose = 'study'
            THEN coalesce(s.max_parallel_runs - coalesce(l.active, 0), 2147483647) ELSE 2147483647 END AS room,
          row_number() OVER (
            PARTITION BY coalesce(r.sweep_id, r.id), r.purpose ORDER BY r.position, r.id) AS place
        FROM runs r
        LEFT JOIN sweeps s ON s.id = r.sweep_id
        LEFT JOIN sweep_load l ON l.sweep_id = r.sweep_id
        WHERE r.status = 'queued' AND r.enqueued_attempt <= r.attempt AND r.cancel_requested_at IS NULL
          AND r.trainer <> ${externalTrainer}
          AND (r.purpose = 'study' OR NOT EXISTS (
            SELECT 1 FROM verifications v WHERE v.replica_run_id = r.id AND v.worker IS NOT NULL))
          AND (s.id IS NULL OR r.purpose <> 'study' OR (NOT s.paused AND s.cancel_requested_at IS NULL))
      ), ranked AS (
        SELECT w.*, row_number() OVER (
          PARTITION BY w.trainer, w.device_class ORDER BY w.priority DESC, w.since, w.position, w.id) AS turn
        FROM waiting w WHERE w.place <= w.room
      ), chosen AS (
        SELECT k.id, k.priority, k.since FROM ranked k
        LEFT JOIN queue_load q ON q.trainer = k.trainer AND q.device_class = k.device_class
        WHERE k.turn <= ${options.limitPerQueue}::int - coalesce(q.out, 0)
      ), locked AS (
        SELECT r.id, c.priority, c.since FROM runs r JOIN chosen c ON c.id = r.id
        WHERE r.status = 'queued' AND r.enqueued_attempt <= r.attempt
        FOR NO KEY UPDATE OF r SKIP LOCKED
      ), marked AS (
        UPDATE runs r SET enqueued_attempt = r.attempt + 1, enqueued_at = clock_timestamp()
        FROM locked WHERE r.id = locked.id
        RETURNING r.id, r.enqueued_attempt, r.trainer, r.device_class, r.position
      )
      SELECT m.id AS "runId", m.enqueued_attempt AS attempt, m.trainer, m.device_class AS "deviceClass",
        locked.priority
      FROM marked m JOIN locked ON locked.id = m.id
      ORDER BY locked.priority DESC, locked.since, m.position, m.id`;
    return rows;
  });
}

/** Marks runs as not handed over: their job could not be added, or the queue has lost it. */
export async function resetEnqueued(db: Database, runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  await db.prisma.$executeRaw`
    UPDATE runs SET enqueued_attempt = attempt
    WHERE id IN (
      SELECT id FROM runs WHERE id = ANY(${[...runIds]}::uuid[]) AND status = 'queued'
      ORDER BY id FOR NO KEY UPDATE)`;
}

/** Queued runs whose job should be in a queue, longest first: compare with what the queues know. */
export async function runsWithJobOut(
  db: Database,
): Promise<
  Array<{ runId: string; attempt: number; trainer: string; deviceClass: "cpu" | "gpu"; enqueuedAt: Date }>
> {
  return db.prisma.$queryRaw`
    SELECT id AS "runId", enqueued_attempt AS attempt, trainer, device_class AS "deviceClass",
      coalesce(enqueued_at, created_at) AS "enqueuedAt"
    FROM runs WHERE status = 'queued' AND enqueued_attempt > attempt
    ORDER BY enqueued_at, id`;
}
