import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import {
  connectDatabase,
  locksAreHeld,
  type Migration,
  MigrationError,
  migrate,
  requireMigrated,
} from "@reprise/database";
import { expect, inject, onTestFinished, test } from "vitest";
import { wrongCounts } from "../support/kept-counts.js";

const query = async (url: string, sql: string) => {
  const db = connectDatabase({ url, maxConnections: 1 });
  try {
    return await db.prisma.$queryRawUnsafe<Array<Record<string, unknown>>>(sql);
  } finally {
    await db.close();
  }
};

/** A database without a single table, dropped with the test. */
async function emptyDatabase(): Promise<string> {
  const { adminUrl } = inject("postgres");
  const name = `reprise_migrations_${randomUUID().replaceAll("-", "")}`;
  await query(adminUrl, `CREATE DATABASE ${name}`);
  onTestFinished(async () => void (await query(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`)));
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.toString();
}

const history = (url: string) =>
  query(
    url,
    "SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished FROM _prisma_migrations",
  );

const tricky: Migration = {
  name: "1_tricky",
  sql: `-- A comment; with a semicolon, and another's apostrophe
CREATE TABLE notes (id int, text text DEFAULT 'a;b''c;');
/* Here; too; /* nested; */ */
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
  -- A statement inside; not of ours
  RETURN n * 2;
END;
$body$;
INSERT INTO notes (id) VALUES (twice(21));
COMMENT ON TABLE notes IS $$half; whole$$;`,
};

test("a migration may have semicolons in comments, quotes and functions", async () => {
  const url = await emptyDatabase();
  expect(await migrate(url, [tricky])).toEqual({ applied: ["1_tricky"] });
  expect(
    await query(url, "SELECT id, text, obj_description('notes'::regclass) AS comment FROM notes"),
  ).toEqual([{ id: 42, text: "a;b'c;", comment: "half; whole" }]);
});

test("a migration that fails half-way leaves nothing, and can be corrected and applied", async () => {
  const url = await emptyDatabase();
  const broken = { name: "2_broken", sql: "CREATE TABLE more (id int);\nINSERT INTO more VALUES ('x');" };
  const refused = migrate(url, [tricky, broken]);
  await expect(refused).rejects.toThrow(MigrationError);
  await expect(refused).rejects.toThrow(
    /^Migration 2_broken has changed nothing, .*invalid input syntax.*"x"/,
  );
  expect(await query(url, "SELECT to_regclass('more')::text AS found")).toEqual([{ found: null }]);
  expect(await history(url)).toMatchObject([{ name: "1_tricky", finished: true }]);
  const corrected = { ...broken, sql: broken.sql.replace("'x'", "1") };
  expect(await migrate(url, [tricky, corrected])).toEqual({ applied: ["2_broken"] });
});

test("a migration that gives way to a worker in a deadlock is applied again", async () => {
  const url = await emptyDatabase();
  // Numbers of a sequence are not taken back with their transaction.
  const counting = { name: "2_counting", sql: "CREATE SEQUENCE tries;" };
  const victim = (name: string, until: number): Migration => ({
    name,
    sql: `DO $$ BEGIN
      IF nextval('tries') < ${until} THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END IF;
    END $$;`,
  });
  const early = [counting, victim("3_third_time", 3)];
  expect(await migrate(url, early)).toEqual({ applied: ["2_counting", "3_third_time"] });
  await expect(migrate(url, [...early, victim("4_never", 1_000)])).rejects.toThrow(
    /4_never .*deadlock detected/,
  );
  expect(await query(url, "SELECT last_value::int AS tries FROM tries")).toEqual([{ tries: 8 }]);
});

test("a migration that an earlier version left unfinished is not passed over", async () => {
  const url = await emptyDatabase();
  await migrate(url, [tricky]);
  await query(url, "UPDATE _prisma_migrations SET finished_at = NULL RETURNING id");
  await expect(migrate(url, [tricky])).rejects.toThrow(
    /^Migration 1_tricky was begun before .*migrate resolve/,
  );
});

test("a database of a newer version is refused as it is, with the release that knows it", async () => {
  const url = await emptyDatabase();
  await migrate(url);
  await requireMigrated(url);
  const [{ tables } = {}] = await query(url, "SELECT count(*) AS tables FROM pg_class");
  await query(
    url,
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
     VALUES ('x', 'x', '29990101000000_unheard_of', now()) RETURNING id`,
  );
  const newer =
    /by Reprise 9\.1\.0 \(migration 29990101000000_unheard_of\).*Nothing was changed\. Start that release/;
  await query(url, "COMMENT ON TABLE _prisma_migrations IS 'Reprise 9.1.0'");
  await expect(migrate(url)).rejects.toThrow(newer);
  await expect(requireMigrated(url)).rejects.toThrow(newer);
  expect(await query(url, "SELECT count(*) AS tables FROM pg_class")).toEqual([{ tables }]);
});

test("a process that does not migrate says what is to be started first", async () => {
  const url = await emptyDatabase();
  await expect(requireMigrated(url)).rejects.toThrow(
    /^Migration \d+\S* has not been applied yet: start the API/,
  );
});

test("three migrators at a time apply every migration once; a fourth finds nothing to do", async () => {
  const url = await emptyDatabase();
  const outputs = await Promise.all(
    Array.from({ length: 3 }, () =>
      promisify(execFile)(process.execPath, ["--import", "tsx", "test/support/migrator.ts", url]),
    ),
  );
  const applied = outputs.map(({ stdout }): string[] => JSON.parse(stdout).applied);
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect((await history(url)).map(({ name }) => name)).toEqual(applied.flat());
  expect(await migrate(url)).toEqual({ applied: [] });
});

test("migrating two databases at the same time in one process works", async () => {
  const urls = await Promise.all([emptyDatabase(), emptyDatabase()]);
  const results = await Promise.all(urls.map((url) => migrate(url)));
  for (const { applied } of results) expect(applied.length).toBeGreaterThan(0);
});

test("a server that does not answer is named by its variable, without the password", async () => {
  const refused = await migrate("postgresql://somebody:secret@127.0.0.1:1/studies").catch(String);
  expect(refused).toMatch(
    /DATABASE_URL: no PostgreSQL lets us in at 127\.0\.0\.1:1\/studies \(ECONNREFUSED\)/,
  );
  expect(refused).not.toContain("secret");
});

async function allMigrations(): Promise<Migration[]> {
  const root = new URL("../../prisma/migrations/", import.meta.url);
  const names = (await readdir(root)).filter((name) => /^\d/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      sql: await readFile(new URL(`${name}/migration.sql`, root), "utf8"),
    })),
  );
}

