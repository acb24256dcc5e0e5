import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { placeInStore, type StoredFile } from "@reprise/database";
import { problem } from "../http/problems.js";
import { chunksOf } from "../http/refused-body.js";

/**
 * Takes a file into the content-addressed store below `root` as it arrives. It has its place only when all of it is there
 * and has the SHA-256 that was promised; of one that breaks off, nothing stays.
 *
 * @throws {ProblemError} where it is larger than `limit` bytes, or other bytes than those promised
 */
export async function receiveFile(
  root: string,
  body: Readable,
  { sha256, limit }: { sha256: string; limit: number },
): Promise<StoredFile> {
  const incoming = join(root, "incoming", randomUUID());
  await mkdir(dirname(incoming), { recursive: true });
  // Opened before anything can fail: a stream that is ended while it opens would make the file after it was removed.
  const file = await open(incoming, "wx");
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    await pipeline(
      async function* () {
        for await (const chunk of chunksOf(body)) {
          bytes += chunk.length;
          if (bytes > limit) throw tooLarge(limit);
          hash.update(chunk);
          yield chunk;
        }
      },
      file.createWriteStream({ flush: true }),
    );
    const digest = hash.digest("hex");
    if (digest !== sha256)
      throw problem(
        "invalid-request",
        `The ${bytes} bytes that arrived have SHA-256 ${digest}, not the promised ${sha256}. Nothing was stored: send the file again.`,
      );
    const path = placeInStore(root, digest);
    await mkdir(dirname(path), { recursive: true });
    await rename(incoming, path);
    return { path, digest, bytes };
  } catch (error) {
    await rm(incoming, { force: true });
    throw error;
  }
}

/** What is said of one file too many, by number or by bytes; `used` is what the run has without it. */
export const tooMuch = (what: "files" | "bytes", used: number, limit: number) =>
  problem(
    "payload-too-large",
    `The files of a run may be ${limit} ${what} here (REPRISE_RUN_${what.toUpperCase()}_LIMIT of the server), and this run has ${used} without this one. It stays where it is.`,
  );

export const tooLarge = (limit: number) =>
  problem(
    "payload-too-large",
    `A file of a run may have ${limit} bytes here (REPRISE_FILE_LIMIT of the server). It stays where it is.`,
  );
