import {
  externalTrainer,
  type Requirements,
  type RunNeeds,
  requirements,
  type StoredRequest,
  storedRequest,
} from "@reprise/contracts";
import { type Database, inTransaction } from "../connect.js";
import { Prisma } from "../generated/client.js";

export type Dispatch = RunNeeds & {
  runId: string;
  attempt: number;
  priority: number;
  /** Of the request that queued the run; null where that was not traced. */
  traceparent: string | null;
};

/** The highest priority that queues know; sweeps get there only by asking for it. */
const replicaPriority = 1000;

/** Key of the advisory lock that one dispatcher holds at a time: "disp" in ASCII. */
const dispatchLock = 0x64_69_73_70;

/** Waits for its job; the conditions of the indexes `runs_waiting_idx` and `runs_waiting_alone_idx`, word by word. */
const waits = (run: "r" | "w") =>
  Prisma.raw(`${run}.status = 'queued' AND ${run}.enqueued_attempt <= ${run}.attempt
    AND ${run}.cancel_requested_at IS NULL AND ${run}.trainer <> '${externalTrainer}'`);
const waitsInStudy = Prisma.sql`${waits("r")} AND r.purpose = 'study' AND r.sweep_id IS NOT NULL`;
const waitsAlone = Prisma.sql`${waits("w")} AND (w.purpose <> 'study' OR w.sweep_id IS NULL)`;
const jobOut = Prisma.sql`status = 'queued' AND enqueued_attempt > attempt`;

/**
 * For the transaction: a planner that takes a study for a few runs, because it was analyzed before they came, would rather read
 * and sort them all than follow the index in whose order they are wanted.
 */
const byIndexAlone = Prisma.sql`set_config('enable_seqscan', 'off', true),
  set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)`;

/**
 * A round takes milliseconds; one that meets a database in trouble gives the lock back long before its transaction
 * would expire, and the next round tries again.
 */
const roundTimeoutMs = 10_000;

/**
 * Chooses the runs to hand to the queues now, and marks them as handed over. A run qualifies when it is queued without
 * a job, and its sweep is neither paused nor cancelled and has fewer than `maxParallelRuns` runs running or handed
 * over. Order: priority of the sweep (higher first), age of the sweep, position. Replicas (verifications and replays)
 * are no part of their sweep's plan: pause, cancellation and cap do not hold them, and they come first, because somebody
 * waits for the answer. At most `limitPerQueue` jobs are out per queue (runs with the same needs). With several
 * dispatchers one chooses; the others get an empty list. What is trained elsewhere is handed out by `askNext` alone, and
 * replicas for chosen workers are theirs to ask for (`reservedRuns`).
 *
 * It steps from study to study through an index of waiting runs, and reads of each at most what its queue has room for:
 * the cost depends on neither the number of runs that wait nor what the planner believes of it.
 */