test("runs from outside get a lease, and durations that cannot be are none", async () => {
  const all = await allMigrations();
  const url = await emptyDatabase();
  const former = all.filter(({ name }) => name < "20261129064500");
  await migrate(url, former);
  const study = randomUUID();
  const insert = (sql: string) => query(url, sql);
  await insert(`INSERT INTO sweeps (id, name, spec, spec_digest)
    VALUES ('${study}', 'logged', '{"trainer":"external","search":{"method":"external"}}', 'd') RETURNING id`);
  const rows: [
    key: string,
    status: string,
    created: string,
    started: string,
    ended: string | null,
    ms: number | null,
  ][] = [
    ["running", "running", "2026-01-01T10:00Z", "2026-01-01T10:00Z", null, null],
    ["honest", "succeeded", "2026-01-01T10:00Z", "2026-01-01T10:00Z", "2026-01-01T11:00Z", 3_600_000],
    ["told", "succeeded", "2026-01-01T10:00Z", "2025-01-01T10:00Z", "2026-01-01T10:00Z", 1234],
    ["late", "succeeded", "2026-01-01T10:05Z", "2026-01-01T10:00Z", "2026-01-01T11:00Z", 3_600_000],
    [
      "backdated",
      "succeeded",
      "2026-01-01T10:00Z",
      "2025-12-01T10:00Z",
      "2026-01-01T10:00Z",
      31 * 86_400_000,
    ],
    [
      "future",
      "succeeded",
      "2026-01-01T10:00Z",
      "2100-01-01T10:00Z",
      "2026-01-01T10:00Z",
      -2_335_219_200_000,
    ],
    ["endless", "succeeded", "2026-01-01T10:00Z", "2026-01-01T10:00Z", "2026-01-01T11:00Z", 1e15],
  ];
  for (const [key, status, created, started, ended, ms] of rows) {
    await insert(`INSERT INTO runs (id, sweep_id, key, position, configuration_key, configuration_label, params, seed, mode,
        arm, execution, noise, repeat, trainer, device_class, dataset, request, status, created_at, started_at, ended_at, duration_ms)
      VALUES ('${randomUUID()}', '${study}', '${key}', 0, 'c', 'c', '{}', 0, 'nondeterministic', 'free', '{}', '{}', 0,
        'external', 'cpu', 'd', '{}', '${status}', '${created}', '${started}', ${ended ? `'${ended}'` : "NULL"}, ${ms ?? "NULL"})
      RETURNING id`);
  }
  await migrate(url, all);
  const found = await query(
    url,
    `SELECT key, duration_ms AS ms, started_at IS NULL AS unknown, planned, lease_expires_at > now() AS leased FROM runs`,
  );
  const of = (key: string) => found.find((row) => row.key === key);
  expect(of("running")).toMatchObject({ ms: null, planned: false, leased: true });
  expect(of("honest")).toMatchObject({ ms: 3_600_000, unknown: false, leased: null });
  expect(of("told")).toMatchObject({ ms: 1234 });
  expect(of("late")).toMatchObject({ ms: 3_600_000 });
  expect(of("backdated")).toMatchObject({ ms: null });
  expect(of("future")).toMatchObject({ ms: null, unknown: true });
  expect(of("endless")).toMatchObject({ ms: null });
});

