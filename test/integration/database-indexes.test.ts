import {
  analysisRevision,
  anotherMayFollow,
  connectDatabase,
  type Database,
  eventsAfter,
  finishAttempt,
  getRun,
  getSweep,
  listRuns,
  listSweeps,
  listWorkers,
  queuedNeeds,
  readLadder,
  readMetrics,
  readMetricsOfRuns,
  recoverLostRuns,
  registerWorker,
  runsForAnalysis,
  runsWithJobOut,
  sweepFailures,
  sweepStrip,
  takeDispatchable,
  waitingNeeds,
  writeBatch,
} from "@reprise/database";
import { parseRunFilter } from "@reprise/study";
import { beforeAll, expect, it } from "vitest";
import {
  batchOf,
  claim,
  databaseOfFile,
  eventually,
  firstRun,
  newSweep,
  stretch,
  succeeded,
  workerId,
} from "../support/database-fixtures.js";

/** Tables that grow with every run. */
const growing = ["runs", "attempts", "metric_chunks", "metric_summaries", "ladder_chunks", "live_events"];
/** Of one trained run, forty to a sweep. */
const copies = 12_000;

const db = await databaseOfFile();
let sweepId: string;
let runId: string;

/** One sweep with a trained run, among hundreds of others whose workers have long been forgotten. */
beforeAll(async () => {
  ({ id: sweepId } = await newSweep(db, 3));
  runId = await firstRun(db, sweepId);
  const ref = await claim(db, runId);
  await writeBatch(db, ref, {
    ...batchOf(0),
    metrics: [stretch("trainLoss", 1, [0.5, 0.4]), stretch("testAccuracy", 1, [0.8, 0.9])],
    digests: [{ kind: "epoch", positions: [1], digests: ["ab".repeat(32)] }],
  });
  await finishAttempt(db, ref, succeeded());
  await registerWorker(db, {
    id: workerId,
    name: "w1",
    host: "here",
    pid: 1,
    devices: [],
    leftOut: [],
    capabilities: [],
  });
  await copyRun();
});

async function copyRun(): Promise<void> {
  await db.prisma.$executeRaw`
    CREATE TABLE copy AS SELECT n, gen_random_uuid() AS run_id, gen_random_uuid() AS worker_id,
      md5((n / 40)::text)::uuid AS sweep_id FROM generate_series(1, ${copies}::int) AS n`;
  await db.prisma.$executeRaw`
    INSERT INTO sweeps SELECT (jsonb_populate_record(s, jsonb_build_object('id', c.sweep_id, 'status', 'succeeded'))).*
    FROM sweeps s, (SELECT DISTINCT sweep_id FROM copy) c WHERE s.id = ${sweepId}::uuid`;
  await db.prisma.$executeRaw`
    INSERT INTO runs SELECT (jsonb_populate_record(r, jsonb_build_object(
      'id', c.run_id, 'sweep_id', c.sweep_id, 'key', c.n, 'worker_id', c.worker_id))).*
    FROM runs r, copy c WHERE r.id = ${runId}::uuid`;
  for (const table of ["attempts", "metric_chunks", "metric_summaries", "ladder_chunks"]) {
    await db.prisma.$executeRawUnsafe(`
      INSERT INTO ${table} SELECT (jsonb_populate_record(t, to_jsonb(c))).*
      FROM ${table} t, copy c WHERE t.run_id = '${runId}'`);
  }
  await db.prisma.$executeRaw`
    INSERT INTO live_events (sweep_id, run_id, event) SELECT c.sweep_id, c.run_id, e.event
    FROM copy c, (SELECT event FROM live_events WHERE run_id = ${runId}::uuid) e`;
  await db.prisma.$executeRawUnsafe(`VACUUM ANALYZE ${growing.join(", ")}, sweeps`);
}

