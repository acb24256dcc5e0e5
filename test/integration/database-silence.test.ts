import {
  connectDatabase,
  isAnswerLate,
  migrate,
  openLive,
  requireMigrated,
  sendControl,
} from "@reprise/database";
import { openRunQueues } from "@reprise/queue";
import { describe, expect, type onTestFinished, test } from "vitest";
import { openLink } from "../faults/campaign/link.js";
import { newSweep, runIds } from "../support/database-fixtures.js";
import { testDatabase } from "../support/postgres.js";
import { openReadingLink, portOf, through } from "../support/reading-link.js";

/** A database, reached directly and through a link that can fall silent. */
async function linkedDatabase(finished: typeof onTestFinished) {
  const database = await testDatabase();
  const link = await openLink(portOf(database.url));
  finished(async () => {
    await link.close();
    await database.drop();
  });
  return { url: database.url, link, linked: through(database.url, link.port) };
}

describe.concurrent("over a link that is gone without a word", () => {
  test("a listener notices, and hears again within thirty seconds", { timeout: 60_000 }, async (own) => {
    const { url, link, linked } = await linkedDatabase(own.onTestFinished);
    const direct = connectDatabase({ url, maxConnections: 1 });
    const lost: string[] = [];
    const live = await openLive({ url: linked, onError: ({ message }) => lost.push(message) });
    const heard: string[] = [];
    live.onControl(({ type }) => heard.push(type));
    own.onTestFinished(() => direct.close());
    link.fail("silent");
    link.restore("dropped");
    const startedAt = performance.now();
    while (heard.length === 0 && performance.now() - startedAt < 30_000) {
      await sendControl(direct, { type: "runs-queued" });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(heard[0]).toBe("runs-queued");
    expect(lost).toHaveLength(1);
    link.fail("silent");
    const closedAt = performance.now();
    await live.close();
    expect(performance.now() - closedAt).toBeLessThan(2_000);
  });

  test("a statement in hand ends, and its connection is used by nobody else", {
    timeout: 60_000,
  }, async (own) => {
    const { url, link, linked } = await linkedDatabase(own.onTestFinished);
    const direct = connectDatabase({ url, maxConnections: 1 });
    const db = connectDatabase({ url: linked, maxConnections: 1, waits: { statementMs: 500 } });
    own.onTestFinished(async () => {
      await db.close();
      await direct.close();
    });
    const [runId = ""] = await runIds(direct, (await newSweep(direct, 1)).id);
    const note = (notes: string) => ({ where: { id: runId }, data: { notes } });
    const startedAt = performance.now();
    const failure = await db
      .transaction(async (sql) => {
        await sql.run.update(note("of a transaction that did not end"));
        link.fail("silent");
        await sql.run.findUnique({ where: { id: runId } });
      }, 60_000)
      .catch((error: unknown) => error);
    expect(isAnswerLate(failure)).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    // What was silent goes on, with all that was sent over it.
    link.restore("resumed");
    const backend = () =>
      db.prisma.$queryRaw<unknown[]>`SELECT pg_current_xact_id_if_assigned() IS NULL AS fresh`;
    expect(await backend()).toEqual([{ fresh: true }]);
    const read = () => direct.prisma.run.findUnique({ where: { id: runId }, select: { notes: true } });
    expect(await read()).toEqual({ notes: "" });
    await db.prisma.run.update(note("mine"));
    expect(await read()).toEqual({ notes: "mine" });
  });

  test("a statement of its own ends, too, and the pool goes on", { timeout: 60_000 }, async (own) => {
    const { link, linked } = await linkedDatabase(own.onTestFinished);
    const db = connectDatabase({ url: linked, maxConnections: 1, waits: { statementMs: 500 } });
    own.onTestFinished(() => db.close());
    await db.prisma.$queryRaw`SELECT 1`;
    link.fail("silent");
    const failure = await db.prisma.$queryRaw`SELECT 1`.then(
      () => null,
      (error: unknown) => error,
    );
    expect(isAnswerLate(failure)).toBe(true);
    link.restore("dropped");
    expect(await db.prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });

  test("a migrator that falls silent keeps the next one for half a minute at most", {
    timeout: 90_000,
  }, async (own) => {
    const { url, link, linked } = await linkedDatabase(own.onTestFinished);
    const direct = connectDatabase({ url, maxConnections: 1 });
    own.onTestFinished(() => direct.close());
    const before = await direct.prisma.$queryRaw<Array<{ name: string }>>`
      SELECT migration_name AS name FROM _prisma_migrations`;
    const applied = before.map(({ name }) => ({ name, sql: "" }));
    const lacking = { name: "99990101000000_slow", sql: "SELECT pg_sleep(1)" };
    const silent = migrate(linked, [...applied, lacking]).then(
      () => "through",
      () => "ended",
    );
    await expect
      .poll(
        () => direct.prisma.$queryRaw<unknown[]>`
          SELECT 1 AS one FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
        { timeout: 10_000 },
      )
      .toHaveLength(1);
    link.fail("silent");
    const startedAt = performance.now();
    const late = new Promise<string>((resolve) => setTimeout(() => resolve("waits on"), 30_000).unref());
    const next = migrate(url, [...applied, lacking]).then(
      ({ applied: names }) => names,
      (error: unknown) => String(error),
    );
    expect(await Promise.race([next, late])).toEqual([lacking.name]);
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    link.restore("forgotten");
    expect(await silent).toBe("ended");
  });
});

test("every connection says when it begins how long it may be waited for", async () => {
  const database = await testDatabase();
  const link = await openReadingLink(database.url);
  const { url } = link;
  const pools = (["request", "round", "analysis", "import"] as const).map((kind) =>
    connectDatabase({ url, kind, maxConnections: 1 }),
  );
  for (const pool of pools) await pool.prisma.$queryRaw`SELECT 1`;
  const live = await openLive({ url });
  const queues = await openRunQueues({ backend: { kind: "postgres", url } });
  await migrate(url);
  await requireMigrated(url);
  await queues.close();
  await live.close();
  for (const pool of pools) await pool.close();
  link.close();
  const names = ["reprise", "reprise-analysis", "reprise-import", "reprise-live"];
  expect([...link.told.keys()].toSorted()).toEqual([
    ...names,
    ...["reprise-migration", "reprise-queue", "reprise-round"],
  ]);
  for (const [name, own] of link.told) {
    expect(own, name).toMatchObject({
      tcp_keepalives_idle: "10",
      tcp_keepalives_interval: "5",
      tcp_keepalives_count: "3",
      tcp_user_timeout: "25000",
    });
    expect(Number(own.idle_in_transaction_session_timeout), name).toBeGreaterThan(0);
    expect(Number(own.idle_in_transaction_session_timeout), name).toBeLessThanOrEqual(20_000);
    const unbounded = name === "reprise-migration";
    expect(Number(own.statement_timeout) > 0, name).toBe(!unbounded);
    expect(Number(own.lock_timeout) > 0, name).toBe(!unbounded);
  }
  await database.drop();
});
