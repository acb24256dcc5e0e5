import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { connectDatabase, migrate, templateDatabase } from "@reprise/database";
import { inject } from "vitest";
import { z } from "zod";

const folder = new URL("../former-version/", import.meta.url);

const dump = z.strictObject({
  migrations: z.array(z.strictObject({ name: z.string(), sql: z.string() })),
  /** Rows by table, as `json_agg` wrote them: numbers that JavaScript would round are never parsed. */
  tables: z.record(z.string(), z.string()),
  sequences: z.record(z.string(), z.string()),
});

/** What the former version answered of its database when that was dumped. */
const recorded = z.strictObject({
  studies: z.array(
    z.strictObject({ id: z.string(), name: z.string(), status: z.string(), totalRuns: z.int() }),
  ),
  /** The study that the rest is of, but for the logged run. */
  studyId: z.string(),
  runs: z.array(
    z.strictObject({
      id: z.string(),
      arm: z.string(),
      seed: z.int(),
      repeat: z.int(),
      digest: z.string(),
      excludedReason: z.string().nullable(),
      notes: z.string(),
      tags: z.array(z.string()),
      testAccuracy: z.number(),
    }),
  ),
  history: z.strictObject({ runId: z.string(), steps: z.array(z.int()), values: z.array(z.number()) }),
  verifications: z.array(
    z.strictObject({
      id: z.string(),
      runId: z.string(),
      kind: z.string(),
      verdict: z.string(),
      explanation: z.string(),
    }),
  ),
  logged: z.strictObject({ id: z.string(), sweepId: z.string() }),
  token: z.string(),
  determinism: z.strictObject({ sentence: z.string(), verdicts: z.array(z.string()), csv: z.string() }),
});

/** A database as the former version left it, its history of migrations included, and what that version said of it. */
export async function formerDatabase() {
  const packed = await readFile(new URL("database.json.gz", folder));
  const { migrations, tables, sequences } = dump.parse(JSON.parse(gunzipSync(packed).toString()));
  const { url, drop } = await templateDatabase(inject("postgres").adminUrl, "template0").clone();
  await migrate(url, migrations);
  const db = connectDatabase({ url, maxConnections: 1 });
  try {
    await db.prisma.$transaction(
      async (sql) => {
        // Tables come in alphabetical order, not in that of their references.
        await sql.$executeRawUnsafe("SET LOCAL session_replication_role = replica");
        for (const [name, rows] of Object.entries(tables)) {
          await sql.$executeRawUnsafe(
            `INSERT INTO "${name}" SELECT * FROM json_populate_recordset(NULL::"${name}", $1::json)`,
            rows,
          );
        }
        for (const [name, value] of Object.entries(sequences)) {
          await sql.$queryRawUnsafe("SELECT setval($1::regclass, $2::bigint)::text", name, value);
        }
      },
      // Other test files may hold this process up meanwhile.
      { maxWait: 60_000, timeout: 60_000 },
    );
  } finally {
    await db.close();
  }
  const answers = recorded.parse(JSON.parse(await readFile(new URL("recorded.json", folder), "utf8")));
  return { url, drop, migrations, recorded: answers };
}
