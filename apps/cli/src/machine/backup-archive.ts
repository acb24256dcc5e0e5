import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { jsonNestsDeeper } from "@reprise/contracts";
import { type DatabaseDump, type DumpedContent, placeInStore, type RecordedFile } from "@reprise/database";
import { type Entry, openPromise } from "yauzl";
import { ZipFile } from "yazl";
import { z } from "zod";
import { UserError } from "../user-error.js";
import { version } from "../version.js";

/** What a backup is: the last entry of the archive, so that one that was cut off has none. */
const manifestName = "reprise-backup.json";

/** Two million files. None that Reprise writes shrinks to a tenth: it is made of digests. */
const longestManifest = 256 * 1024 ** 2;
const greatestRatio = 100;
const harmlessBytes = 1024 ** 2;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const manifest = z.object({
  format: z.literal(1),
  release: z.string(),
  createdAt: z.iso.datetime(),
  migrations: z.array(z.string()),
  tables: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.string()),
      rows: z.int().nonnegative(),
      /** Over all rows, without their order: what the restored table must have again. */
      sum: z.string(),
      sha256,
    }),
  ),
  sequences: z.record(z.string(), z.string().nullable()),
  files: z.array(z.object({ digest: sha256, bytes: z.int().nonnegative() })),
  /** Recorded files that were not where they should be. */
  missing: z.array(z.string()),
});
export type BackupManifest = z.infer<typeof manifest>;

const tableEntry = (name: string) => `tables/${name}.copy`;
const fileEntry = (digest: string) => `artifacts/${digest}`;

/** Passes bytes on and digests them. */
function digesting(): { through: Transform; digest: () => string } {
  const hash = createHash("sha256");
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { through, digest: () => hash.digest("hex") };
}

/**
 * Writes a dump and the files of its runs as one zip, readable for its owner alone: it holds digests of tokens and secrets of
 * webhooks. A backup that does not come to its end leaves no file.
 */
export async function writeBackup(path: string, dump: DatabaseDump, store: string): Promise<BackupManifest> {
  const unfinished = `${path}.part`;
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(unfinished, { mode: 0o600 }));
  written.catch(() => {});
  /** One entry after the other, so that nothing but what is on its way is in memory. */
  const add = async (name: string, content: Readable, compress: boolean): Promise<string> => {
    const { through, digest } = digesting();
    zip.addReadStream(through, name, { compress });
    await Promise.race([pipeline(content, through), written]);
    return digest();
  };
  try {
    const tables: BackupManifest["tables"] = [];
    for (const table of dump.tables)
      tables.push({ ...table, sha256: await add(tableEntry(table.name), dump.read(table), true) });
    const files: BackupManifest["files"] = [];
    const missing: string[] = [];
    for (const file of dump.files) {
      const found = await placeOf(file, store);
      if (found === null) missing.push(`${file.digest} (${file.path})`);
      else if ((await add(fileEntry(file.digest), createReadStream(found), false)) === file.digest)
        files.push({ digest: file.digest, bytes: file.bytes });
      else missing.push(`${file.digest} (${found} holds something else)`);
    }
    const { migrations, sequences } = dump;
    const about = { migrations, tables, sequences, files, missing };
    const said = { format: 1 as const, release: version, createdAt: new Date().toISOString(), ...about };
    const list = Buffer.from(JSON.stringify(said, null, 1));
    if (list.length > longestManifest)
      throw new UserError(`a backup lists its files in ${longestManifest} bytes, and these are more`);
    zip.addBuffer(list, manifestName);
    zip.end();
    await written;
    await rename(unfinished, path);
    return said;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Where a recorded file is: where it was stored, or in the store of this data directory. */
async function placeOf({ path, digest }: RecordedFile, store: string): Promise<string | null> {
  for (const place of [path, placeInStore(store, digest)])
    if ((await stat(place).catch(() => null))?.isFile()) return place;
  return null;
}

type Backup = DumpedContent & { manifest: BackupManifest; close(): void };

/**
 * Opens a backup and reads all of it once, against its own digests.
 *
 * @throws {UserError} where it is none, was cut off, or is not what was written
 */
export async function openBackup(path: string): Promise<Backup> {
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new UserError(`there is no file ${path}`);
    throw notABackup(path, "it is not a zip archive, or was cut off");
  });
  try {
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    const read = async (name: string): Promise<Readable> => {
      const entry = entries.get(name);
      if (!entry) throw notABackup(path, `${name} is not in it`);
      return zip.openReadStreamPromise(entry);
    };
    const listed = entries.get(manifestName);
    const long = listed === undefined ? null : tooLong(listed);
    if (long !== null) throw notABackup(path, `${manifestName} ${long}`);
    const said = manifest.safeParse(parsedJson(await text(await read(manifestName))));
    if (!said.success) throw notABackup(path, `${manifestName} says nothing that this release can read`);
    await check(path, read, said.data);
    return {
      manifest: said.data,
      rowsOf: (name) => read(tableEntry(name)),
      restoreFiles: (store) => restoreFiles(said.data, read, store),
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** Why a list of files is not read, by what the archive says of it; more than it says is not given out. */
function tooLong({ uncompressedSize, compressedSize }: Entry): string | null {
  if (uncompressedSize > longestManifest)
    return `has ${uncompressedSize} bytes unpacked; up to ${longestManifest} are read`;
  return uncompressedSize > harmlessBytes && uncompressedSize > greatestRatio * compressedSize
    ? `unpacks to more than ${greatestRatio} times its size`
    : null;
}

/** Nothing for what is no JSON, or nests without end. */
function parsedJson(document: string): unknown {
  if (jsonNestsDeeper(document)) return undefined;
  try {
    return JSON.parse(document);
  } catch {
    return undefined;
  }
}

const notABackup = (path: string, why: string) =>
  new UserError(`${path} cannot be restored: ${why}. Nothing was changed.`);

async function check(
  path: string,
  read: (name: string) => Promise<Readable>,
  { tables, files }: BackupManifest,
): Promise<void> {
  const expected = [
    ...tables.map(({ name, sha256 }) => [tableEntry(name), sha256] as const),
    ...files.map(({ digest }) => [fileEntry(digest), digest] as const),
  ];
  for (const [name, digest] of expected) {
    const hash = createHash("sha256");
    await pipeline(await read(name), hash).catch((error: unknown) => {
      if (error instanceof UserError) throw error;
      throw notABackup(path, `${name} is damaged`);
    });
    if (hash.digest("hex") !== digest) throw notABackup(path, `${name} is not what was written`);
  }
}

async function restoreFiles(
  { files }: BackupManifest,
  read: (name: string) => Promise<Readable>,
  store: string,
): Promise<void> {
  const incoming = join(store, "incoming");
  await mkdir(incoming, { recursive: true });
  for (const { digest } of files) {
    const place = placeInStore(store, digest);
    const unfinished = join(incoming, digest);
    await mkdir(dirname(place), { recursive: true });
    await pipeline(await read(fileEntry(digest)), createWriteStream(unfinished));
    await rename(unfinished, place);
  }
}
