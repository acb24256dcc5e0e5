import { createHash } from "node:crypto";
import { constants, createWriteStream } from "node:fs";
import { access, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { placeInStore, type StoredFile } from "@reprise/database";

/**
 * Moves a file (a checkpoint, final weights) into the content-addressed store below `root` and says where it is.
 * Workers that share `root` can resume each other's runs and evaluate each other's weights.
 */
export async function storeFile(root: string, path: string): Promise<StoredFile> {
  const incoming = join(root, "incoming");
  await mkdir(incoming, { recursive: true });
  const incomingFile = join(incoming, `${process.pid}-${performance.now()}`);
  try {
    await moveFile(path, incomingFile);
    const hash = createHash("sha256");
    await pipeline(await readingItself(incomingFile), hash);
    const digest = hash.digest("hex");
    const { size: bytes } = await stat(incomingFile);
    const stored = placeInStore(root, digest);
    await mkdir(dirname(stored), { recursive: true });
    await rename(incomingFile, stored);
    return { path: stored, digest, bytes };
  } catch (error) {
    await rm(incomingFile, { force: true });
    throw error;
  }
}

/** The content of a file that is no link: who wrote it may have put one in its place meanwhile. */
async function readingItself(path: string): Promise<Readable> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  return file.createReadStream();
}

async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch {
    // Another file system.
    await pipeline(await readingItself(from), createWriteStream(to, { flags: "wx" }));
    await rm(from, { force: true });
  }
}

/** Whether a stored file is here with all its bytes: what a machine without power leaves may be shorter. */
export async function fileIsWhole(path: string, bytes: number | null): Promise<boolean> {
  if (!(await fileIsHere(path))) return false;
  return bytes === null || (await stat(path)).size === bytes;
}

/** Whether a stored file can be read on this machine. */
export async function fileIsHere(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
