import { buffer } from "node:stream/consumers";
import {
  type CrateRun,
  crateEnvironments,
  crateFiles,
  crateLayout,
  crateRun,
  crateStudy,
  deepestNesting,
  fieldErrorLine,
  jsonNestsDeeper,
  parseWith,
  runFile,
} from "@reprise/contracts";
import type { ImportedStudy } from "@reprise/database";
import { checkRun, checkStudy, listedDigests, sha256 } from "@reprise/study";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { z } from "zod";
import { ProblemError, problem } from "../http/problems.js";

const mebibyte = 1024 * 1024;

/**
 * What an archive may unpack to. A run with a million-case test set stays below the size of a file; records of runs shrink
 * to a tenth or a thirtieth, and what shrinks to less than a hundredth was made to fill a memory.
 */
const limits = {
  entries: 100_000,
  file: 256 * mebibyte,
  total: 8192 * mebibyte,
  ratio: 100,
  smallFile: mebibyte,
  /** All files together, up to which the ratio of a whole archive says nothing. */
  smallTotal: 64 * mebibyte,
};

/** An archive that is not one, or was changed after it was written. */
const refused = (file: string, detail: string) =>
  problem("invalid-request", `${file} ${detail}. Nothing was read in.`, {
    errors: [{ path: file, message: detail }],
  });

type Archive = { zip: ZipFile; entries: Map<string, Entry> };

async function openArchive(bytes: Buffer): Promise<Archive> {
  try {
    const zip = await fromBufferPromise(bytes, {
      autoClose: false,
      lazyEntries: true,
      strictFileNames: true,
    });
    return { zip, entries: await entriesOf(zip, bytes.length) };
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw refused("The body", `is not a zip archive that can be read (${reason})`);
  }
}

/** The files of an archive, by what it says of them before any is unpacked; more bytes than it says are not given out. */
async function entriesOf(zip: ZipFile, archiveBytes: number): Promise<Map<string, Entry>> {
  if (zip.entryCount > limits.entries) {
    throw refused("The body", `holds ${zip.entryCount} files; at most ${limits.entries} are read`);
  }
  const entries = new Map<string, Entry>();
  // Many files that are each harmless, or entries that say they are one and the same bytes, are no more than their archive.
  const mostOfRatio = Math.max(limits.smallTotal, limits.ratio * archiveBytes);
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileName, uncompressedSize: size, compressedSize } = entry;
    total += size;
    if (size > limits.file) {
      throw refused(fileName, `has ${size} bytes unpacked; at most ${limits.file} are read`);
    }
    if (size > limits.smallFile && size > limits.ratio * compressedSize) {
      throw refused(
        fileName,
        `unpacks to more than ${limits.ratio} times its size, as no record of a study does`,
      );
    }
    if (total > limits.total) throw refused("The body", `unpacks to more than ${limits.total} bytes`);
    if (total > mostOfRatio) {
      throw refused(
        "The body",
        `unpacks to more than ${limits.ratio} times its size, as no archive of a study does`,
      );
    }
    entries.set(fileName, entry);
  }
  return entries;
}

/**
 * Refuses what is no archive, or unpacks to too much, by what it says of its files: before anybody reads them.
 *
 * @throws {ProblemError} naming the file
 */
export async function checkEntries(bytes: Buffer): Promise<void> {
  (await openArchive(bytes)).zip.close();
}

async function bytesOf({ zip, entries }: Archive, path: string): Promise<Buffer> {
  const entry = entries.get(path);
  if (!entry) throw refused(path, "is missing from the archive");
  try {
    return await buffer(await zip.openReadStreamPromise(entry));
  } catch (error) {
    throw refused(path, `is damaged (${error instanceof Error ? error.message : String(error)})`);
  }
}

function parsedJson(path: string, bytes: Buffer): unknown {
  const text = bytes.toString("utf8");
  if (jsonNestsDeeper(text)) throw refused(path, `nests deeper than ${deepestNesting} levels`);
  try {
    return JSON.parse(text);
  } catch {
    throw refused(path, "is not JSON");
  }
}

function parsed<S extends z.ZodType>(path: string, schema: S, value: unknown): z.output<S> {
  const result = parseWith(schema, value);
  if (result.ok) return result.value;
  const [error] = result.errors;
  throw refused(path, `is not what it should be: ${error ? fieldErrorLine(error) : "unreadable"}`);
}

const layout = z.looseObject({ layout: z.unknown() });

/**
 * Opens an archived study and checks all of it before anything is written: every file against the digest that the
 * description lists, every document against its schema, every key and digest against what it stands for.
 *
 * @throws {ProblemError} naming the file
 */
export async function readCrate(bytes: Buffer): Promise<ImportedStudy> {
  const archive = await openArchive(bytes);
  const metadata = parsedJson(crateFiles.metadata, await bytesOf(archive, crateFiles.metadata));
  const digests = listedDigests(metadata);
  if (!digests) throw refused(crateFiles.metadata, "does not list files with their SHA-256");
  for (const path of archive.entries.keys()) {
    if (path !== crateFiles.metadata && !path.endsWith("/") && !digests.has(path)) {
      throw refused(path, `is not listed in ${crateFiles.metadata}`);
    }
  }

  const document = async (path: string): Promise<unknown> => {
    const content = await bytesOf(archive, path);
    if (sha256(content) !== digests.get(path)) {
      throw refused(path, `was changed: its SHA-256 is not the one in ${crateFiles.metadata}`);
    }
    return path.endsWith(".json") ? parsedJson(path, content) : null;
  };

  const studyDocument = await document(crateFiles.study);
  const made = layout.safeParse(studyDocument).data?.layout;
  if (made !== crateLayout) {
    throw refused(crateFiles.study, `has layout ${String(made)}; this version reads layout ${crateLayout}`);
  }
  const study = parsed(crateFiles.study, crateStudy, studyDocument);
  const spec = parsed(crateFiles.spec, z.looseObject({}), await document(crateFiles.spec));
  const environments = parsed(
    crateFiles.environments,
    crateEnvironments,
    await document(crateFiles.environments),
  );
  const contradiction = checkStudy(study, spec, environments);
  if (contradiction) throw refused(contradiction.file, contradiction.detail);

  const environmentIds = new Set(environments.map(({ id }) => id));
  const runOf = async (runId: string): Promise<CrateRun> => {
    const path = runFile(runId);
    const run = parsed(path, crateRun, await document(path));
    const wrong = checkRun(run, { runId, sweepId: study.sweep.id, environments: environmentIds });
    if (wrong !== null) throw refused(path, wrong);
    return run;
  };
  // Read twice, so that the transaction only starts for a whole archive, with one run at a time in memory.
  const runFiles = new Set(study.runIds.map(runFile));
  for (const runId of study.runIds) await runOf(runId);
  for (const path of digests.keys()) if (!runFiles.has(path)) await document(path);

  async function* runs(): AsyncGenerator<CrateRun> {
    for (const runId of study.runIds) yield await runOf(runId);
  }
  return { study, spec, environments, runs: runs() };
}
