import type { Sweep } from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { notifyControl, writeLiveEvents } from "../live/live-events.js";
import { cancelLoggedRuns } from "../runs/logged-runs.js";
import { queueAgain } from "../runs/retry.js";
import { conflict, notFound, type Transition } from "../transition.js";
import { importedRefusal, type LockedSweep, lockSweep, refreshSweep, sequentialOf } from "./sweep-state.js";
import { endedStatuses } from "./sweep-status.js";
import { requireSweep } from "./sweeps.js";

function changeSweep(
  db: Database,
  id: string,
  change: (sql: Sql, sweep: LockedSweep) => Promise<{ detail: string } | null>,
): Promise<Transition<Sweep>> {
  return inTransaction(db, async (sql) => {
    const sweep = await lockSweep(sql, id);
    if (!sweep) return notFound("sweep", id);
    const refusal = await change(sql, sweep);
    if (refusal) return conflict(refusal.detail);
    const event = await refreshSweep(sql, id);
    const value = await requireSweep(sql, id);
    await writeLiveEvents(sql, [event]);
    return { ok: true as const, value };
  });
}

/** Holds the queued runs of a sweep; running ones finish. Pausing a paused sweep changes nothing. */
export function pauseSweep(db: Database, id: string): Promise<Transition<Sweep>> {
  return changeSweep(db, id, async (sql, sweep) => {
    if (endedStatuses.has(sweep.status)) return { detail: `The sweep has ended: it is ${sweep.status}.` };
    if (sweep.cancelRequested) return { detail: "The sweep is being cancelled." };
    const queued = await sql.run.count({ where: { sweepId: id, status: "queued", purpose: "study" } });
    const { sequential } = await sql.sweep.findUniqueOrThrow({ where: { id }, select: { sequential: true } });
    const looksAgain = sequentialOf({ sequential })?.end === null;
    if (queued === 0 && !looksAgain)
      return { detail: "Every run of the sweep has started: there is nothing left to hold." };
    await sql.sweep.update({ where: { id }, data: { paused: true } });
    return null;
  });
}

/** Lets the queued runs of a paused sweep start. */
export function resumeSweep(db: Database, id: string): Promise<Transition<Sweep>> {
  return changeSweep(db, id, async (sql, sweep) => {
    if (!sweep.paused) return { detail: `The sweep is not paused: it is ${sweep.status}.` };
    await sql.sweep.update({ where: { id }, data: { paused: false } });
    await notifyControl(sql, [{ type: "runs-queued" }]);
    return null;
  });
}

/**
 * Queued runs are cancelled at once, running ones are asked to stop; the sweep is `cancelled` when none is left.
 * Replicas go on.
 * Cancelling twice changes nothing.
 */
export function cancelSweep(db: Database, id: string): Promise<Transition<Sweep>> {
  return changeSweep(db, id, async (sql, sweep) => {
    if (sweep.status === "cancelled") return null;
    if (endedStatuses.has(sweep.status)) return { detail: `The sweep has ended: it is ${sweep.status}.` };
    const now = await databaseTime(sql);
    await sql.sweep.update({ where: { id }, data: { cancelRequestedAt: now } });
    await sql.run.updateMany({
      where: { sweepId: id, status: "queued", purpose: "study" },
      data: { status: "cancelled", cancelRequestedAt: now, endedAt: now },
    });
    await cancelLoggedRuns(sql, { sweepId: id });
    const running = await sql.run.updateManyAndReturn({
      where: { sweepId: id, status: "running", purpose: "study", cancelRequestedAt: null },
      data: { cancelRequestedAt: now },
      select: { id: true },
    });
    await notifyControl(
      sql,
      running.map((run) => ({ type: "cancel-run", runId: run.id })),
    );
    return null;
  });
}

/** Queues every failed and cancelled study run again, and takes back a cancellation that has come to its end. */
export function retryFailedRuns(db: Database, id: string): Promise<Transition<Sweep>> {
  return changeSweep(db, id, async (sql, sweep) => {
    if (sweep.imported) return { detail: importedRefusal };
    if (sweep.cancelRequested && !endedStatuses.has(sweep.status)) {
      return { detail: "The sweep is being cancelled: retry when its last runs have stopped." };
    }
    await sql.sweep.update({ where: { id }, data: { cancelRequestedAt: null } });
    const retried = await queueAgain(sql, { sweepId: id });
    if (retried === 0) return { detail: "No run of the sweep has failed or been cancelled." };
    await notifyControl(sql, [{ type: "runs-queued" }]);
    return null;
  });
}
