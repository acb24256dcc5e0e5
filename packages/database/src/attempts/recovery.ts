import type { RunError } from "@reprise/contracts";
import { type Database, inTransaction } from "../connect.js";
import { lockSweepOfRun } from "../sweeps/sweep-state.js";
import { announce, endByInfrastructure } from "./attempt-finish.js";

/** After a restart of the database every worker gets so long to renew its lease: an outage loses no run. */
const graceAfterRestartMs = 20_000;

/**
 * Ends attempts whose lease has expired, because their worker died or lost its connection: the run is queued again, or
 * has failed after the third time, or is cancelled if it was to be. Safe to call from several processes at a time.
 *
 * @param now default: the database's clock, by which leases are given
 */
export async function recoverLostRuns(
  db: Database,
  now?: Date,
): Promise<Array<{ runId: string; requeued: boolean }>> {
  const expired = await db.prisma.$queryRaw<Array<{ id: string }>>`
    SELECT r.id FROM runs r JOIN attempts a ON a.run_id = r.id AND a.number = r.attempt,
      (SELECT coalesce(${now ?? null}::timestamptz, clock_timestamp()) AS now,
        pg_postmaster_start_time() AS restart) AS clock
    WHERE r.status = 'running' AND r.lease_expires_at < clock.now
      AND (a.heartbeat_at > clock.restart
        OR clock.restart + ${graceAfterRestartMs} * interval '1 millisecond' < clock.now)
    ORDER BY r.lease_expires_at, r.id`;
  const recovered: Array<{ runId: string; requeued: boolean }> = [];
  for (const { id } of expired) {
    const requeued = await inTransaction(db, async (sql) => {
      const sweep = await lockSweepOfRun(sql, id);
      const [run] = await sql.$queryRaw<
        Array<{
          attempt: number;
          cancelRequested: boolean;
          infrastructureFailures: number;
          workerName: string | null;
        }>
      >`
        SELECT attempt, cancel_requested_at IS NOT NULL AS "cancelRequested",
          infrastructure_failures AS "infrastructureFailures", worker_name AS "workerName"
        FROM runs
        WHERE id = ${id}::uuid AND status = 'running'
          AND lease_expires_at < coalesce(${now ?? null}::timestamptz, clock_timestamp())
        FOR NO KEY UPDATE`;
      if (!run) return null;
      const error: RunError = {
        kind: "infrastructure",
        message: `The worker ${run.workerName ?? "of this run"} was lost: it has not renewed its lease.`,
        hint: "It was killed, ran out of memory, or lost its connection to the database.",
      };
      const cancelRequested = run.cancelRequested || (sweep?.cancelRequested ?? false);
      const next = await endByInfrastructure(
        sql,
        { runId: id, attempt: run.attempt },
        { ...run, cancelRequested },
        { attemptStatus: "lost", error },
      );
      await announce(sql, id, sweep?.id ?? null);
      return next === "queued";
    });
    if (requeued !== null) recovered.push({ runId: id, requeued });
  }
  return recovered;
}
