import { externalTrainer, type Run, type RunPatch } from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { notifyControl, writeLiveEvents } from "../live/live-events.js";
import { storableText } from "../storable.js";
import { importedRefusal, type LockedSweep, lockSweepOfRun, refreshSweep } from "../sweeps/sweep-state.js";
import { endedStatuses } from "../sweeps/sweep-status.js";
import { conflict, notFound, type Transition } from "../transition.js";
import { eventOfRun } from "./entities.js";
import { cancelLoggedRuns } from "./logged-runs.js";
import { queueAgain } from "./retry.js";
import { runById } from "./run-json.js";

type LockedRun = Pick<Run, "status" | "purpose" | "trainer"> & { cancelRequested: boolean };

/** Locks a run until the end of the transaction, after its sweep. */
async function lockRun(sql: Sql, id: string): Promise<LockedRun | null> {
  const rows = await sql.$queryRaw<LockedRun[]>`
    SELECT status::text AS status, purpose::text AS purpose, trainer,
      cancel_requested_at IS NOT NULL AS "cancelRequested"
    FROM runs WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  return rows[0] ?? null;
}

function changeRun(
  db: Database,
  id: string,
  change: (sql: Sql, run: LockedRun, sweep: LockedSweep | null) => Promise<{ detail: string } | null>,
): Promise<Transition<Run>> {
  return inTransaction(db, async (sql) => {
    const sweep = await lockSweepOfRun(sql, id);
    const locked = await lockRun(sql, id);
    if (!locked) return notFound("run", id);
    const refusal = await change(sql, locked, sweep);
    if (refusal) return conflict(refusal.detail);
    const sweepEvents = sweep ? [await refreshSweep(sql, sweep.id)] : [];
    const value = await runById(sql, id);
    await writeLiveEvents(sql, [await eventOfRun(sql, id), ...sweepEvents]);
    return { ok: true as const, value };
  });
}

/** A queued run is cancelled at once, a running one is asked to stop. Cancelling twice changes nothing. */
export function cancelRun(db: Database, id: string): Promise<Transition<Run>> {
  return changeRun(db, id, async (sql, run) => {
    const now = await databaseTime(sql);
    if (run.status === "queued") {
      await sql.run.update({
        where: { id },
        data: { status: "cancelled", cancelRequestedAt: now, endedAt: now },
      });
      return null;
    }
    if (run.status === "running" && run.trainer === externalTrainer) {
      await cancelLoggedRuns(sql, { runId: id });
      return null;
    }
    if (run.status === "running") {
      if (!run.cancelRequested) await sql.run.update({ where: { id }, data: { cancelRequestedAt: now } });
      await notifyControl(sql, [{ type: "cancel-run", runId: id }]);
      return null;
    }
    return run.status === "cancelled"
      ? null
      : { detail: `The run has ended: it ${run.status === "pruned" ? "was" : "has"} ${run.status}.` };
  });
}

/** Queues a failed or cancelled study run again; a cancelled sweep it belongs to is open again for this run. */
export function retryRun(db: Database, id: string): Promise<Transition<Run>> {
  return changeRun(db, id, async (sql, run, sweep) => {
    if (run.purpose !== "study") {
      return { detail: "This run is a replica: verify or replay the run itself again instead." };
    }
    if (sweep?.imported) return { detail: importedRefusal };
    if (run.status !== "failed" && run.status !== "cancelled") {
      return { detail: `Only failed and cancelled runs can be retried: this one is ${run.status}.` };
    }
    if (sweep?.cancelRequested) {
      if (!endedStatuses.has(sweep.status)) {
        return { detail: "The sweep is being cancelled: retry when its last runs have stopped." };
      }
      await sql.sweep.update({ where: { id: sweep.id }, data: { cancelRequestedAt: null } });
    }
    await queueAgain(sql, { runId: id });
    await notifyControl(sql, [{ type: "runs-queued" }]);
    return null;
  });
}

/** Changes tags, notes, or the reason that keeps a run out of analyses. Null when there is no such run. */
export function updateRun(db: Database, id: string, patch: RunPatch): Promise<Run | null> {
  return inTransaction(db, async (sql) => {
    const { count } = await sql.run.updateMany({
      where: { id },
      data: {
        tags: patch.tags?.map(storableText),
        notes: patch.notes === undefined ? undefined : storableText(patch.notes),
        excludedReason:
          patch.excludedReason == null ? patch.excludedReason : storableText(patch.excludedReason),
      },
    });
    if (count === 0) return null;
    await writeLiveEvents(sql, [await eventOfRun(sql, id)]);
    return runById(sql, id);
  });
}
