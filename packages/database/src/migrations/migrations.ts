import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const prismaDirectory = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  "../../../../prisma",
);

export type Migration = { name: string; sql: string };

/** The migrations in the repository, oldest first. */
export async function readMigrations(): Promise<Migration[]> {
  const directory = path.join(prismaDirectory, "migrations");
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      sql: await readFile(path.join(directory, name, "migration.sql"), "utf8"),
    })),
  );
}
