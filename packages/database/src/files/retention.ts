import type { RetentionPlan, RetentionPreview } from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { Prisma } from "../generated/client.js";
import { type ForgottenFile, type ForgottenFiles, stillRecorded } from "./stored-files.js";

/** Runs of which one transaction removes something: few, because their studies are locked meanwhile. */
const atOnce = 50;

/** Whether a file can be seen from here: that of a worker on another machine cannot. */
export type IsHere = (path: string) => Promise<boolean>;

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

type OldFile = { path: string; bytes: number | null };

/** What a plan would remove now; nothing is changed. */
export async function previewRetention(
  db: Database,
  { keepLogsDays, keepCheckpointsDays }: RetentionPlan,
  isHere: IsHere,
): Promise<RetentionPreview> {
  return {
    logs: keepLogsDays === null ? null : { days: keepLogsDays, ...(await oldLogs(db, keepLogsDays)) },
    checkpoints:
      keepCheckpointsDays === null
        ? null
        : { days: keepCheckpointsDays, ...(await oldCheckpoints(db, keepCheckpointsDays, isHere)) },
  };
}

async function oldLogs(db: Database, days: number): Promise<{ runs: number; bytes: number }> {
  const [found] = await db.prisma.$queryRaw<Array<{ runs: number; bytes: number }>>`
    SELECT count(DISTINCT l.run_id)::int AS runs, coalesce(sum(pg_column_size(l.texts)), 0)::float8 AS bytes
    FROM log_chunks l JOIN runs r ON r.id = l.run_id WHERE ${withOldLogs(days)}`;
  return found ?? { runs: 0, bytes: 0 };
}

async function oldCheckpoints(
  db: Database,
  days: number,
  isHere: IsHere,
): Promise<Omit<NonNullable<RetentionPreview["checkpoints"]>, "days">> {
  const files = await db.prisma.$queryRaw<Array<OldFile & { runIds: string[] }>>`
    SELECT c.path, max(c.bytes)::float8 AS bytes, array_agg(DISTINCT c.run_id::text) AS "runIds"
    FROM checkpoints c JOIN runs r ON r.id = c.run_id WHERE ${withOldCheckpoints(days)} GROUP BY c.path`;
  const { here, elsewhere } = await parted(files, isHere);
  return {
    runs: new Set(here.flatMap(({ runIds }) => runIds)).size,
    bytes: bytesOf(here),
    elsewhere: totals(elsewhere),
  };
}

const bytesOf = (files: readonly OldFile[]) => files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
const totals = (files: readonly OldFile[]) => ({ files: files.length, bytes: bytesOf(files) });

async function parted<File extends OldFile>(files: readonly File[], isHere: IsHere) {
  const here: File[] = [];
  const elsewhere: File[] = [];
  for (const file of files) ((await isHere(file.path)) ? here : elsewhere).push(file);
  return { here, elsewhere };
}

/** A step through the runs of which something is old, in the order of their ids. */
type Step = {
  /** The last run that was looked at: the next step begins after it. Null when there are no more. */
  last: string | null;
  /** Of how many runs something was removed. */
  runs: number;
};

/**
 * Removes logs of runs that ended so many days ago.
 *
 * @param after the last run of the step before
 */
export async function removeOldLogs(db: Database, days: number, after: string | null): Promise<Step> {
  const looked = await runsAfter(db, withOldLogs(days), after);
  const runs = await inTransaction(db, async (sql) => {
    const runIds = await locked(sql, looked, withOldLogs(days));
    await sql.logChunk.deleteMany({ where: { runId: { in: runIds } } });
    // One whose program comes back has room again.
    await sql.attempt.updateMany({ where: { runId: { in: runIds } }, data: { logCharacters: 0 } });
    await sql.run.updateMany({
      where: { id: { in: runIds } },
      data: { logsRemovedAt: await databaseTime(sql) },
    });
    return runIds.length;
  });
  return { last: looked.at(-1) ?? null, runs };
}

