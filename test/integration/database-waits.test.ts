import {
  connectDatabase,
  type DatabasePool,
  getRun,
  isDatabaseBusy,
  locksAreHeld,
  recoverLostRuns,
} from "@reprise/database";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claim, eventually, newSweep, runIds } from "../support/database-fixtures.js";
import { testDatabase } from "../support/postgres.js";

let db: DatabasePool;
/** A process whose connections may fall silent. */
let silent: DatabasePool;
let drop: () => Promise<void>;
beforeEach(async () => {
  const database = await testDatabase();
  drop = database.drop;
  db = connectDatabase({ url: database.url });
  silent = connectDatabase({ url: database.url, waits: { idleInTransactionMs: 1_000 } });
});
afterEach(async () => {
  await silent.close();
  await db.close();
  await drop();
});

/** Locks a run and says no more until told to end; the transaction then fails, or goes through. */
async function holds(runId: string) {
  let end = () => {};
  const ending = new Promise<void>((resolve) => {
    end = resolve;
  });
  let begun = () => {};
  const held = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const ended = silent.prisma
    .$transaction(async (sql) => {
      await sql.$queryRaw`SELECT id FROM runs WHERE id = ${runId}::uuid FOR UPDATE`;
      begun();
      await ending;
      await sql.run.update({ where: { id: runId }, data: { notes: "by the silent one" } });
    })
    .then(
      () => "through",
      () => "ended",
    );
  await held;
  return { end, ended };
}

test("a run held by a process that fell silent waits for it a second, and the others not at all", async () => {
  const { id } = await newSweep(db, 3);
  const [first = "", second = "", third = ""] = await runIds(db, id);
  for (const runId of [first, second, third]) await claim(db, runId, 1, 1);
  const holder = await holds(first);
  const later = new Date(Date.now() + 3_600_000);
  const recovered = (await recoverLostRuns(db, later)).map(({ runId }) => runId);
  expect(recovered.toSorted()).toEqual([second, third].toSorted());
  await eventually(async () => (await recoverLostRuns(db, later)).map(({ runId }) => runId)).toEqual([first]);
  holder.end();
  expect(await holder.ended).toBe("ended");
  expect(await getRun(db, first)).toMatchObject({ status: "queued", notes: "" });
});

test("one that fell silent while it told of events holds up what others tell for no longer than it may be silent", async () => {
  let locked = () => {};
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve;
  });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ended = silent.prisma
    .$transaction(
      async (sql) => {
        // Under which events get their numbers, until the commit.
        await sql.$executeRaw`SELECT pg_advisory_xact_lock(${0x6c_69_76_65}::int8)`;
        locked();
        await released;
        await sql.$queryRaw`SELECT 1`;
      },
      { timeout: 60_000 },
    )
    .then(
      () => "through",
      () => "ended",
    );
  await isLocked;
  const startedAt = performance.now();
  await newSweep(db, 1);
  expect(performance.now() - startedAt).toBeGreaterThan(100);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  release();
  expect(await ended).toBe("ended");
});

test("what gives up waiting says that it may be tried again", async () => {
  const { id } = await newSweep(db, 1);
  const [runId = ""] = await runIds(db, id);
  const holder = await holds(runId);
  const hasty = connectDatabase({ url: db.url, waits: { lockMs: 50, statementMs: 500 } });
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => error,
    );
  const update = hasty.prisma.run.update({ where: { id: runId }, data: { notes: "mine" } });
  expect(isDatabaseBusy(await failureOf(update))).toBe(true);
  const raw = hasty.prisma.$queryRaw`SELECT id FROM runs FOR UPDATE`;
  expect(isDatabaseBusy(await failureOf(raw))).toBe(true);
  expect(isDatabaseBusy(await failureOf(hasty.prisma.$queryRaw`SELECT pg_sleep(5)`))).toBe(true);
  expect(isDatabaseBusy(await failureOf(hasty.prisma.$queryRaw`SELECT 1 / 0`))).toBe(false);
  holder.end();
  await holder.ended;
  await hasty.close();
});

test("a session that works on holds nobody up, however long its locks are waited for; a silent one does", async () => {
  const { id } = await newSweep(db, 1);
  const [runId = ""] = await runIds(db, id);
  const waits = async () =>
    (
      await db.prisma.$queryRaw<Array<{ of: string }>>`
      SELECT coalesce(wait_event, '') AS of FROM pg_stat_activity WHERE datname = current_database()
        AND (wait_event = 'PgSleep' OR wait_event_type = 'Lock')`
    ).length;
  const working = silent.prisma.$queryRaw`
    SELECT pg_sleep(3)::text FROM (SELECT id FROM runs WHERE id = ${runId}::uuid FOR UPDATE) held`.then();
  await eventually(waits).toBe(1);
  const note = () => db.prisma.run.update({ where: { id: runId }, data: { notes: "mine" } }).then();
  let waiting = note();
  await eventually(waits).toBe(2);
  expect(await locksAreHeld(db, 0)).toBe(false);
  await Promise.all([working, waiting]);

  await db.transaction(async (sql) => {
    await sql.$queryRaw`SELECT id FROM runs WHERE id = ${runId}::uuid FOR UPDATE`;
    waiting = note();
    await eventually(() => locksAreHeld(db, 0)).toBe(true);
    expect(await locksAreHeld(db, 60_000)).toBe(false);
  }, 60_000);
  await waiting;
});
