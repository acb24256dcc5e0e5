import {
  type Attempt,
  type Energy,
  energy as energySchema,
  type LiveEvent,
  type RunError,
} from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { LeaseLostError } from "../errors.js";
import { Prisma } from "../generated/client.js";
import { notifyControl, writeLiveEvents } from "../live/live-events.js";
import { selectValues } from "../metrics/selected-values.js";
import { runEvent, runEventFields } from "../runs/entities.js";
import { storable } from "../storable.js";
import { lockSweepOfRun, refreshSweep } from "../sweeps/sweep-state.js";
import type { AttemptRef } from "./attempt-lock.js";
import { attemptTimes, type SaidTimes } from "./attempt-times.js";

/** So many attempts of a run may be lost to its surroundings before it counts as failed. */
export const maxInfrastructureFailures = 3;

/** What is written of an attempt when it ends; times only where it did not run while it was being recorded. */
export type AttemptEnd = SaidTimes & AttemptOutcome;
type AttemptOutcome =
  | {
      status: "succeeded";
      digest: string | null;
      selectedEpoch: number | null;
      /** Seconds by phase. */
      phases: Record<string, number>;
      energy: Energy | null;
    }
  | { status: "failed"; error: RunError; energy?: Energy | null }
  | { status: "cancelled"; energy?: Energy | null }
  /** `step`: after which it was given up; null for the last that was reported. */
  | { status: "pruned"; step: number | null; energy?: Energy | null };

type OwnedRun = { cancelRequested: boolean; infrastructureFailures: number; ended: boolean };

/**
 * Locks the sweep and then the run of an attempt. `ended` when this very attempt has ended before: whoever did not
 * learn that its last write arrived may repeat it.
 *
 * @throws LeaseLostError when the attempt was taken away
 */
async function lockOwned(sql: Sql, ref: AttemptRef): Promise<OwnedRun & { sweepId: string | null }> {
  const sweep = await lockSweepOfRun(sql, ref.runId);
  const rows = await sql.$queryRaw<OwnedRun[]>`
    SELECT cancel_requested_at IS NOT NULL AS "cancelRequested", status <> 'running' AS ended,
      infrastructure_failures AS "infrastructureFailures"
    FROM runs
    WHERE id = ${ref.runId}::uuid AND attempt = ${ref.attempt} AND fencing_token = ${ref.token}::uuid
    FOR NO KEY UPDATE`;
  const [run] = rows;
  if (!run) throw new LeaseLostError(ref.runId);
  const cancelRequested = run.cancelRequested || (sweep?.cancelRequested ?? false);
  return { ...run, cancelRequested, sweepId: sweep?.id ?? null };
}

/**
 * Ends an attempt, in one transaction: attempt, run, selected values, sweep, and last the live events. A run that
 * failed for reasons outside itself is queued again, three times at most. Repeating the call changes nothing.
 *
 * @throws LeaseLostError when the attempt was taken away; nothing has been written then
 */
export function finishAttempt(db: Database, ref: AttemptRef, end: AttemptEnd): Promise<void> {
  return inTransaction(db, async (sql) => {
    const run = await lockOwned(sql, ref);
    if (run.ended) return;
    if (end.status === "failed" && end.error.kind === "infrastructure") {
      const failed = { attemptStatus: "failed", error: end.error, energy: end.energy } as const;
      await endByInfrastructure(sql, ref, run, failed);
    } else {
      await endRun(sql, ref, end);
      if (end.status === "succeeded") await selectValues(sql, ref.runId, end.selectedEpoch);
    }
    await announce(sql, ref.runId, run.sweepId);
  });
}

/**
 * Gives an attempt back that was interrupted through no fault of its own, such as a worker that shuts down: the
 * attempt is lost, the run queued again, and no failure is counted.
 *
 * @throws LeaseLostError
 */
export function releaseAttempt(db: Database, ref: AttemptRef, reason: string): Promise<void> {
  return inTransaction(db, async (sql) => {
    const run = await lockOwned(sql, ref);
    if (run.ended) return;
    const error: RunError = { kind: "infrastructure", message: reason, hint: null };
    await endByInfrastructure(sql, ref, run, { attemptStatus: "lost", error, uncounted: true });
    await announce(sql, ref.runId, run.sweepId);
  });
}

/** Whether a run is for chosen workers, who ask for it: no queue has it. */
const isReserved = async (sql: Sql, runId: string) =>
  (await sql.verification.count({ where: { replicaRunId: runId, worker: { not: Prisma.AnyNull } } })) > 0;

/** Tells of a run's new state and of its sweep's: the last thing before the commit. */
export async function announce(sql: Sql, runId: string, sweepId: string | null): Promise<void> {
  const events: LiveEvent[] = sweepId ? [await refreshSweep(sql, sweepId)] : [];
  const run = await sql.run.findUniqueOrThrow({ where: { id: runId }, select: runEventFields });
  if (run.status === "queued")
    await notifyControl(sql, [{ type: (await isReserved(sql, runId)) ? "reserved-work" : "runs-queued" }]);
  await writeLiveEvents(sql, [runEvent(run), ...events]);
}

/**
 * What follows when an attempt ends for reasons outside its run: another attempt, or the end after too many, or at once
 * where nobody else can be asked to train it (`final`). A run that was to be cancelled is cancelled. The caller holds the
 * locks of sweep and run.
 */
