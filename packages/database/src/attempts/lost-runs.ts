import { externalTrainer, type RunError } from "@reprise/contracts";
import { type Database, inTransaction } from "../connect.js";
import { isDatabaseBusy } from "../errors.js";
import { lockSweepOfRun } from "../sweeps/sweep-state.js";
import { announce, endByInfrastructure } from "./attempt-finish.js";

type ExpiredRun = {
  attempt: number;
  cancelRequested: boolean;
  infrastructureFailures: number;
  workerName: string | null;
  trainer: string;
  planned: boolean;
  leaseMs: number | null;
};

/** "10 minutes", "45 seconds". */
function wordsFor(ms: number): string {
  const [count, unit] = ms % 60_000 === 0 ? [ms / 60_000, "minute"] : [Math.round(ms / 1000), "second"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function errorOf({ attempt, workerName, trainer, planned, leaseMs }: ExpiredRun): RunError {
  if (trainer === externalTrainer) {
    const silence = wordsFor(leaseMs ?? 0);
    const next = planned
      ? ", unless somebody else has asked for it by then."
      : ". Otherwise begin its next attempt (POST /runs/{id}/attempts, in Python log_run(resume=id)): the run was not planned, so no worker is asked to train it.";
    return {
      kind: "infrastructure",
      message: `Nothing was heard for ${silence} of the program that trains this run: attempt ${attempt} is lost.`,
      hint: `If the program still runs, its next report takes the run up again${next}`,
    };
  }
  return {
    kind: "infrastructure",
    message: `The worker ${workerName ?? "of this run"} was lost: it has not renewed its lease.`,
    hint: "It was killed, ran out of memory, or lost its connection to the database.",
  };
}

/** One run, or its sweep, that somebody holds is left for the next round: the others do not wait for it. */
const lockWaitMs = 500;
const maxHeld = 4;

/** After a restart of the database everybody gets a lease, at most so long, to renew theirs: an outage loses no run. */
const graceAfterRestartMs = 20_000;

/**
 * Ends attempts whose lease has expired, because their worker, or the program that trains elsewhere, died or lost its
 * connection: the run is queued again, or has failed after the third time, or is cancelled if it was to be. A run that
 * was logged without a plan has failed at once. Safe to call from several processes at a time.
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
        OR clock.restart + least(r.lease_expires_at - a.heartbeat_at,
          ${graceAfterRestartMs} * interval '1 millisecond') < clock.now)
    ORDER BY r.lease_expires_at, r.id`;
  const recovered: Array<{ runId: string; requeued: boolean }> = [];
  let held = 0;
  for (const { id } of expired) {
    if (held === maxHeld) break;
    const requeued = await inTransaction(db, async (sql) => {
      await sql.$queryRaw`SELECT set_config('lock_timeout', ${String(lockWaitMs)}, true)`;
      const sweep = await lockSweepOfRun(sql, id);
      const [run] = await sql.$queryRaw<ExpiredRun[]>`
        SELECT attempt, cancel_requested_at IS NOT NULL AS "cancelRequested",
          infrastructure_failures AS "infrastructureFailures", worker_name AS "workerName",
          trainer, planned, lease_ms AS "leaseMs"
        FROM runs
        WHERE id = ${id}::uuid AND status = 'running'
          AND lease_expires_at < coalesce(${now ?? null}::timestamptz, clock_timestamp())
        FOR NO KEY UPDATE`;
      if (!run) return null;
      const cancelRequested = run.cancelRequested || (sweep?.cancelRequested ?? false);
      const next = await endByInfrastructure(
        sql,
        { runId: id, attempt: run.attempt },
        { ...run, cancelRequested },
        { attemptStatus: "lost", error: errorOf(run), final: !run.planned },
      );
      await announce(sql, id, sweep?.id ?? null);
      return next === "queued";
    }).catch((error: unknown) => {
      if (!isDatabaseBusy(error)) throw error;
      held += 1;
      return null;
    });
    if (requeued !== null) recovered.push({ runId: id, requeued });
  }
  return recovered;
}
