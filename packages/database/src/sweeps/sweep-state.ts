import { type LiveEvent, type RunCounts, type SweepStatus, sequentialRecord } from "@reprise/contracts";
import type { Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { Prisma } from "../generated/client.js";
import { deriveSweepStatus, endedStatuses, noRuns } from "./sweep-status.js";

// Order of locks in every transaction of this package: sweep, then its runs, then the live stream. A transaction that
// may change a sweep's status takes the sweep first, so that counts and status always agree and nothing deadlocks.

export type LockedSweep = {
  id: string;
  status: SweepStatus;
  paused: boolean;
  cancelRequested: boolean;
  /** Read from an archive, or from another tracker: its runs were trained elsewhere and never queue. */
  imported: boolean;
};

/** What a sequential study has recorded; null for others. */
export const sequentialOf = (row: { sequential: unknown }) =>
  sequentialRecord.nullable().parse(row.sequential);

/** Why nothing of an archived study can be queued; its runs can still be verified. */
export const importedRefusal =
  "This study was read in: its runs were trained elsewhere. Verify one to train it here, or start a study of its spec.";

const lockedColumns = Prisma.sql`s.id, s.status::text AS status, s.paused, s.cancel_requested_at IS NOT NULL AS "cancelRequested",
  s.imported IS NOT NULL OR s.origin IS NOT NULL AS imported`;

/** Locks a sweep until the end of the transaction; null when there is none. */
export async function lockSweep(sql: Sql, sweepId: string): Promise<LockedSweep | null> {
  const rows = await sql.$queryRaw<LockedSweep[]>`
    SELECT ${lockedColumns} FROM sweeps s WHERE s.id = ${sweepId}::uuid FOR NO KEY UPDATE`;
  return rows[0] ?? null;
}

/**
 * Locks the sweep of a run, if it has one. The caller then locks the run. A replica is no part of the sweep's plan, so
 * pause and cancellation of the sweep do not concern it: to a replica the sweep looks free of both.
 */
export async function lockSweepOfRun(sql: Sql, runId: string): Promise<LockedSweep | null> {
  // A run keeps its sweep and its purpose for ever: they need no lock.
  const rows = await sql.$queryRaw<Array<LockedSweep & { purpose: string }>>`
    SELECT ${lockedColumns}, r.purpose::text AS purpose
    FROM runs r JOIN sweeps s ON s.id = r.sweep_id WHERE r.id = ${runId}::uuid FOR NO KEY UPDATE OF s`;
  const [found] = rows;
  if (!found) return null;
  const { purpose, ...sweep } = found;
  return purpose === "study" ? sweep : { ...sweep, paused: false, cancelRequested: false };
}

/** Numbers of study runs by status, of each of the sweeps. */
export async function countRuns(sql: Sql, sweepIds: readonly string[]): Promise<Map<string, RunCounts>> {
  const rows = await sql.$queryRaw<Array<{ sweepId: string; status: keyof RunCounts; count: number }>>`
    SELECT sweep_id AS "sweepId", status::text AS status, runs AS count
    FROM sweep_counts WHERE sweep_id = ANY(${[...sweepIds]}::uuid[])`;
  const counts = new Map(sweepIds.map((id): [string, RunCounts] => [id, { ...noRuns }]));
  for (const row of rows) {
    const of = counts.get(row.sweepId);
    if (of) of[row.status] = row.count;
  }
  return counts;
}

type RefreshedSweep = {
  status: SweepStatus;
  paused: boolean;
  cancelRequested: boolean;
  startedAt: Date | null;
  endedAt: Date | null;
  sequential: unknown;
  imported: boolean;
  counts: Partial<RunCounts>;
};

/**
 * Brings status, start and end of a locked sweep in line with its runs.
 *
 * @returns the event that tells of it
 */
export async function refreshSweep(sql: Sql, sweepId: string): Promise<LiveEvent> {
  const [sweep] = await sql.$queryRaw<RefreshedSweep[]>`
    SELECT s.status::text AS status, s.paused, s.cancel_requested_at IS NOT NULL AS "cancelRequested",
      s.started_at AS "startedAt", s.ended_at AS "endedAt", s.sequential, s.imported IS NOT NULL AS imported,
      coalesce((SELECT json_object_agg(c.status, c.runs) FROM sweep_counts c WHERE c.sweep_id = s.id), '{}') AS counts
    FROM sweeps s WHERE s.id = ${sweepId}::uuid`;
  if (!sweep) throw new Error(`There is no sweep ${sweepId}`);
  const counts = { ...noRuns, ...sweep.counts };
  const status = deriveSweepStatus({
    counts,
    paused: sweep.paused,
    cancelRequested: sweep.cancelRequested,
    started: sweep.startedAt !== null,
    looksAgain: !sweep.imported && sequentialOf(sweep)?.end === null,
  });
  const ended = endedStatuses.has(status);
  const starts = sweep.startedAt === null && counts.running > 0;
  // By one clock: those of two processes could make an end before the start.
  const now = starts || (ended && sweep.endedAt === null) ? await databaseTime(sql) : null;
  const startedAt = sweep.startedAt ?? (starts ? now : null);
  const endedAt = ended ? (sweep.endedAt ?? now) : null;
  const same =
    status === sweep.status &&
    startedAt?.getTime() === sweep.startedAt?.getTime() &&
    endedAt?.getTime() === sweep.endedAt?.getTime();
  if (!same) {
    await sql.sweep.updateMany({
      where: { id: sweepId },
      // A hold on a sweep that has ended must not surprise whoever retries its runs.
      data: { status, startedAt, endedAt, ...(ended ? { paused: false } : {}) },
    });
  }
  return { type: "sweep", sweepId, status, runCounts: counts };
}
