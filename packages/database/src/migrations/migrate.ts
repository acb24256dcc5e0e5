import { createHash, randomUUID } from "node:crypto";
import pg from "pg";
import manifest from "../../package.json" with { type: "json" };
import { MigrationError, NewerDatabaseError } from "../errors.js";
import { connectionSettings, type KindOfWork } from "../postgres/connection-settings.js";
import { type Migration, readMigrations } from "./migrations.js";

/** Key of the advisory lock that one migrator holds at a time: "repr" in ASCII. */
const migrationLock = 0x72_65_70_72;

/** The history as Prisma's own command line keeps and reads it. */
const historyTable = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

/**
 * Applies the migrations that a database lacks, each whole or not at all. Several processes may do this at the same time:
 * one works, the others wait and find nothing left to do.
 *
 * @param migrations default: those of this version
 * @returns the names of the migrations applied by this call
 * @throws {MigrationError} for the first one that PostgreSQL refuses; those before it stay applied
 * @throws {NewerDatabaseError} before anything is changed, where the database has migrations that are not among these
 */
export async function migrate(
  url: string,
  migrations?: readonly Migration[],
): Promise<{ applied: string[] }> {
  return withClient({ url, kind: "migration" }, async (client) => {
    await client.query("SELECT pg_advisory_lock($1)", [migrationLock]);
    const table = await client.query("SELECT to_regclass('_prisma_migrations') AS name");
    if (table.rows[0]?.name === null) await client.query(historyTable);
    const lacking = await lackingIn(client, migrations ?? (await readMigrations()));
    for (const migration of lacking) await applyAmongOthers(client, migration);
    // For an older program that meets this database one day: it can say which release it takes.
    if (lacking.length > 0)
      await client.query(`COMMENT ON TABLE _prisma_migrations IS 'Reprise ${manifest.version}'`);
    return { applied: lacking.map(({ name }) => name) };
  });
}

/**
 * Makes sure that a database has the form that this version works with, and changes nothing: for processes that do not
 * migrate.
 *
 * @throws {MigrationError} where migrations are still to be applied
 * @throws {NewerDatabaseError} where it has migrations that this version does not know
 */
export async function requireMigrated(url: string): Promise<void> {
  const [first] = await withClient({ url, kind: "round" }, async (client) => {
    const table = await client.query("SELECT to_regclass('_prisma_migrations') AS name");
    return table.rows[0]?.name === null ? readMigrations() : lackingIn(client, await readMigrations());
  });
  if (first)
    throw new MigrationError(first.name, "has not been applied yet: start the API of this release first.");
}

async function withClient<Result>(
  { url, kind }: { url: string; kind: KindOfWork },
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(connectionSettings({ url, kind }));
  // One that breaks meanwhile fails the next query too.
  client.on("error", () => {});
  await client.connect().catch((cause: unknown) => {
    const why = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
    const { host, pathname } = new URL(url);
    throw new Error(
      `DATABASE_URL: no PostgreSQL lets us in at ${host}${pathname}${why}. Start it, or correct the address, name and password.`,
      { cause },
    );
  });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Which of `migrations` a database with a history still lacks.
 *
 * @throws {NewerDatabaseError} where it has others
 */
export async function lackingIn(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const applied = await appliedBefore(client);
  const own = new Set(migrations.map(({ name }) => name));
  const unknown = [...applied].filter((name) => !own.has(name));
  if (unknown.length > 0) {
    const { rows } = await client.query<{ by: string | null }>(
      "SELECT obj_description('_prisma_migrations'::regclass, 'pg_class') AS by",
    );
    throw new NewerDatabaseError(unknown.toSorted(), rows[0]?.by ?? null, manifest.version);
  }
  return migrations.filter(({ name }) => !applied.has(name));
}

async function appliedBefore(client: pg.Client): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string; finished: boolean }>(
    `SELECT migration_name AS name, finished_at IS NOT NULL AS finished FROM _prisma_migrations
     WHERE rolled_back_at IS NULL`,
  );
  const begun = rows.find(({ finished }) => !finished);
  if (begun) {
    throw new MigrationError(
      begun.name,
      "was begun before and did not end, so that part of it may stand. Restore the database from before the upgrade, " +
        "or complete or undo the migration by hand and say so with `prisma migrate resolve`.",
    );
  }
  return new Set(rows.map(({ name }) => name));
}

/** As often as PostgreSQL may choose a migration as the one that gives way in a deadlock with a worker. */
const mostTries = 5;

async function applyAmongOthers(client: pg.Client, migration: Migration): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await apply(client, migration);
    } catch (error) {
      if (tries === mostTries || !isDeadlock(error)) throw error;
    }
  }
}

const isDeadlock = (error: unknown) =>
  error instanceof MigrationError && error.cause instanceof pg.DatabaseError && error.cause.code === "40P01";

/** A file goes to PostgreSQL as it is: only its parser knows where in comments and quotes a statement ends. */
async function apply(client: pg.Client, { name, sql }: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), createHash("sha256").update(sql).digest("hex"), name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    const why = error instanceof Error ? error.message : String(error);
    throw new MigrationError(name, `has changed nothing, PostgreSQL refused it: ${why}`, { cause: error });
  }
}
