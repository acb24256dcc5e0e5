import type { MaintenanceTask } from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { writeLiveEvents } from "../live/live-events.js";
import { runEvent, runEventFields } from "../runs/entities.js";
import { selectValues } from "./selected-values.js";
import { readSummaries, remakeSummaries } from "./series-store.js";

const taskName = "series-by-step";

/** Key of the advisory lock that one reviser holds at a time: "revi" in ASCII. */
const revisionLock = 0x72_65_76_69;

/** Runs that are looked at with one query. */
const runsAtOnce = 200;

/** Where the revision of summaries that an earlier version wrote has come to. */
export async function seriesRevision(db: Database): Promise<MaintenanceTask> {
  const task = await db.prisma.maintenanceTask.findUniqueOrThrow({ where: { name: taskName } });
  const { done, total, changed, startedAt, finishedAt } = task;
  return {
    name: taskName,
    ...{ done, total: Math.max(done, total), changed },
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

/** Those of some runs whose reports of some metric are not strictly increasing in step, by id. */
async function runsOutOfOrder(sql: Sql, runIds: readonly string[]): Promise<string[]> {
  const rows = await sql.$queryRaw<Array<{ id: string }>>`
    SELECT DISTINCT chunk.run_id::text AS id FROM (
      SELECT c.run_id, p.increasing, p.first,
        lag(p.last) OVER (PARTITION BY c.run_id, c.key ORDER BY c.attempt, c.batch) AS before
      FROM metric_chunks c CROSS JOIN LATERAL (
        SELECT bool_and(step > previous) AS increasing, min(step) AS first, max(step) AS last
        FROM (
          SELECT step, lag(step) OVER (ORDER BY place) AS previous
          FROM unnest(c.steps) WITH ORDINALITY AS point(step, place)
        ) AS points
      ) AS p
      WHERE c.run_id = ANY(${[...runIds]}::uuid[])
    ) AS chunk
    WHERE NOT chunk.increasing OR chunk.first <= chunk.before ORDER BY id`;
  return rows.map(({ id }) => id);
}

async function revise(sql: Sql, runId: string): Promise<void> {
  const [run] = await sql.$queryRaw<Array<{ status: string; epoch: number | null }>>`
    SELECT status::text AS status, selected_epoch AS epoch FROM runs WHERE id = ${runId}::uuid FOR NO KEY UPDATE`;
  if (!run) return;
  const keys = await sql.metricSummary.findMany({ where: { runId }, select: { key: true } });
  const known = await readSummaries(
    sql,
    runId,
    keys.map(({ key }) => key),
  );
  await remakeSummaries(sql, runId, known, true);
  if (run.status === "succeeded" && run.epoch !== null) {
    await sql.$executeRaw`UPDATE metric_summaries SET selected = final WHERE run_id = ${runId}::uuid`;
    await selectValues(sql, runId, run.epoch);
  }
  // Whoever shows or has kept figures of its study learns that they are others now.
  const event = await sql.run.findUniqueOrThrow({ where: { id: runId }, select: runEventFields });
  await writeLiveEvents(sql, [runEvent(event)]);
}

/**
 * Goes on from one run to another, if nobody else is at it or has gone on from there.
 *
 * @param to.revise whether the run at which it arrives is put right on the way
 */
function goOn(
  db: Database,
  from: string | null,
  to: { id: string; passed: number; revise: boolean },
): Promise<boolean> {
  return inTransaction(db, async (sql) => {
    const [lock] = await sql.$queryRaw<Array<{ taken: boolean }>>`
      SELECT pg_try_advisory_xact_lock(${revisionLock}::int8) AS taken`;
    if (!lock?.taken) return false;
    const { count } = await sql.maintenanceTask.updateMany({
      where: { name: taskName, cursor: from, finishedAt: null },
      data: {
        cursor: to.id,
        done: { increment: to.passed },
        changed: { increment: to.revise ? 1 : 0 },
      },
    });
    if (count === 0) return false;
    if (to.revise) await revise(sql, to.id);
    return true;
  });
}

/**
 * Looks at the next runs and makes summaries anew where reports did not come in the order of their steps, a transaction for
 * each run. It may be broken off at any time, by any process, and goes on where it was.
 *
 * @returns `more`, `finished`, or `busy` while another process is at it
 */
export async function reviseSeries(db: Database): Promise<"more" | "finished" | "busy"> {
  const task = await db.prisma.maintenanceTask.findUniqueOrThrow({ where: { name: taskName } });
  if (task.finishedAt) return "finished";
  if (!task.startedAt) {
    await db.prisma.maintenanceTask.updateMany({
      where: { name: taskName, startedAt: null },
      data: { startedAt: new Date(), total: await db.prisma.run.count() },
    });
  }
  const runs = await db.prisma.run.findMany({
    where: task.cursor === null ? {} : { id: { gt: task.cursor } },
    orderBy: { id: "asc" },
    take: runsAtOnce,
    select: { id: true },
  });
  const ids = runs.map(({ id }) => id);
  const last = ids.at(-1);
  if (last === undefined) {
    await db.prisma.maintenanceTask.updateMany({
      where: { name: taskName, cursor: task.cursor, finishedAt: null },
      data: { finishedAt: new Date() },
    });
    return "finished";
  }
  let from = task.cursor;
  let passed = 0;
  for (const id of await runsOutOfOrder(db.prisma, ids)) {
    const place = ids.indexOf(id) + 1;
    if (!(await goOn(db, from, { id, passed: place - passed, revise: true }))) return "busy";
    from = id;
    passed = place;
  }
  if (from === last) return "more";
  return (await goOn(db, from, { id: last, passed: ids.length - passed, revise: false })) ? "more" : "busy";
}