test("digests of before are SHA-256, but where nobody knows on what the tensors of steps lay", async () => {
  const all = await allMigrations();
  const url = await emptyDatabase();
  await migrate(
    url,
    all.filter(({ name }) => name < "20261129215500"),
  );
  const study = randomUUID();
  await query(
    url,
    `INSERT INTO sweeps (id, name, spec, spec_digest) VALUES ('${study}', 's', '{}', 'd') RETURNING id`,
  );
  for (const environment of [{ "torch.gpu": "a device" }, { "torch.version": "2" }]) {
    const name = Object.keys(environment).join();
    const run = randomUUID();
    await query(
      url,
      `INSERT INTO environments (id, values) VALUES ('${name}', '${JSON.stringify(environment)}') RETURNING id`,
    );
    await query(
      url,
      `INSERT INTO runs (id, sweep_id, key, position, configuration_key, configuration_label, params, seed, mode,
        arm, execution, noise, repeat, trainer, device_class, dataset, request, status, environment_id)
      VALUES ('${run}', '${study}', '${name}', 0, 'c', 'c', '{}', 0, 'nondeterministic', 'free', '{}', '{}', 0,
        'external', 'cpu', 'd', '{}', 'succeeded', '${name}') RETURNING id`,
    );
    for (const kind of ["step", "finalWeights"]) {
      await query(
        url,
        `INSERT INTO ladder_chunks (run_id, attempt, batch, kind, positions, digests)
        VALUES ('${run}', 1, 1, '${kind}', '{1}', '{aa}') RETURNING run_id`,
      );
      await query(
        url,
        `INSERT INTO tensor_digest_chunks (run_id, attempt, batch, kind, part, names, positions, digests)
        VALUES ('${run}', 1, 1, '${kind}', 'weights', '{w}', '{1}', 'aa') RETURNING run_id`,
      );
    }
  }
  await migrate(url, all);
  for (const table of ["ladder_chunks", "tensor_digest_chunks"]) {
    expect(
      await query(
        url,
        `SELECT r.key, c.kind, c.algorithm FROM ${table} c JOIN runs r ON r.id = c.run_id ORDER BY 1, 2`,
      ),
    ).toEqual([
      { key: "torch.gpu", kind: "finalWeights", algorithm: "sha256" },
      { key: "torch.gpu", kind: "step", algorithm: "unrecorded" },
      { key: "torch.version", kind: "finalWeights", algorithm: "sha256" },
      { key: "torch.version", kind: "step", algorithm: "sha256" },
    ]);
  }
});

test("runs are counted right although a worker is in the middle of changing one", async () => {
  const all = await allMigrations();
  const url = await emptyDatabase();
  await migrate(
    url,
    all.filter(({ name }) => name < "20261130230654"),
  );
  const [study, run] = [randomUUID(), randomUUID()];
  await query(
    url,
    `INSERT INTO sweeps (id, name, spec, spec_digest) VALUES ('${study}', 's', '{"resources":{"requires":{"site":"basel"}}}', 'd')
     RETURNING id`,
  );
  await query(
    url,
    `INSERT INTO runs (id, sweep_id, key, position, configuration_key, configuration_label, params, seed, mode,
      arm, execution, noise, repeat, trainer, device_class, dataset, request, status)
    VALUES ('${run}', '${study}', 'k', 0, 'c', 'c', '{}', 0, 'nondeterministic', 'free', '{}', '{}', 0,
      'tfjs', 'cpu', 'd', '{}', 'queued') RETURNING id`,
  );
  const worker = connectDatabase({ url, maxConnections: 2 });
  onTestFinished(() => worker.close());
  let migrating: ReturnType<typeof migrate> | undefined;
  await worker.transaction(async (sql) => {
    await sql.$executeRaw`SELECT 1 FROM sweeps WHERE id = ${study}::uuid FOR NO KEY UPDATE`;
    await sql.$executeRaw`UPDATE runs SET status = 'running' WHERE id = ${run}::uuid`;
    migrating = migrate(url, all);
    await expect.poll(() => locksAreHeld(worker, 0), { timeout: 20_000 }).toBe(true);
    await sql.$executeRaw`UPDATE sweeps SET status = 'running' WHERE id = ${study}::uuid`;
  }, 60_000);
  expect((await migrating)?.applied).toContain("20261130230654_counted_runs");
  expect(await query(url, "SELECT status::text, runs FROM sweep_counts")).toEqual([
    { status: "running", runs: 1 },
  ]);
  expect(await wrongCounts(worker)).toEqual([]);
  // It may be trained again: by a worker that has what its study requires.
  expect(await query(url, "SELECT requires FROM runs")).toEqual([{ requires: { site: "basel" } }]);
  // Neither gave way to the other.
  expect(
    await query(url, "SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()"),
  ).toEqual([{ deadlocks: 0 }]);
});
