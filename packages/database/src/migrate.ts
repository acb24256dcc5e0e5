import pg from "pg";
import { readMigrations, withSchemaEngine } from "./schema-engine.js";

/** Key of the advisory lock that one migrator holds at a time: "repr" in ASCII. */
const migrationLock = 0x72_65_70_72;

/**
 * Applies the migrations that a database lacks. Several processes may do this at the same time: one works, the others
 * wait and find nothing left to do. Prisma's own schema engine does it, so that its command line sees the same history.
 *
 * @returns the names of the migrations applied by this call
 */
export async function migrate(url: string): Promise<{ applied: string[] }> {
  const guard = new pg.Client({ connectionString: url });
  await guard.connect();
  try {
    await guard.query("SELECT pg_advisory_lock($1)", [migrationLock]);
    const migrationsList = await readMigrations();
    if (
      await isUpToDate(
        guard,
        migrationsList.migrationDirectories.map((m) => m.path),
      )
    )
      return { applied: [] };
    const { appliedMigrationNames } = await withSchemaEngine(url, (engine) =>
      engine.applyMigrations({ migrationsList, filters: { externalTables: [], externalEnums: [] } }),
    );
    return { applied: appliedMigrationNames };
  } finally {
    await guard.end();
  }
}

/** Spares loading the engine (≈ 0.2 s) at every start of an existing installation. */
async function isUpToDate(client: pg.Client, names: string[]): Promise<boolean> {
  const table = await client.query("SELECT to_regclass('_prisma_migrations') AS name");
  if (table.rows[0]?.name === null) return false;
  const finished = await client.query(
    "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
  );
  const known = new Set(finished.rows.map((row) => row.migration_name));
  return names.every((name) => known.has(name));
}
