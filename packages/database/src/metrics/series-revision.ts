import type { MaintenanceTask } from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { writeLiveEvents } from "../live/live-events.js";
import { eventOfRun } from "../runs/entities.js";
import { refreshDivergence } from "./divergence.js";
import { selectValues } from "./selected-values.js";
import { readSummaries, remakeSummaries } from "./series-store.js";

type TaskName = MaintenanceTask["name"];

/** Key of the advisory lock that one reviser holds at a time: "revi" in ASCII. */
const revisionLock = 0x72_65_76_69;

/** Runs that are looked at with one query. */
const runsAtOnce = 200;

/** Those of some runs that an earlier version summed up otherwise, by id; a task for each way. */
const wrongRuns: Record<TaskName, (sql: Sql, runIds: readonly string[]) => Promise<string[]>> = {
  "series-by-step": runsOutOfOrder,
  divergence: runsNotFinite,
};

/** In the order in which they are done. */
const taskNames: readonly TaskName[] = ["series-by-step", "divergence"];

async function revisionOf(db: Database, name: TaskName): Promise<MaintenanceTask> {
  const task = await db.prisma.maintenanceTask.findUniqueOrThrow({ where: { name } });
  const { done, total, changed, startedAt, finishedAt } = task;
  return {
    name,
    ...{ done, total: Math.max(done, total), changed },
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

/** Where the revision of series that an earlier version summed up in the order of reporting has come to. */
export const seriesRevision = (db: Database) => revisionOf(db, "series-by-step");

/** Where every revision of what an earlier version wrote has come to. */
export const revisions = (db: Database) => Promise.all(taskNames.map((name) => revisionOf(db, name)));

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

/** Those of some runs that have a value that is NaN or infinite, by id. */
async function runsNotFinite(sql: Sql, runIds: readonly string[]): Promise<string[]> {
  const rows = await sql.$queryRaw<Array<{ id: string }>>`
    SELECT DISTINCT run_id::text AS id FROM metric_chunks
    WHERE run_id = ANY(${[...runIds]}::uuid[])
      AND "values" && ARRAY['NaN', 'Infinity', '-Infinity']::float8[]
    UNION SELECT run_id::text FROM metric_summaries
    WHERE run_id = ANY(${[...runIds]}::uuid[]) AND final IN ('NaN', 'Infinity', '-Infinity') ORDER BY id`;
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
  await refreshDivergence(sql, [runId]);
  if (run.status === "succeeded" && run.epoch !== null) {
    await sql.$executeRaw`UPDATE metric_summaries SET selected = final WHERE run_id = ${runId}::uuid`;
    await selectValues(sql, runId, run.epoch);
  }
  // Whoever shows or has kept figures of its study learns that they are others now.
  await writeLiveEvents(sql, [await eventOfRun(sql, runId)]);
}

/**
 * Goes on from one run to another, if nobody else is at it or has gone on from there.
 *
 * @param to.revise whether the run at which it arrives is put right on the way
 */
function goOn(
  db: Database,
  name: TaskName,
  from: string | null,
  to: { id: string; passed: number; revise: boolean },
): Promise<boolean> {
  return inTransaction(db, async (sql) => {
    const [lock] = await sql.$queryRaw<Array<{ taken: boolean }>>`
      SELECT pg_try_advisory_xact_lock(${revisionLock}::int8) AS taken`;
    if (!lock?.taken) return false;
    const { count } = await sql.maintenanceTask.updateMany({
      where: { name, cursor: from, finishedAt: null },
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

type Progress = "more" | "finished" | "busy";

/**
 * Looks at the next runs and makes summaries anew where an earlier version summed up otherwise, a transaction for each run.
 * It may be broken off at any time, by any process, and goes on where it was.
 *
 * @returns `more`, `finished` when every task is, or `busy` while another process is at it
 */
export async function reviseSeries(db: Database): Promise<Progress> {
  for (const name of taskNames) {
    const progress = await goOnWith(db, name);
    if (progress !== "finished") return progress;
  }
  return "finished";
}

async function goOnWith(db: Database, name: TaskName): Promise<Progress> {
  const task = await db.prisma.maintenanceTask.findUniqueOrThrow({ where: { name } });
  if (task.finishedAt) return "finished";
  if (!task.startedAt) {
    await db.prisma.maintenanceTask.updateMany({
      where: { name, startedAt: null },
      data: { startedAt: await databaseTime(db.prisma), total: await db.prisma.run.count() },
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
      where: { name, cursor: task.cursor, finishedAt: null },
      data: { finishedAt: await databaseTime(db.prisma) },
    });
    return "finished";
  }
  let from = task.cursor;
  let passed = 0;
  for (const id of await wrongRuns[name](db.prisma, ids)) {
    const place = ids.indexOf(id) + 1;
    if (!(await goOn(db, name, from, { id, passed: place - passed, revise: true }))) return "busy";
    from = id;
    passed = place;
  }
  if (from === last) return "more";
  return (await goOn(db, name, from, { id: last, passed: ids.length - passed, revise: false }))
    ? "more"
    : "busy";
}
