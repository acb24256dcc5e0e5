import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { createApi } from "@reprise/api";
import { analysisNames, pageOf, run } from "@reprise/contracts";
import { artifactStore, connectDatabase, migrate, placeInStore, templateDatabase } from "@reprise/database";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { ZipFile } from "yazl";
import { formerDatabase } from "../support/former-database.js";
import { dataFolder, reprise } from "../support/start-reprise.js";
import { testApiConfig } from "../support/test-server.js";

// A database as the first version left it, with a file of one of its runs: what an upgrade begins with.
const former = await formerDatabase();
const { studyId, runs } = former.recorded;
const before = dataFolder();
const after = dataFolder();
const backup = join(before.path, "before the upgrade.zip");
const weights = Buffer.from("final weights, for want of better ones");
const digest = createHash("sha256").update(weights).digest("hex");
const stored = placeInStore(artifactStore(before.path), digest);
const empty = await templateDatabase(inject("postgres").adminUrl, "template0").clone();

async function command(words: string[], database: string) {
  const started = reprise(words, { DATABASE_URL: database });
  const [code] = await once(started.process, "close");
  return { code, printed: started.printed() };
}
const backUp = (file: string) => command(["backup", file, "--data", before.path], former.url);
const restore = (file: string, database = empty.url) =>
  command(["restore", file, "--data", after.path], database);

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const db = connectDatabase({ url, maxConnections: 1 });
  try {
    return await db.prisma.$queryRawUnsafe(sql);
  } finally {
    await db.close();
  }
}
const tablesIn = (url: string) => query(url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'");

/** What a server on this database shows of the study: runs, every analysis, and the file. */
async function shown(database: string) {
  const server = createApi(testApiConfig(database));
  const base = `${(await server.start()).url}/api/v1`;
  const get = async (path: string) => {
    const answer = await fetch(base + path);
    return `${answer.status} ${await answer.text()}`;
  };
  try {
    const listed = await fetch(`${base}/runs?sweepId=${studyId}&limit=100`);
    const { items } = pageOf(run).parse(await listed.json());
    const analyses = [];
    for (const name of analysisNames) analyses.push(await get(`/sweeps/${studyId}/analyses/${name}`));
    return { items, analyses, file: await get(`/runs/${runs[0]?.id}/artifacts/final-weights.safetensors`) };
  } finally {
    await server.stop();
  }
}

beforeAll(async () => {
  mkdirSync(dirname(stored), { recursive: true });
  writeFileSync(stored, weights);
  // Those that it names lay on the machine where it was made.
  for (const table of ["checkpoints", "artifacts", "thumbnails"])
    await query(former.url, `DELETE FROM ${table}`);
  await query(
    former.url,
    `INSERT INTO artifacts (run_id, kind, attempt, step, epoch, path, digest, bytes)
     VALUES ('${runs[0]?.id}', 'finalWeights', 1, 9, 3, '${stored}', '${digest}', ${weights.length})`,
  );
});
afterAll(async () => {
  await former.drop();
  await empty.drop();
  before.remove();
  after.remove();
});

it("is written as it is, readable for its owner alone, and never over another file", async () => {
  const migrations = await query(former.url, "SELECT count(*)::int AS n FROM _prisma_migrations");
  // What a backup left that was killed stands in nobody's way.
  writeFileSync(`${backup}.part`, "cut off", { mode: 0o600 });
  const written = await backUp(backup);
  expect(written, written.printed).toMatchObject({ code: 0 });
  expect(written.printed).toMatch(/: \d+ studies, \d+ runs, 1 file\. /);
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  // It is no upgrade.
  expect(await query(former.url, "SELECT count(*)::int AS n FROM _prisma_migrations")).toEqual(migrations);
  expect(await backUp(backup)).toEqual({ code: 2, printed: expect.stringContaining("exists already") });
});

it("is refused where it was cut off or changed, and changes nothing", async () => {
  const damaged = join(before.path, "damaged.zip");
  const bytes = readFileSync(backup);
  writeFileSync(damaged, bytes);
  truncateSync(damaged, bytes.length - 100);
  expect(await restore(damaged)).toEqual({ code: 2, printed: expect.stringContaining("was cut off") });
  // The file of the run is not compressed: its text stands in the archive.
  const changed = Buffer.from(bytes);
  changed[changed.indexOf(weights)] = 0x46;
  writeFileSync(damaged, changed);
  const refused = await restore(damaged);
  expect(refused.printed).toContain(`artifacts/${digest} is not what was written. Nothing was changed.`);
  expect(refused.code).toBe(2);
  expect(await tablesIn(empty.url)).toEqual([]);
});

it.each([
  ["would fill the memory", Buffer.alloc(300 * 1024 ** 2, " "), /unpacked; up to \d+ are read/],
  ["was made to", Buffer.alloc(20 * 1024 ** 2, " "), /unpacks to more than 100 times its size/],
  ["nests without end", Buffer.from(`{"format":${"[".repeat(200_000)}`), /says nothing that/],
  ["is not JSON", Buffer.from("{"), /says nothing that/],
])("is refused whose list of files %s", async (_, list, reason) => {
  const made = join(before.path, "made.zip");
  const zip = new ZipFile();
  zip.addBuffer(list, "reprise-backup.json");
  zip.end();
  writeFileSync(made, await buffer(zip.outputStream));
  const refused = await restore(made);
  expect(refused.printed).toMatch(reason);
  expect(refused.printed).toContain("Nothing was changed.");
  expect(refused.code).toBe(2);
});

it("comes back into an empty database of this release, with equal runs, analyses and files", async () => {
  const restored = await restore(backup);
  expect(restored, restored.printed).toMatchObject({ code: 0 });
  await migrate(former.url);
  const [was, is] = [await shown(former.url), await shown(empty.url)];
  expect(was.items.length).toBeGreaterThan(0);
  expect(was.file).toBe(`200 ${weights}`);
  expect(is).toEqual(was);
  const [artifact] = await query(empty.url, "SELECT path FROM artifacts");
  expect(artifact?.path).toBe(placeInStore(artifactStore(after.path), digest));

  const again = await restore(backup);
  expect(again).toEqual({ code: 2, printed: expect.stringContaining("restored into an empty one") });
  expect((await shown(empty.url)).items).toEqual(was.items);
});

it("names a file that is gone, and holds the rest", async () => {
  rmSync(stored);
  const written = await backUp(join(before.path, "without.zip"));
  expect(written).toEqual({ code: 1, printed: expect.stringContaining(`missing: ${digest} (${stored})`) });
  expect(written.printed).toMatch(/, 0 files\. /);
});
