import { closeSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import type { ForeignWarning } from "@reprise/contracts";

/** What a reader may take: files in a folder, bytes of a text that is read whole, or that one packed file becomes, points of all runs together. */
export type Limits = { files: number; textBytes: number; unpackedBytes: number; points: number };
export const usualLimits: Limits = {
  files: 3_000_000,
  textBytes: 512 * 2 ** 20,
  unpackedBytes: 8 * 2 ** 30,
  points: 60_000_000,
};

/** A folder or file that is read: its files by their path below it, and what could not be read. */
export type Reading = {
  /** Absolute folder; of a single file, the one it lies in. */
  root: string;
  /** Paths below the root with `/`, sorted by name. */
  files: readonly string[];
  /** Whether a path is one of them. */
  has: (path: string) => boolean;
  /** Name of the folder or file itself, for runs that lie in it directly. */
  name: string;
  limits: Limits;
  warnings: ForeignWarning[];
};

export class UnreadableSource extends Error {}

const faultsOfMachine = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "ENOMEM"]);

/** Whether an error is this machine's (a full disk, too many open files) or this program's, and says nothing of a file. */
export const isNoFilesFault = (error: unknown): boolean =>
  error instanceof TypeError ||
  error instanceof ReferenceError ||
  (error instanceof Error && "code" in error && faultsOfMachine.has(String(error.code)));

export const warn = (reading: Reading, file: string, reason: string) => {
  reading.warnings.push({ file, reason });
};

/** Inner parts of a path, `.` left out. */
export const folderOf = (path: string) => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");
export const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
export const pathIn = (reading: Reading, path: string) => join(reading.root, path);
const below = (folder: string, path: string) => (folder === "" ? path : `${folder}/${path}`);

/** Folders that hold no runs and may hold very many files. */
const leftOut = new Set(["node_modules", ".git", "__pycache__", ".ipynb_checkpoints"]);
/** W&B's own links to logs of its own: no run is in them, and every run has some. */
const logsOfWandb = /(^|\/)debug(-core|-internal)?\.log$/;
const deepest = 32;

/**
 * Lists a folder (or takes one file). A link that leads out of the folder is not followed and is named in the warnings; one that
 * stays inside leads to a file that is listed anyway.
 * @throws UnreadableSource when there is no such path.
 */
export function openReading(path: string, limits: Limits = usualLimits): Reading {
  let given: string;
  try {
    given = realpathSync(path);
  } catch {
    throw new UnreadableSource(`${path}: there is no such file or folder`);
  }
  const what = statSync(given);
  const isFolder = what.isDirectory();
  if (!isFolder && !what.isFile()) throw new UnreadableSource(`${path} is neither a file nor a folder`);
  const root = isFolder ? given : dirname(given);
  const reading: Reading = { root, files: [], has: () => false, name: basename(given), limits, warnings: [] };
  const listing = (files: string[]): Reading => {
    const known = new Set(files);
    return { ...reading, files, has: (file) => known.has(file) };
  };
  if (!isFolder) return listing([basename(given)]);
  const files: string[] = [];
  const walk = (folder: string, depth: number) => {
    let entries: ReturnType<typeof listed>;
    try {
      entries = listed(join(root, folder));
    } catch (error) {
      warn(reading, folder, `cannot be opened (${error instanceof Error ? error.message : error})`);
      return;
    }
    for (const entry of entries) {
      const inner = below(folder, entry.name);
      if (entry.isSymbolicLink()) {
        const target = targetOf(join(root, inner));
        const leadsOut = target !== null && relative(root, target).split(sep)[0] === "..";
        if (leadsOut && !logsOfWandb.test(inner)) {
          warn(reading, inner, "is a link that leads out of the folder: not followed");
        }
      } else if (entry.isDirectory()) {
        if (leftOut.has(entry.name)) continue;
        if (depth === deepest) warn(reading, inner, `lies more than ${deepest} folders deep: not read`);
        else walk(inner, depth + 1);
      } else if (entry.isFile()) {
        if (files.length >= limits.files) {
          throw new UnreadableSource(
            `${path} holds more than ${limits.files} files: name a folder inside it that holds the runs`,
          );
        }
        files.push(inner);
      }
    }
  };
  walk("", 0);
  return listing(files);
}

const listed = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));

function targetOf(link: string): string | null {
  try {
    return realpathSync(link);
  } catch {
    return null;
  }
}

/** A text file, without the mark that some programs put before it; null, with a warning, for one that cannot be read whole. */
export function textOf(reading: Reading, file: string): string | null {
  try {
    const { size } = statSync(pathIn(reading, file));
    if (size > reading.limits.textBytes) {
      const megabytes = Math.round(reading.limits.textBytes / 2 ** 20);
      warn(reading, file, `has ${Math.round(size / 2 ** 20)} MB; up to ${megabytes} MB are read as one text`);
      return null;
    }
    const text = readFileSync(pathIn(reading, file), "utf8");
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  } catch (error) {
    if (isNoFilesFault(error)) throw error;
    warn(reading, file, `cannot be read (${error instanceof Error ? error.message : error})`);
    return null;
  }
}

/** The first bytes of a file; empty where it cannot be opened. */
export function headOf(reading: Reading, file: string, bytes = 4096): Buffer {
  let opened: number;
  try {
    opened = openSync(pathIn(reading, file), "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const head = Buffer.alloc(bytes);
    return head.subarray(0, readSync(opened, head, 0, bytes, 0));
  } catch {
    return Buffer.alloc(0);
  } finally {
    closeSync(opened);
  }
}
