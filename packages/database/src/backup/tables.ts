import type pg from "pg";

/** A table of ours, as a backup names it. */
export type TableForm = { name: string; columns: string[] };

/** How many rows a table has, and a sum over the hashes of all of them, which knows no order. */
export type TableContent = { rows: number; sum: string };

/** No content: Prisma's own history says what form the rest has, and counts of runs are kept by those that are written. */
const withoutContent = ["_prisma_migrations", "sweep_counts"];

/** Sessions that write values as the same text, whatever server and user they belong to. */
const sameText = `
  SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';
  SET extra_float_digits = 1; SET bytea_output = 'hex'`;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const columnList = ({ columns }: TableForm): string => columns.map(quoted).join(", ");

/** Makes a session ready for a backup: values as the same text everywhere, and as much time as it takes. */
export async function beginSession(client: pg.Client): Promise<void> {
  await client.query(`${sameText}; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0`);
}

/** Tables of ours with their columns; one that others refer to comes before them. */
export async function tablesOf(client: pg.Client): Promise<TableForm[]> {
  const { rows: columns } = await client.query<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL($1)
       AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     ORDER BY c.relname, a.attnum`,
    [withoutContent],
  );
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `SELECT conrelid::regclass::text AS from, confrelid::regclass::text AS to
     FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`,
  );
  const byName = new Map<string, TableForm>();
  for (const { table, column } of columns) {
    const form = byName.get(table) ?? { name: table, columns: [] };
    form.columns.push(column);
    byName.set(table, form);
  }
  const ordered = new Set<TableForm>();
  const add = (form: TableForm, below: readonly string[]) => {
    if (below.includes(form.name))
      throw new Error(`tables refer to each other in a circle: ${below.join(", ")}`);
    for (const { from, to } of references) {
      const referred = byName.get(to);
      if (from === form.name && to !== from && referred) add(referred, [...below, form.name]);
    }
    ordered.add(form);
  };
  for (const form of byName.values()) add(form, []);
  return [...ordered];
}

export async function contentOf(client: pg.Client, form: TableForm): Promise<TableContent> {
  const { rows } = await client.query<{ rows: string; sum: string }>(
    `SELECT count(*) AS rows, coalesce(sum(hashtextextended(ROW(${columnList(form)})::text, 0)::numeric), 0)::text AS sum
     FROM ${quoted(form.name)}`,
  );
  return { rows: Number(rows[0]?.rows), sum: rows[0]?.sum ?? "" };
}
