import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DiffTarget } from "@prisma/schema-engine-wasm";
import { startEmbeddedPostgres } from "../postgres/embedded-postgres.js";
import { prismaDirectory, readMigrations } from "./migrations.js";
import { withSchemaEngine } from "./schema-engine.js";

// `pnpm --filter @reprise/database migration <name>`: writes the SQL that leads from the schema as it was committed
// last (from nothing, when there is no migration yet) to the one in the working tree, for a person to read, correct
// and commit together with the schema.

const name = process.argv[2];
if (!name || !/^[a-z][a-z0-9_]*$/.test(name)) {
  throw new Error("Give the migration a name of lower-case letters, digits and underscores");
}
const datamodel = (content: string): DiffTarget => ({
  tag: "schemaDatamodel",
  files: [{ path: "schema.prisma", content }],
});
const from: DiffTarget =
  (await readMigrations()).length === 0
    ? { tag: "empty" }
    : datamodel(
        execFileSync("git", ["show", "HEAD:./schema.prisma"], { cwd: prismaDirectory, encoding: "utf8" }),
      );
const to = datamodel(await readFile(path.join(prismaDirectory, "schema.prisma"), "utf8"));

const dataDirectory = await mkdtemp(path.join(tmpdir(), "reprise-migration-"));
await chmod(dataDirectory, 0o755);
const server = await startEmbeddedPostgres({ dataDirectory, settings: { fsync: "off" } });
try {
  const filters = { externalTables: [], externalEnums: [] };
  const { stdout } = await withSchemaEngine(server.url, (engine) =>
    engine.diff({ from, to, script: true, exitCode: null, filters }),
  );
  const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const directory = path.join(prismaDirectory, "migrations", `${stamp}_${name}`);
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, "migration.sql"), stdout ?? "");
  console.log(`Wrote ${path.join(directory, "migration.sql")}`);
} finally {
  await server.stop();
  await rm(dataDirectory, { recursive: true, force: true });
}