const timesReadWhole = async () => {
  const rows = await db.prisma.$queryRaw<Array<{ table: string; times: bigint }>>`
    SELECT relname AS table, seq_scan AS times FROM pg_stat_user_tables WHERE relname = ANY(${growing})`;
  return Object.fromEntries(rows.map(({ table, times }) => [table, times]));
};

/** Waits until the server has counted what a connection did, which it does at the latest when the connection ends. */
async function onOwnConnection(work: (own: Database) => Promise<unknown>): Promise<void> {
  const own = connectDatabase({ url: db.url, maxConnections: 1 });
  const [backend] = await own.prisma.$queryRaw<Array<{ pid: number }>>`SELECT pg_backend_pid() AS pid`;
  await work(own);
  await own.close();
  await eventually(
    () => db.prisma.$queryRaw`SELECT pid FROM pg_stat_activity WHERE pid = ${backend?.pid}::int`,
  ).toEqual([]);
}

const firstPage = { orderBy: "position", limit: 100, purpose: "study" } as const;

it.each<[string, (own: Database) => Promise<unknown>]>([
  ["workers", listWorkers],
  ["a sweep", (own) => getSweep(own, sweepId)],
  ["a page of sweeps", (own) => listSweeps(own, { limit: 20 })],
  ["the strip of a sweep", (own) => sweepStrip(own, sweepId)],
  ["failures of a sweep", (own) => sweepFailures(own, sweepId)],
  ["runs of a sweep", (own) => listRuns(own, { ...firstPage, sweepId })],
  [
    "runs of a sweep by metric",
    (own) => listRuns(own, { ...firstPage, sweepId, orderBy: "-metrics.testAccuracy" }),
  ],
  ["runs of an analysis", (own) => runsForAnalysis(own, sweepId)],
  ["the revision of an analysis", (own) => analysisRevision(own, sweepId)],
  ["a run", (own) => getRun(own, runId)],
  ["metrics of a run by key", (own) => readMetrics(own, runId, { keys: ["trainLoss"] })],
  ["one metric of runs", (own) => readMetricsOfRuns(own, [runId], "trainLoss")],
  ["the ladder of a run", (own) => readLadder(own, runId)],
  ["events of a sweep", (own) => eventsAfter(own, { sweepId, after: "0", limit: 500 })],
  ["events of a run", (own) => eventsAfter(own, { runId, after: "0", limit: 500 })],
  ["events after a number", (own) => eventsAfter(own, { after: "100", limit: 500 })],
  ["runs to hand out", (own) => takeDispatchable(own, { limitPerQueue: 4 })],
  ["runs handed out", (own) => runsWithJobOut(own)],
  ["what runs need whose jobs are out", queuedNeeds],
  ["what runs need that wait", waitingNeeds],
  ["runs whose worker was lost", recoverLostRuns],
  [
    "whether another run follows",
    async (own) => {
      const [copy] = await own.prisma.$queryRaw<Array<{ id: string }>>`SELECT run_id AS id FROM copy LIMIT 1`;
      await anotherMayFollow(own, copy?.id ?? "");
    },
  ],
])("%s: finds them by an index, however many others there are", async (_, read) => {
  const before = await timesReadWhole();
  await onOwnConnection(read);
  expect(await timesReadWhole()).toEqual(before);
});

it("counts a table that is read from end to end", async () => {
  const before = await timesReadWhole();
  await onOwnConnection((own) => own.prisma.$queryRaw`SELECT count(notes) FROM runs`);
  expect((await timesReadWhole()).runs).toBe((before.runs ?? 0n) + 1n);
});

/** Rows of a table and entries of its indexes that were read so far. */
async function readOf(table: "runs" | "metric_summaries"): Promise<number> {
  const [row] = await db.prisma.$queryRaw<Array<{ read: bigint }>>`
    SELECT (t.seq_tup_read + sum(i.idx_tup_read))::int8 AS read FROM pg_stat_user_tables t
    JOIN pg_stat_user_indexes i ON i.relid = t.relid WHERE t.relname = ${table} GROUP BY t.seq_tup_read`;
  return Number(row?.read);
}

