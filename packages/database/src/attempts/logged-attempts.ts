import { type Attempt, attemptHeader, externalTrainer, type Run } from "@reprise/contracts";
import { type Database, inTransaction, isTransaction, type Sql } from "../connect.js";
import { lockSweepOfRun } from "../sweeps/sweep-state.js";
import { conflict, notFound, type Refusal, type Transition } from "../transition.js";
import { announce } from "./attempt-finish.js";
import { type AttemptRef, holdWriter } from "./attempt-lock.js";
import type { LogSize } from "./log-lines.js";

/** The attempt that may write, and until when it may be silent. `now` is the time of the database, which also gave the others. */
export type LeasedAttempt = AttemptRef & {
  now: Date;
  startedAt: Date | null;
  leaseMs: number;
  leaseExpiresAt: Date;
};

type Named = { runId: string; attempt: number | null };
type RenewedRow = Omit<LeasedAttempt, "runId"> & {
  sweepId: string | null;
  lastBatch: number | null;
} & LogSize;

/** Renews the lease of the attempt that is running, if it is the one that is named; one statement, without other locks. */
async function renew(sql: Sql, { runId, attempt }: Named): Promise<LeasedAttempt | null> {
  const rows = await sql.$queryRaw<RenewedRow[]>`
    WITH renewed AS (
      UPDATE runs SET lease_expires_at = clock_timestamp() + lease_ms * interval '1 millisecond'
      WHERE id = ${runId}::uuid AND status = 'running' AND trainer = ${externalTrainer}
        AND fencing_token IS NOT NULL AND lease_ms IS NOT NULL AND attempt = coalesce(${attempt}::int, 1)
      RETURNING id, sweep_id, attempt, fencing_token, lease_ms, lease_expires_at, started_at
    ), seen AS (
      UPDATE attempts a SET heartbeat_at = clock_timestamp()
      FROM renewed WHERE a.run_id = renewed.id AND a.number = renewed.attempt
      RETURNING a.last_batch, a.log_lines, a.log_characters
    )
    SELECT clock_timestamp() AS now, attempt, fencing_token::text AS token, lease_ms AS "leaseMs", lease_expires_at AS "leaseExpiresAt",
      started_at AS "startedAt", sweep_id AS "sweepId", last_batch AS "lastBatch", log_lines AS "logLines",
      log_characters::float8 AS "logCharacters"
    FROM renewed CROSS JOIN seen`;
  const [row] = rows;
  if (!row) return null;
  const { sweepId, lastBatch, logLines, logCharacters, ...lease } = row;
  const ref = { runId, attempt: row.attempt, token: row.token };
  if (isTransaction(sql)) holdWriter(sql, { ...ref, sweepId, lastBatch, logLines, logCharacters });
  return { runId, ...lease };
}

type FoundRun = {
  trainer: string;
  status: Run["status"];
  attempt: number;
  attemptStatus: Attempt["status"] | null;
};

/** Why an attempt may not write; null where it was lost and may come back. */
function refusalOf(run: FoundRun, { runId, attempt: named }: Named): Refusal | null {
  if (run.trainer !== externalTrainer) {
    return conflict("This run is trained by a worker, which reports it: nothing can be logged for it.");
  }
  if (named === null && run.attempt > 1) {
    const message = `is needed: run ${runId} has had ${run.attempt} attempts, and a report must say whose it is`;
    const suggestion = `Send the number of the attempt that you were given (\`attempt\` of the run), such as ${attemptHeader}: ${run.attempt}.`;
    return {
      ok: false,
      reason: "invalid-request",
      detail: `The header ${attemptHeader} ${message}.`,
      errors: [{ path: attemptHeader, message, suggestion }],
    };
  }
  if (named !== null && named < run.attempt) {
    return {
      ok: false,
      reason: "stale-attempt",
      detail: `Attempt ${named} of this run has a successor, attempt ${run.attempt} (${run.status}): nothing was written.`,
    };
  }
  if (named !== null && named > run.attempt) {
    const message = `the run has had ${run.attempt === 1 ? "1 attempt" : `${run.attempt} attempts`}`;
    return {
      ok: false,
      reason: "invalid-request",
      detail: `There is no attempt ${named} of this run.`,
      errors: [{ path: attemptHeader, message, value: String(named) }],
    };
  }
  const isHeld = run.status === "queued" || run.status === "failed";
  if (run.attemptStatus === "lost" && isHeld) return null;
  return conflict(`The run is ${run.status}: only a running one takes reports.`);
}

/** A lost attempt whose program was only silent takes its run up again: nothing of what it reported is gone. */
async function revive(sql: Sql, { runId }: Named, attempt: number): Promise<void> {
  await sql.$executeRaw`
    UPDATE runs r SET status = 'running', fencing_token = gen_random_uuid(), worker_name = a.worker_name,
      lease_expires_at = clock_timestamp() + r.lease_ms * interval '1 millisecond', enqueued_attempt = r.attempt,
      infrastructure_failures = greatest(0, r.infrastructure_failures - 1), started_at = a.started_at,
      ended_at = NULL, duration_ms = NULL, error = NULL
    FROM attempts a WHERE r.id = ${runId}::uuid AND a.run_id = r.id AND a.number = ${attempt}::int`;
  await sql.$executeRaw`
    UPDATE attempts SET status = 'running', ended_at = NULL, error = NULL
    WHERE run_id = ${runId}::uuid AND number = ${attempt}::int`;
}

/**
 * The attempt of a run that is trained elsewhere, for what is reported of it; its lease is renewed. A report that names no
 * attempt is of the first, and refused once there has been a second. One of an attempt that has a successor is stale. A
 * lost attempt that has none is revived.
 *
 * @param named.attempt as the report says; null where it does not
 * @param options.ends the same transaction will end the attempt, and change its sweep: which is locked before the run
 */
export async function loggedAttempt(
  db: Database,
  named: Named,
  { ends = false }: { ends?: boolean } = {},
): Promise<Transition<LeasedAttempt>> {
  const renewed = ends ? null : await renew(db.prisma, named);
  if (renewed) return { ok: true, value: renewed };
  return inTransaction(db, async (sql): Promise<Transition<LeasedAttempt>> => {
    const sweep = await lockSweepOfRun(sql, named.runId);
    const [run] = await sql.$queryRaw<FoundRun[]>`
      SELECT r.trainer, r.status::text AS status, r.attempt, a.status::text AS "attemptStatus"
      FROM runs r LEFT JOIN attempts a ON a.run_id = r.id AND a.number = r.attempt
      WHERE r.id = ${named.runId}::uuid FOR NO KEY UPDATE OF r`;
    if (!run) return notFound("run", named.runId);
    const meanwhile = await renew(sql, named);
    if (meanwhile) return { ok: true, value: meanwhile };
    const refusal = refusalOf(run, named);
    if (refusal) return refusal;
    if (sweep?.cancelRequested) return conflict("This study was cancelled: the run takes no more reports.");
    await revive(sql, named, run.attempt);
    const revived = await renew(sql, named);
    if (!revived) throw new Error(`Run ${named.runId} could not be revived`);
    await announce(sql, named.runId, sweep?.id ?? null);
    return { ok: true, value: revived };
  });
}
