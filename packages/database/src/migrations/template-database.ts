import { randomUUID } from "node:crypto";
import pg from "pg";
import { migrate } from "./migrate.js";

export type TemplateDatabase = {
  name: string;
  /** A migrated, empty database of one's own. */
  clone(): Promise<{ url: string; drop(): Promise<void> }>;
};

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}

const freshName = (kind: string) => `reprise_${kind}_${randomUUID().replaceAll("-", "")}`;

/** Makes a migrated database that others are copied from: a copy takes tens of milliseconds. */
export async function createTemplateDatabase(adminUrl: string): Promise<TemplateDatabase> {
  const name = freshName("template");
  await execute(adminUrl, `CREATE DATABASE ${name}`);
  await migrate(withDatabase(adminUrl, name));
  return templateDatabase(adminUrl, name);
}

/** The template of that name, made before, perhaps by another process. */
export function templateDatabase(adminUrl: string, name: string): TemplateDatabase {
  return {
    name,
    async clone() {
      const copy = freshName("test");
      await execute(adminUrl, `CREATE DATABASE ${copy} TEMPLATE ${name}`);
      return {
        url: withDatabase(adminUrl, copy),
        drop: () => execute(adminUrl, `DROP DATABASE IF EXISTS ${copy} WITH (FORCE)`),
      };
    },
  };
}
