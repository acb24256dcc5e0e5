import { type FileTotals, type RunStatus, type StoredRequest, storedRequest } from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { lockSweep } from "../sweeps/sweep-state.js";
import { endedStatuses } from "../sweeps/sweep-status.js";
import { conflict, notFound, type Refusal, type Transition } from "../transition.js";

/** What decides whether a run keeps files. */
export type KeepingOfRun = Pick<StoredRequest, "keepWeights" | "task"> & {
  trainer: string;
  status: RunStatus;
  /** When the files of its sweep were removed; null when they were not. */
  removedAt: Date | null;
  /** When its checkpoints were removed for their age. */
  checkpointsRemovedAt: Date | null;
  imported: boolean;
};

export async function keepingOfRun(db: Database, runId: string): Promise<KeepingOfRun | null> {
  const run = await db.prisma.run.findUnique({
    where: { id: runId },
    select: {
      trainer: true,
      status: true,
      request: true,
      purpose: true,
      checkpointsRemovedAt: true,
      sweep: { select: { filesRemovedAt: true, imported: true } },
    },
  });
  if (!run) return null;
  const { keepWeights, task } = storedRequest.parse(run.request);
  return {
    trainer: run.trainer,
    status: run.status,
    keepWeights,
    task,
    removedAt: run.sweep?.filesRemovedAt ?? null,
    checkpointsRemovedAt: run.checkpointsRemovedAt,
    // A replica of an archived run is trained here.
    imported: run.purpose === "study" && run.sweep?.imported != null,
  };
}

/** A file of which nothing is recorded any more. */
export type ForgottenFile = {
  path: string;
  bytes: number | null;
  /** When it was recorded last: a file that is younger was stored by somebody else since. */
  recordedAt: Date;
};

const filesOfSweep = (sql: Sql, sweepId: string) => sql.$queryRaw<ForgottenFile[]>`
  SELECT f.path, max(f.bytes)::float8 AS bytes, max(f.created_at) AS "recordedAt"
  FROM (
    SELECT run_id, path, bytes, created_at FROM checkpoints
    UNION ALL SELECT run_id, path, bytes, created_at FROM artifacts
    UNION ALL SELECT u.id, t.path, t.bytes, t.created_at FROM thumbnails t
      JOIN runs u ON t.key = ANY(u.thumbnails) AND u.sweep_id = ${sweepId}::uuid
  ) f JOIN runs r ON r.id = f.run_id
  WHERE r.sweep_id = ${sweepId}::uuid
  GROUP BY f.path ORDER BY f.path`;

/** What the runs of a sweep and their replicas keep; null when there is no such sweep. */
export async function storedFilesOfSweep(db: Database, sweepId: string): Promise<FileTotals | null> {
  if ((await db.prisma.sweep.count({ where: { id: sweepId } })) === 0) return null;
  const files = await filesOfSweep(db.prisma, sweepId);
  return { files: files.length, bytes: files.reduce((sum, file) => sum + (file.bytes ?? 0), 0) };
}

export type ForgottenFiles = { files: ForgottenFile[]; shared: number };

/**
 * Forgets every checkpoint, artifact and thumbnail of a sweep that has ended, replicas included. The files themselves are the
 * caller's to remove, after this; those that other runs have too are counted and not named.
 */
export function forgetFilesOfSweep(db: Database, sweepId: string): Promise<Transition<ForgottenFiles>> {
  return inTransaction(db, async (sql) => {
    const refusal = await lockEnded(sql, sweepId, "Files are removed");
    return refusal ?? { ok: true as const, value: await forgetFiles(sql, sweepId) };
  });
}

/**
 * Removes a sweep that has ended with all that it holds: runs and replicas, metrics, predictions, logs, verifications. Its files
 * are the caller's to remove, after this.
 */
export function deleteSweep(db: Database, sweepId: string): Promise<Transition<ForgottenFiles>> {
  return inTransaction(db, async (sql) => {
    const refusal = await lockEnded(sql, sweepId, "A study is deleted");
    if (refusal) return refusal;
    const forgotten = await forgetFiles(sql, sweepId);
    const known = await sql.run.findMany({
      where: { sweepId, environmentId: { not: null } },
      distinct: ["environmentId"],
      select: { environmentId: true },
    });
    await sql.sweep.delete({ where: { id: sweepId } });
    // Environments that no other run has.
    await sql.environment.deleteMany({
      where: { id: { in: known.flatMap(({ environmentId }) => environmentId ?? []) }, runs: { none: {} } },
    });
    return { ok: true as const, value: forgotten };
  });
}

/** Locks a sweep of which nothing is needed any more; why it is not, else. */
async function lockEnded(sql: Sql, sweepId: string, what: string): Promise<Refusal | null> {
  const sweep = await lockSweep(sql, sweepId);
  if (!sweep) return notFound("sweep", sweepId);
  const open = await sql.run.count({ where: { sweepId, status: { in: ["queued", "running"] } } });
  if (open > 0 || !endedStatuses.has(sweep.status)) {
    return conflict(
      `${what} when nothing needs ${what.startsWith("Files") ? "them" : "it"} any more: ${open} of this sweep's runs are queued or running. Wait for them, or cancel the sweep.`,
    );
  }
  const comparing = await sql.verification.count({ where: { status: "open", run: { sweepId } } });
  if (comparing > 0)
    return conflict("A verification of this sweep is just being compared. Try again in a moment.");
  return null;
}

async function forgetFiles(sql: Sql, sweepId: string): Promise<ForgottenFiles> {
  const all = await filesOfSweep(sql, sweepId);
  await sql.checkpoint.deleteMany({ where: { run: { sweepId } } });
  await sql.artifact.deleteMany({ where: { run: { sweepId } } });
  const shown = await sql.$queryRaw<Array<{ key: string }>>`
      SELECT DISTINCT unnest(thumbnails) AS key FROM runs WHERE sweep_id = ${sweepId}::uuid`;
  await sql.run.updateMany({ where: { sweepId }, data: { thumbnails: [] } });
  await sql.$executeRaw`
      DELETE FROM thumbnails t WHERE t.key = ANY(${shown.map(({ key }) => key)}::text[])
        AND NOT EXISTS (SELECT 1 FROM runs r WHERE t.key = ANY(r.thumbnails))`;
  await sql.sweep.update({ where: { id: sweepId }, data: { filesRemovedAt: await databaseTime(sql) } });
  return stillRecorded(sql, all);
}

/** Of files that some runs no longer have, those that none has; the others are counted. */
export async function stillRecorded(sql: Sql, all: readonly ForgottenFile[]): Promise<ForgottenFiles> {
  const paths = all.map(({ path }) => path);
  const still = await sql.$queryRaw<Array<{ path: string }>>`
      SELECT path FROM checkpoints WHERE path = ANY(${paths}::text[])
      UNION SELECT path FROM artifacts WHERE path = ANY(${paths}::text[])
      UNION SELECT path FROM thumbnails WHERE path = ANY(${paths}::text[])`;
  const needed = new Set(still.map(({ path }) => path));
  const files = all.filter(({ path }) => !needed.has(path));
  return { files, shared: needed.size };
}