export async function endByInfrastructure(
  sql: Sql,
  ref: Pick<AttemptRef, "runId" | "attempt">,
  run: { cancelRequested: boolean; infrastructureFailures: number },
  how: {
    attemptStatus: "failed" | "lost";
    error: RunError;
    energy?: Energy | null;
    uncounted?: boolean;
    final?: boolean;
  },
): Promise<"queued" | "failed" | "cancelled"> {
  const failures = run.infrastructureFailures + (how.uncounted ? 0 : 1);
  const { attemptStatus, error, energy } = how;
  if (run.cancelRequested) {
    await endRun(sql, ref, { status: "cancelled", attemptStatus, error, energy });
    return "cancelled";
  }
  if (how.final) {
    await endRun(sql, ref, { status: "failed", attemptStatus, error, energy, failures });
    return "failed";
  }
  if (failures >= maxInfrastructureFailures && !how.uncounted) {
    const hint = error.hint ?? "See the logs of its attempts; retry the run when the cause is gone.";
    const message = `${error.message} (attempt ${failures} of ${maxInfrastructureFailures})`;
    await endRun(sql, ref, {
      status: "failed",
      attemptStatus,
      error: { ...error, message, hint },
      energy,
      failures,
    });
    return "failed";
  }
  const { endedAt } = await attemptTimes(sql, ref, { lost: true });
  const spent = await endAttempt(sql, ref, { status: attemptStatus, endedAt, error, energy });
  // The token stays, so that a repeated `finishAttempt` knows its own end; a lost attempt's token is withdrawn.
  const withdrawn = attemptStatus === "lost" ? { fencingToken: null } : {};
  await sql.run.updateMany({
    where: { id: ref.runId },
    data: {
      ...spent,
      status: "queued",
      enqueuedAttempt: ref.attempt,
      infrastructureFailures: failures,
      workerId: null,
      workerName: null,
      leaseExpiresAt: null,
      startedAt: null,
      progress: Prisma.DbNull,
      ...withdrawn,
    },
  });
  return "queued";
}

/** Ends an attempt. @returns what all attempts of the run have spent; nothing where this one told nothing */
async function endAttempt(
  sql: Sql,
  ref: Pick<AttemptRef, "runId" | "attempt">,
  end: {
    status: Attempt["status"];
    endedAt: Date;
    error: RunError | null;
    energy?: Energy | null | undefined;
  },
): Promise<{ energy?: Energy }> {
  const { status, endedAt, error } = end;
  const energy = end.energy ? storable(end.energy) : null;
  await sql.attempt.updateMany({
    where: { runId: ref.runId, number: ref.attempt },
    data: {
      status,
      endedAt,
      error: error ? storable(error) : Prisma.DbNull,
      energy: energy ?? Prisma.DbNull,
    },
  });
  if (ref.attempt === 1) return energy ? { energy } : {};
  const attempts = await sql.attempt.findMany({
    where: { runId: ref.runId },
    orderBy: { number: "asc" },
    select: { energy: true },
  });
  const spent = attempts.flatMap((attempt) =>
    attempt.energy === null ? [] : [energySchema.parse(attempt.energy)],
  );
  const last = spent.at(-1);
  if (!last) return {};
  const sum = (key: "kWh" | "gCO2e") => spent.reduce((total, item) => total + item[key], 0);
  return { energy: { ...last, kWh: sum("kWh"), gCO2e: sum("gCO2e") } };
}

type End = (
  | Extract<AttemptOutcome, { status: "succeeded" }>
  | { status: "failed"; error: RunError; energy?: Energy | null; failures?: number }
  | { status: "cancelled"; error?: RunError; energy?: Energy | null }
  | Extract<AttemptOutcome, { status: "pruned" }>
) &
  SaidTimes & { attemptStatus?: "failed" | "lost" };

/** The greatest step that any metric was reported at; null where none was. */
async function lastStepOf(sql: Sql, runId: string): Promise<number | null> {
  const { _max } = await sql.metricSummary.aggregate({ where: { runId }, _max: { lastStep: true } });
  return _max.lastStep === null || _max.lastStep < 0 ? null : _max.lastStep;
}

async function endRun(sql: Sql, ref: Pick<AttemptRef, "runId" | "attempt">, end: End): Promise<void> {
  const error = "error" in end ? (end.error ?? null) : null;
  const lost = end.attemptStatus === "lost";
  const { endedAt, durationMs } = await attemptTimes(sql, ref, { ...end, lost });
  const spent = await endAttempt(sql, ref, {
    ...{ status: end.attemptStatus ?? end.status, endedAt, error },
    energy: end.energy,
  });
  const result =
    end.status === "succeeded"
      ? { digest: end.digest, selectedEpoch: end.selectedEpoch, phases: end.phases }
      : end.status === "failed"
        ? {
            error: storable(end.error),
            ...(end.failures === undefined ? {} : { infrastructureFailures: end.failures }),
          }
        : end.status === "pruned"
          ? { prunedAtStep: end.step ?? (await lastStepOf(sql, ref.runId)) }
          : {};
  const withdrawn = lost ? { fencingToken: null } : {};
  await sql.run.updateMany({
    where: { id: ref.runId },
    data: {
      ...spent,
      status: end.status,
      endedAt,
      durationMs,
      leaseExpiresAt: null,
      ...result,
      ...withdrawn,
    },
  });
}
