import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { migrate } from "../migrations/migrate.js";
import { readMigrations } from "../migrations/migrations.js";
import { tablesOfFiles } from "./dump.js";
import {
  beginSession,
  columnList,
  contentOf,
  quoted,
  type TableContent,
  type TableForm,
  tablesOf,
} from "./tables.js";

/** A backup that cannot be read back here. No row was written; empty tables may have been made. */
export class RestoreRefusedError extends Error {
  override readonly name = "RestoreRefusedError";
}

/** What a backup says of its database. */
export type DumpedForm = {
  /** The release that wrote it. */
  release: string;
  migrations: string[];
  tables: (TableForm & TableContent)[];
  sequences: Record<string, string | null>;
};

/** Where the content of a dump comes from. */
export type DumpedContent = {
  /** The rows of a table as COPY wrote them. */
  rowsOf(table: string): Promise<Readable>;
  /** Puts the files of runs into a store. */
  restoreFiles(store: string): Promise<void>;
};

/**
 * Reads a dump into an empty database, all rows or none: the form is made as it was, the rows are written and counted
 * against what the dump says, and what a later release changed of the form is then applied.
 *
 * @param store folder of the artifact store where files of runs are found from now on
 * @throws {RestoreRefusedError} where the database is in use, or the dump is of a newer release or not what it says
 */
export async function loadDatabase(
  url: string,
  dumped: DumpedForm,
  content: DumpedContent,
  store: string,
): Promise<void> {
  const known = await readMigrations();
  const own = new Set(known.map(({ name }) => name));
  const unknown = dumped.migrations.find((name) => !own.has(name));
  if (unknown !== undefined)
    throw new RestoreRefusedError(
      `The backup was written by Reprise ${dumped.release}, which is newer: it has the migration ${unknown}. Restore it with that release.`,
    );
  const upTo = new Set(dumped.migrations);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await refuseUsed(client);
    await migrate(
      url,
      known.filter(({ name }) => upTo.has(name)),
    );
    await beginSession(client);
    await client.query("BEGIN");
    await write(client, dumped, content);
    await content.restoreFiles(store);
    await moveFiles(client, store);
    await client.query("COMMIT");
    await client.query("ANALYZE");
  } finally {
    await client.end();
  }
  await migrate(url);
}

/** @throws {RestoreRefusedError} where tables of ours hold anything */
async function refuseUsed(client: pg.Client): Promise<void> {
  for (const form of await tablesOf(client)) {
    // Migrations themselves say here what is to be done.
    if (form.name === "maintenance_tasks") continue;
    const { rows } = await client.query(`SELECT 1 FROM ${quoted(form.name)} LIMIT 1`);
    if (rows.length > 0)
      throw new RestoreRefusedError(
        `The database holds something already (table ${form.name}): a backup is restored into an empty one. Name another folder with --data, or another DATABASE_URL.`,
      );
  }
}

async function write(
  client: pg.Client,
  { tables, sequences }: DumpedForm,
  content: DumpedContent,
): Promise<void> {
  const here = await tablesOf(client);
  const order = here.map(({ name }) => name);
  for (const table of tables.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))) {
    const form = here.find(({ name }) => name === table.name);
    const lacking = table.columns.find((column) => !form?.columns.includes(column));
    if (form === undefined || lacking !== undefined)
      throw new RestoreRefusedError(
        `The backup has ${table.name}${lacking ? `.${lacking}` : ""}, which its migrations do not make.`,
      );
    // What migrations wrote by themselves is in the dump as well.
    await client.query(`DELETE FROM ${quoted(table.name)}`);
    await pipeline(
      await content.rowsOf(table.name),
      client.query(copyFrom(`COPY ${quoted(table.name)} (${columnList(table)}) FROM STDIN`)),
    );
    const { rows, sum } = await contentOf(client, table);
    if (rows !== table.rows || sum !== table.sum)
      throw new RestoreRefusedError(
        `Table ${table.name} came back with ${rows} rows that are not the ${table.rows} that were written.`,
      );
  }
  for (const [name, last] of Object.entries(sequences))
    if (last !== null) await client.query("SELECT setval($1::regclass, $2)", [quoted(name), last]);
}

/** Files are found by their content in the store of this installation, wherever they lay before. */
async function moveFiles(client: pg.Client, store: string): Promise<void> {
  for (const table of tablesOfFiles)
    await client.query(
      `UPDATE ${table} SET path = $1 || '/sha256/' || left(digest, 2) || '/' || digest
       WHERE digest IS NOT NULL AND path ~ '[\\\\/]artifacts[\\\\/]sha256[\\\\/][0-9a-f]{2}[\\\\/][0-9a-f]{64}$'`,
      [store],
    );
}