export function takeDispatchable(db: Database, options: { limitPerQueue: number }): Promise<Dispatch[]> {
  const limit = Prisma.sql`${options.limitPerQueue}::int`;
  return inTransaction(db, async (sql) => {
    const [lock] = await sql.$queryRaw<Array<{ taken: boolean }>>`
      SELECT pg_try_advisory_xact_lock(${dispatchLock}::int8) AS taken,
        set_config('statement_timeout', ${String(roundTimeoutMs)}, true), ${byIndexAlone}`;
    if (!lock?.taken) return [];
    // Sweep rows are not locked: a sweep paused at this very moment is caught when the run is claimed.
    return sql.$queryRaw<Dispatch[]>`
      WITH RECURSIVE queue_load AS (
        SELECT trainer, device_class, requires, count(*)::int AS out FROM runs WHERE ${jobOut}
        GROUP BY trainer, device_class, requires
      ), waiting_sweep AS (
        (SELECT r.sweep_id, r.trainer, r.device_class, r.requires FROM runs r WHERE ${waitsInStudy}
          ORDER BY r.sweep_id, r.position, r.id LIMIT 1)
        UNION ALL
        SELECT following.* FROM waiting_sweep w CROSS JOIN LATERAL (
          SELECT r.sweep_id, r.trainer, r.device_class, r.requires FROM runs r
          WHERE ${waitsInStudy} AND r.sweep_id > w.sweep_id
          ORDER BY r.sweep_id, r.position, r.id LIMIT 1) AS following
      ), open_sweep AS (
        SELECT s.id, s.priority, s.created_at AS since,
          least(${limit} - coalesce(q.out, 0), s.max_parallel_runs - active.runs) AS room,
          row_number() OVER (
            PARTITION BY w.trainer, w.device_class, w.requires ORDER BY s.priority DESC, s.created_at, s.id) AS turn
        FROM waiting_sweep w JOIN sweeps s ON s.id = w.sweep_id
        LEFT JOIN queue_load q ON (q.trainer, q.device_class, q.requires) = (w.trainer, w.device_class, w.requires)
        CROSS JOIN LATERAL (
          SELECT count(*)::int AS runs FROM runs a
          WHERE s.max_parallel_runs IS NOT NULL AND a.sweep_id = s.id AND a.purpose = 'study'
            AND (a.status = 'running' OR (a.status = 'queued' AND a.enqueued_attempt > a.attempt))) AS active
        WHERE NOT s.paused AND s.cancel_requested_at IS NULL
          AND (s.max_parallel_runs IS NULL OR active.runs < s.max_parallel_runs)
      ), waiting AS (
        SELECT next.*, s.priority, s.since FROM open_sweep s CROSS JOIN LATERAL (
          SELECT r.id, r.trainer, r.device_class, r.requires, r.position FROM runs r
          WHERE ${waitsInStudy} AND r.sweep_id = s.id
          ORDER BY r.sweep_id, r.position, r.id LIMIT greatest(s.room, 0)) AS next
        -- Each has a run to give: later ones would find the queue full.
        WHERE s.turn <= ${limit}
        UNION ALL
        SELECT w.id, w.trainer, w.device_class, w.requires, w.position,
          CASE WHEN w.purpose = 'study' THEN 0 ELSE ${replicaPriority}::int END, coalesce(s.created_at, w.created_at)
        FROM runs w LEFT JOIN sweeps s ON s.id = w.sweep_id
        WHERE ${waitsAlone} AND NOT EXISTS (
          SELECT 1 FROM verifications v WHERE v.replica_run_id = w.id AND v.worker IS NOT NULL)
      ), ranked AS (
        SELECT w.*, row_number() OVER (
          PARTITION BY w.trainer, w.device_class, w.requires ORDER BY w.priority DESC, w.since, w.position, w.id) AS turn
        FROM waiting w
      ), chosen AS (
        SELECT k.id, k.priority, k.since FROM ranked k
        LEFT JOIN queue_load q ON (q.trainer, q.device_class, q.requires) = (k.trainer, k.device_class, k.requires)
        WHERE k.turn <= ${limit} - coalesce(q.out, 0)
      ), locked AS (
        SELECT r.id FROM runs r
        WHERE r.id = ANY(ARRAY(SELECT id FROM chosen)) AND r.status = 'queued' AND r.enqueued_attempt <= r.attempt
        FOR NO KEY UPDATE OF r SKIP LOCKED
      ), marked AS (
        UPDATE runs r SET enqueued_attempt = r.attempt + 1, enqueued_at = clock_timestamp()
        WHERE r.id = ANY(ARRAY(SELECT id FROM locked))
        RETURNING r.id, r.enqueued_attempt, r.trainer, r.device_class, r.requires, r.position, r.traceparent
      )
      SELECT m.id AS "runId", m.enqueued_attempt AS attempt, m.trainer, m.device_class AS "deviceClass",
        m.requires, c.priority, m.traceparent
      FROM marked m JOIN chosen c ON c.id = m.id
      ORDER BY c.priority DESC, c.since, m.position, m.id`;
  });
}

/**
 * Marks runs as not handed over: their job could not be added, or the queue has lost it. One that somebody holds stays as it is: the
 * dispatcher finds in a while that it has no job.
 */
export async function resetEnqueued(db: Database, runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  await db.prisma.$executeRaw`
    UPDATE runs SET enqueued_attempt = attempt
    WHERE id IN (
      SELECT id FROM runs WHERE id = ANY(${[...runIds]}::uuid[]) AND status = 'queued'
      ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)`;
}

/**
 * Queued runs whose job should have been in a queue for `sinceMs`, longest first: compare with what the queues know. The
 * database's clock decides, which wrote when that was.
 */
export async function runsWithJobOut(
  db: Database,
  { sinceMs = 0 }: { sinceMs?: number } = {},
): Promise<Array<RunNeeds & { runId: string; attempt: number }>> {
  return db.prisma.$queryRaw`
    SELECT id AS "runId", enqueued_attempt AS attempt, trainer, device_class AS "deviceClass", requires
    FROM runs WHERE ${jobOut}
      AND coalesce(enqueued_at, created_at) <= clock_timestamp() - ${sinceMs}::float8 * interval '1 millisecond'
    ORDER BY enqueued_at, id`;
}

/** What runs need whose jobs are out, each once: the queues in which there may be jobs. */
export function queuedNeeds(db: Database): Promise<RunNeeds[]> {
  return inTransaction(db, async (sql) => {
    await sql.$queryRaw`SELECT ${byIndexAlone}`;
    return sql.$queryRaw<RunNeeds[]>`
      SELECT DISTINCT trainer, device_class AS "deviceClass", requires
      -- By this order through the index of such runs.
      FROM (SELECT trainer, device_class, requires FROM runs WHERE ${jobOut} ORDER BY sweep_id) AS out`;
  });
}

