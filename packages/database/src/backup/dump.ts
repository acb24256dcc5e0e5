import type { Readable } from "node:stream";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { lackingIn } from "../migrations/migrate.js";
import { readMigrations } from "../migrations/migrations.js";
import {
  beginSession,
  columnList,
  contentOf,
  quoted,
  type TableContent,
  type TableForm,
  tablesOf,
} from "./tables.js";

/** A file of a run that lies in an artifact store, by what was recorded of it. */
export type RecordedFile = { path: string; digest: string; bytes: number };

/** All of a database at one moment, whatever is written meanwhile. */
export type DatabaseDump = {
  /** Names of the migrations that made its form, in their order. */
  migrations: string[];
  tables: (TableForm & TableContent)[];
  /** Name → the last number that was given out; null where none was. */
  sequences: Record<string, string | null>;
  /** Files in artifact stores, each content once. */
  files: RecordedFile[];
  /** The rows of a table as COPY writes them; one table at a time. */
  read(table: TableForm): Readable;
};

/**
 * Hands `take` the database as it is now; one of an earlier release is left in its form.
 *
 * @throws {NewerDatabaseError} where a later release has changed its form: this one does not know all that is in it
 */
export async function dumpDatabase<Result>(
  url: string,
  take: (dump: DatabaseDump) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await lackingIn(client, await readMigrations());
    await beginSession(client);
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const tables: DatabaseDump["tables"] = [];
    for (const form of await tablesOf(client)) tables.push({ ...form, ...(await contentOf(client, form)) });
    const result = await take({
      migrations: await migrationsOf(client),
      tables,
      sequences: await sequencesOf(client),
      files: await filesOf(client, tables),
      read: (table) => client.query(copyTo(`COPY ${quoted(table.name)} (${columnList(table)}) TO STDOUT`)),
    });
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // Rows may still be on their way, which nobody will read.
    client.connection.stream.destroy();
    throw error;
  } finally {
    await client.end();
  }
}

async function migrationsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT migration_name AS name FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return rows.map(({ name }) => name);
}

async function sequencesOf(client: pg.Client): Promise<Record<string, string | null>> {
  const { rows } = await client.query<{ name: string; last: string | null }>(
    `SELECT sequencename AS name, last_value::text AS last FROM pg_sequences WHERE schemaname = 'public'`,
  );
  return Object.fromEntries(rows.map(({ name, last }) => [name, last]));
}

/** Tables that tell where files of runs lie. Early releases lack some. */
export const tablesOfFiles = ["checkpoints", "artifacts", "thumbnails"];

async function filesOf(client: pg.Client, tables: readonly TableForm[]): Promise<RecordedFile[]> {
  const recorded = tablesOfFiles
    .filter((name) => tables.some((table) => table.name === name))
    .map((name) => `SELECT path, digest, bytes FROM ${name}`)
    .join(" UNION ALL ");
  const { rows } = await client.query<{ path: string; digest: string; bytes: string }>(
    `SELECT min(path) AS path, digest, min(bytes)::text AS bytes FROM (${recorded}) recorded
     WHERE digest IS NOT NULL AND bytes IS NOT NULL GROUP BY digest ORDER BY digest`,
  );
  return rows.map(({ path, digest, bytes }) => ({ path, digest, bytes: Number(bytes) }));
}