/**
 * Forgets checkpoints of runs that ended so many days ago, but of those that a verification or a search for the operation in which
 * they part rests on, and but those that cannot be seen from here: nobody could remove their files. The files themselves are the
 * caller's to remove, after this.
 *
 * @param after the last run of the step before
 */
export async function forgetOldCheckpoints(
  db: Database,
  { days, after, isHere }: { days: number; after: string | null; isHere: IsHere },
): Promise<Step & { forgotten: ForgottenFiles; elsewhere: { files: number; bytes: number } }> {
  const looked = await runsAfter(db, withOldCheckpoints(days), after);
  const files = await db.prisma.$queryRaw<OldFile[]>`
    SELECT path, max(bytes)::float8 AS bytes FROM checkpoints WHERE run_id = ANY(${looked}::uuid[]) GROUP BY path`;
  const { here, elsewhere } = await parted(files, isHere);
  const paths = here.map(({ path }) => path);
  const removed = await inTransaction(db, async (sql) => {
    const locks = await locked(sql, looked, withOldCheckpoints(days));
    const rows = await sql.$queryRaw<Array<ForgottenFile & { runId: string }>>`
      DELETE FROM checkpoints WHERE run_id = ANY(${locks}::uuid[]) AND path = ANY(${paths}::text[])
      RETURNING run_id::text AS "runId", path, bytes::float8 AS bytes, created_at AS "recordedAt"`;
    const runIds = [...new Set(rows.map(({ runId }) => runId))];
    await sql.run.updateMany({
      where: { id: { in: runIds } },
      data: { checkpointsRemovedAt: await databaseTime(sql) },
    });
    return { runs: runIds.length, forgotten: await stillRecorded(sql, eachOnce(rows)) };
  });
  return { last: looked.at(-1) ?? null, ...removed, elsewhere: totals(elsewhere) };
}

/** Several runs may have a file: as it was recorded last. */
function eachOnce(rows: readonly ForgottenFile[]): ForgottenFile[] {
  const files = new Map<string, ForgottenFile>();
  for (const { path, bytes, recordedAt } of rows) {
    const known = files.get(path);
    if (!known || known.recordedAt < recordedAt) files.set(path, { path, bytes, recordedAt });
  }
  return [...files.values()];
}

async function runsAfter(db: Database, which: Prisma.Sql, after: string | null): Promise<string[]> {
  const rows = await db.prisma.$queryRaw<Array<{ id: string }>>`
    SELECT r.id::text FROM runs r
    WHERE (${after}::uuid IS NULL OR r.id > ${after}::uuid) AND ${which} ORDER BY r.id LIMIT ${atOnce}::int`;
  return rows.map(({ id }) => id);
}

/**
 * Locks the studies of these runs and then the runs, as everybody does. What somebody holds is left for the next time, and a run that is
 * no longer old, because it was queued again, altogether.
 */
async function locked(sql: Sql, runIds: readonly string[], which: Prisma.Sql): Promise<string[]> {
  const sweeps = await sql.$queryRaw<Array<{ id: string }>>`
    SELECT s.id::text FROM sweeps s WHERE s.id IN (SELECT sweep_id FROM runs WHERE id = ANY(${[...runIds]}::uuid[]))
    ORDER BY s.id FOR NO KEY UPDATE SKIP LOCKED`;
  const rows = await sql.$queryRaw<Array<{ id: string }>>`
    SELECT r.id::text FROM runs r
    WHERE r.id = ANY(${[...runIds]}::uuid[]) AND ${which}
      AND (r.sweep_id IS NULL OR r.sweep_id = ANY(${sweeps.map(({ id }) => id)}::uuid[]))
    ORDER BY r.id FOR NO KEY UPDATE OF r SKIP LOCKED`;
  return rows.map(({ id }) => id);
}