/**
 * What queued runs need that nothing but a free worker keeps from being trained, each need once; of replicas those that any worker may
 * train. A job that is out waits for a worker: only runs in training use up what a study may have at a time.
 */
export function waitingNeeds(db: Database): Promise<RunNeeds[]> {
  return inTransaction(db, async (sql) => {
    await sql.$queryRaw`SELECT ${byIndexAlone}`;
    return sql.$queryRaw<RunNeeds[]>`
      SELECT next.trainer, next.device_class AS "deviceClass", next.requires
      FROM sweeps s CROSS JOIN LATERAL (
        SELECT r.trainer, r.device_class, r.requires FROM runs r
        WHERE r.sweep_id = s.id AND r.status = 'queued' AND r.purpose = 'study' AND r.cancel_requested_at IS NULL
        ORDER BY r.position, r.id LIMIT 1) AS next
      WHERE s.status IN ('queued', 'running') AND NOT s.paused AND s.cancel_requested_at IS NULL
        AND (s.max_parallel_runs IS NULL OR s.max_parallel_runs > (
          SELECT count(*) FROM runs a WHERE a.sweep_id = s.id AND a.status = 'running' AND a.purpose = 'study'))
      UNION
      SELECT r.trainer, r.device_class, r.requires FROM verifications v JOIN runs r ON r.id = v.replica_run_id
      WHERE v.status = 'open' AND v.worker IS NULL AND r.status = 'queued' AND r.cancel_requested_at IS NULL`;
  });
}

/** What a run requires of the machine that trains it. */
export async function requirementsOf(db: Database, runId: string): Promise<Requirements> {
  const row = await db.prisma.run.findUnique({ where: { id: runId }, select: { requires: true } });
  return requirements.parse(row?.requires ?? {});
}

/** Threads that a run asks for, before anybody has claimed it. */
export async function requestedThreads(
  db: Database,
  runId: string,
): Promise<StoredRequest["resources"]["threads"]> {
  const rows = await db.prisma.$queryRaw<Array<{ resources: unknown }>>`
    SELECT request -> 'resources' AS resources FROM runs WHERE id = ${runId}::uuid`;
  return storedRequest.shape.resources.parse(rows[0]?.resources).threads;
}

/** So many queued runs are compared with one that trains: beyond them, another's process is not worth a longer look. */
const comparedRuns = 64;

/**
 * Whether a run may soon follow that would be trained by a process that is started as that of `runId` is: same trainer, arm and
 * resources. It is queued in the same study, or has its job in the same queue; or the study is to get configurations or seeds yet,
 * from a sampler or by its sequential design. What a pause, a cancellation, another study's cap or another worker holds does not follow.
 */
export async function anotherMayFollow(db: Database, runId: string): Promise<boolean> {
  const isAlike = Prisma.sql`execution = own.execution AND request -> 'resources' = own.request -> 'resources'`;
  const [found] = await inTransaction(db, async (sql) => {
    await sql.$queryRaw`SELECT ${byIndexAlone}`;
    return sql.$queryRaw<Array<{ follows: boolean }>>`
    SELECT coalesce(plan.search ->> 'method' = 'external' OR plan.sequential -> 'end' = 'null', false)
      OR EXISTS (
        SELECT 1 FROM (
          SELECT r.execution, r.request FROM runs r
          WHERE r.sweep_id = plan.id AND r.status = 'queued' AND r.purpose = 'study' AND r.cancel_requested_at IS NULL
          ORDER BY r.position, r.id LIMIT ${comparedRuns}::int) AS next
        WHERE ${isAlike})
      OR EXISTS (
        SELECT 1 FROM (
          SELECT r.execution, r.request FROM runs r
          WHERE ${jobOut} AND r.trainer = own.trainer AND r.device_class = own.device_class
            AND r.cancel_requested_at IS NULL
            AND NOT EXISTS (
              SELECT 1 FROM sweeps s WHERE s.id = r.sweep_id AND r.purpose = 'study'
                AND (s.paused OR s.cancel_requested_at IS NOT NULL))
          -- By this order through the index of such runs: a planner that expects many would read all runs until it had these.
          ORDER BY r.sweep_id LIMIT ${comparedRuns}::int) AS next
        WHERE ${isAlike}) AS follows
    FROM runs own LEFT JOIN LATERAL (
      SELECT s.id, s.spec -> 'search' AS search, s.sequential FROM sweeps s
      WHERE s.id = own.sweep_id AND own.purpose = 'study' AND NOT s.paused AND s.cancel_requested_at IS NULL) AS plan ON true
    WHERE own.id = ${runId}::uuid`;
  });
  return found?.follows ?? false;
}
