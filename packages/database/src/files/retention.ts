import type { RetentionPlan, RetentionPreview } from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { type ForgottenFile, type ForgottenFiles, stillRecorded } from "./stored-files.js";

/** Runs of which one transaction removes something. */
const atOnce = 200;

/** Ended longer ago than that, in a study that has ended. */
const endedFor = (days: number) => Prisma.sql`
  r.status NOT IN ('queued', 'running') AND r.ended_at < clock_timestamp() - ${days}::int * interval '1 day'
  AND NOT EXISTS (SELECT 1 FROM sweeps s WHERE s.id = r.sweep_id AND s.status NOT IN ('succeeded', 'failed', 'cancelled'))`;

/** What a verdict on two trainings rests on, or may come to rest on: their checkpoints tell the tensors and steps in which they part. */
const isEvidence = Prisma.sql`(
  EXISTS (SELECT 1 FROM verifications v WHERE v.run_id = r.id OR v.replica_run_id = r.id)
  OR EXISTS (SELECT 1 FROM localizations l WHERE l.run_id = r.id OR l.other_run_id = r.id)
  OR r.divergence IS NOT NULL)`;

const withOldLogs = (days: number) => Prisma.sql`
  ${endedFor(days)} AND EXISTS (SELECT 1 FROM log_chunks c WHERE c.run_id = r.id)`;
const withOldCheckpoints = (days: number) => Prisma.sql`
  ${endedFor(days)} AND NOT ${isEvidence} AND EXISTS (SELECT 1 FROM checkpoints c WHERE c.run_id = r.id)`;

/** What a plan would remove now; nothing is changed. */
export async function previewRetention(db: Database, plan: RetentionPlan): Promise<RetentionPreview> {
  const { keepLogsDays, keepCheckpointsDays } = plan;
  const of = async (
    days: number | null,
    sums: (days: number) => Promise<Array<{ runs: number; bytes: number }>>,
  ) => {
    if (days === null) return null;
    const [found = { runs: 0, bytes: 0 }] = await sums(days);
    return { days, ...found };
  };
  return {
    logs: await of(
      keepLogsDays,
      (days) => db.prisma.$queryRaw`
        SELECT count(DISTINCT l.run_id)::int AS runs, coalesce(sum(pg_column_size(l.texts)), 0)::float8 AS bytes
        FROM log_chunks l JOIN runs r ON r.id = l.run_id WHERE ${withOldLogs(days)}`,
    ),
    checkpoints: await of(
      keepCheckpointsDays,
      (days) => db.prisma.$queryRaw`
        WITH old AS (
          SELECT k.run_id, k.path, k.bytes FROM checkpoints k JOIN runs r ON r.id = k.run_id
          WHERE ${withOldCheckpoints(days)}
        )
        SELECT (SELECT count(DISTINCT run_id) FROM old)::int AS runs,
          (SELECT coalesce(sum(bytes), 0) FROM (SELECT path, max(bytes) AS bytes FROM old GROUP BY path) f)::float8 AS bytes`,
    ),
  };
}

/** Removes logs of runs that ended so many days ago. @returns of how many runs; 0 when none is left */
export async function removeOldLogs(db: Database, days: number): Promise<number> {
  return inTransaction(db, async (sql) => {
    const runIds = await chosen(sql, withOldLogs(days));
    await sql.logChunk.deleteMany({ where: { runId: { in: runIds } } });
    await sql.run.updateMany({ where: { id: { in: runIds } }, data: { logsRemovedAt: new Date() } });
    return runIds.length;
  });
}

/**
 * Forgets checkpoints of runs that ended so many days ago, but of those that a verification or a search for the operation in which
 * they part rests on. The files themselves are the caller's to remove, after this.
 *
 * @returns of how many runs; 0 when none is left
 */
export async function forgetOldCheckpoints(
  db: Database,
  days: number,
): Promise<{ runs: number; forgotten: ForgottenFiles }> {
  return inTransaction(db, async (sql) => {
    const runIds = await chosen(sql, withOldCheckpoints(days));
    const all = await sql.$queryRaw<ForgottenFile[]>`
      SELECT path, max(bytes)::float8 AS bytes, max(created_at) AS "recordedAt"
      FROM checkpoints WHERE run_id = ANY(${runIds}::uuid[]) GROUP BY path ORDER BY path`;
    await sql.checkpoint.deleteMany({ where: { runId: { in: runIds } } });
    await sql.run.updateMany({ where: { id: { in: runIds } }, data: { checkpointsRemovedAt: new Date() } });
    return { runs: runIds.length, forgotten: await stillRecorded(sql, all) };
  });
}

/** The next runs of which something is removed. One that somebody holds is left for the next time. */
async function chosen(sql: Sql, which: Prisma.Sql): Promise<string[]> {
  const rows = await sql.$queryRaw<Array<{ id: string }>>`
    SELECT r.id::text FROM runs r WHERE ${which} ORDER BY r.id LIMIT ${atOnce}::int FOR NO KEY UPDATE OF r SKIP LOCKED`;
  return rows.map(({ id }) => id);
}