const where = (text: string) => {
  const parsed = parseRunFilter(text);
  if (!parsed.ok) throw new Error(text);
  return { where: parsed.value };
};

/** The copies are alike: of conditions, that is the most common there can be. Few runs fulfil the others. */
it.each<[string, Partial<Parameters<typeof listRuns>[1]>, number]>([
  ["in their order", {}, 100],
  ["the newest", { orderBy: "-createdAt" }, 100],
  ["the longest", { orderBy: "-durationMs" }, 100],
  ["the greatest of a metric", { orderBy: "-metrics.testAccuracy" }, 100],
  ["those of a common hyperparameter", where("params.optimizer = 'adam'"), 100],
  ["those of a rare hyperparameter", where("params.optimizer = 'sgd'"), 0],
  ["those of a hyperparameter in another type", where("params.learningRate = '0.001'"), 0],
  ["those beyond a common value", where("metrics.testAccuracy > 0.1"), 100],
  ["those beyond a rare value", where("metrics.testAccuracy > 0.95"), 0],
  ["a rare value, by it", { ...where("metrics.testAccuracy > 0.95"), orderBy: "metrics.testAccuracy" }, 0],
  [
    "a rare value, by another metric",
    { ...where("metrics.testAccuracy > 0.95"), orderBy: "metrics.trainLoss" },
    0,
  ],
  ["those that have failed", where("status = 'failed'"), 0],
])("a page of all runs, %s, reads so many of them, not all", async (_, asked, found) => {
  const before = [await readOf("runs"), await readOf("metric_summaries")];
  let page: Awaited<ReturnType<typeof listRuns>> | undefined;
  await onOwnConnection(async (own) => {
    page = await listRuns(own, { ...firstPage, ...asked });
  });
  expect(page?.items).toHaveLength(found);
  const [runs = 0, summaries = 0] = [await readOf("runs"), await readOf("metric_summaries")];
  expect(runs - (before[0] ?? 0)).toBeLessThan(3_000);
  expect(summaries - (before[1] ?? 0)).toBeLessThan(6_000);
});

async function readByRounds(rounds: number): Promise<number> {
  const before = await readOf("runs");
  await onOwnConnection(async (own) => {
    for (let round = 0; round < rounds; round += 1) await takeDispatchable(own, { limitPerQueue: 4 });
  });
  return (await readOf("runs")) - before;
}

/** The planner first believes what it was told before they came: that no run waits. */
it("a round of the dispatcher and the looks of workers cost the same with 6,000 runs waiting, whatever the planner knows", async () => {
  const few = await readByRounds(5);
  expect(few).toBeGreaterThan(0);
  let unlike = "";
  // What these read is counted when their connection ends, and not while others are measured.
  await onOwnConnection(async (own) => {
    const { id: waiting } = await newSweep(own, 6_000);
    unlike = await firstRun(own, waiting);
    await own.prisma.run.update({ where: { id: unlike }, data: { execution: { order: "free" } } });
    await claim(own, unlike);
  });
  const readByLook = async () => {
    const before = await readOf("runs");
    await onOwnConnection(async (own) => {
      expect(await anotherMayFollow(own, unlike)).toBe(false);
      const need = { trainer: "tfjs", deviceClass: "cpu", requires: {} };
      expect([await queuedNeeds(own), await waitingNeeds(own)]).toEqual([[need], [need]]);
    });
    return (await readOf("runs")) - before;
  };
  expect(await readByLook()).toBeLessThan(300);
  expect((await readByRounds(5)) - few).toBeLessThan(100);
  await db.prisma.$executeRaw`ANALYZE runs`;
  expect((await readByRounds(5)) - few).toBeLessThan(100);
  expect(await readByLook()).toBeLessThan(300);
  await db.prisma.$executeRaw`VACUUM ANALYZE runs`;
  expect((await readByRounds(5)) - few).toBeLessThan(100);
  expect(await readByLook()).toBeLessThan(300);
});
