import type { PlannedRun, SequentialLook, SequentialRecord, Sweep, SweepSpec } from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { notifyControl, writeLiveEvents } from "../live/live-events.js";
import { storable } from "../storable.js";
import { lockSweep, refreshSweep, sequentialOf } from "./sweep-state.js";
import { insertRuns, notLooked, requireSweep } from "./sweeps.js";

/** Sequential studies that have not stopped and all of whose runs have ended: it is time to look. */
export async function studiesToLookAt(db: Database): Promise<string[]> {
  const rows = await db.prisma.$queryRaw<Array<{ id: string }>>`
    SELECT id FROM sweeps s
    WHERE sequential -> 'end' = 'null'::jsonb AND imported IS NULL AND cancel_requested_at IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM runs r
        WHERE r.sweep_id = s.id AND r.purpose = 'study' AND r.status IN ('queued', 'running'))
    ORDER BY created_at`;
  return rows.map(({ id }) => id);
}

const openRuns = (sql: Sql, sweepId: string) =>
  sql.run.count({ where: { sweepId, purpose: "study", status: { in: ["queued", "running"] } } });

/**
 * Writes what a study showed at a look, and either its end or the runs of the next block. Null, and nothing is written, when
 * somebody else has looked, or a run was queued again, since the look was taken.
 *
 * @param before number of looks that were recorded when this one was taken
 */
export function recordLook(
  db: Database,
  sweepId: string,
  {
    before,
    look,
    end,
    runs,
  }: {
    before: number;
    look: SequentialLook;
    end: SequentialRecord["end"];
    runs: readonly PlannedRun[];
  },
): Promise<Sweep | null> {
  return inTransaction(db, async (sql) => {
    const locked = await lockSweep(sql, sweepId);
    if (!locked || locked.cancelRequested || locked.imported) return null;
    const { sequential, spec } = await requireSweep(sql, sweepId);
    if (!sequential || sequential.end || sequential.looks.length !== before) return null;
    if ((await openRuns(sql, sweepId)) > 0) return null;
    const changed: SequentialRecord = { looks: [...sequential.looks, look], end };
    await sql.sweep.update({ where: { id: sweepId }, data: { sequential: storable(changed) } });
    if (!end) await addBlock(sql, { id: sweepId, spec }, runs);
    const event = await refreshSweep(sql, sweepId);
    const sweep = await requireSweep(sql, sweepId);
    if (!end) await notifyControl(sql, [{ type: "runs-queued" }]);
    await writeLiveEvents(sql, [event]);
    return sweep;
  });
}

async function addBlock(sql: Sql, sweep: { id: string; spec: SweepSpec }, runs: readonly PlannedRun[]) {
  const existing = await sql.run.findMany({
    where: { sweepId: sweep.id, purpose: "study" },
    select: { key: true, position: true, deviceClass: true },
    orderBy: { position: "desc" },
  });
  const keys = new Set(existing.map(({ key }) => key));
  const next = (existing[0]?.position ?? -1) + 1;
  const added = runs
    .filter(({ key }) => !keys.has(key))
    .map((run, index) => ({ ...run, position: next + index }));
  await insertRuns(sql, { ...sweep, deviceClass: existing[0]?.deviceClass ?? "cpu" }, added);
}

/** Lets a study go on by the sequential design of a new spec; looks that it has taken stay recorded. */
export function continueSequentially(
  db: Database,
  sweepId: string,
  { spec, specDigest }: { spec: SweepSpec; specDigest: string },
): Promise<Sweep | null> {
  return inTransaction(db, async (sql) => {
    if (!(await lockSweep(sql, sweepId))) return null;
    const row = await sql.sweep.findUniqueOrThrow({ where: { id: sweepId }, select: { sequential: true } });
    const record: SequentialRecord = { looks: (sequentialOf(row) ?? notLooked).looks, end: null };
    await sql.sweep.update({
      where: { id: sweepId },
      data: {
        spec: storable(spec),
        specDigest,
        sequential: storable(record),
        cancelRequestedAt: null,
        endedAt: null,
      },
    });
    const event = await refreshSweep(sql, sweepId);
    const sweep = await requireSweep(sql, sweepId);
    await notifyControl(sql, [{ type: "runs-queued" }]);
    await writeLiveEvents(sql, [event]);
    return sweep;
  });
}
