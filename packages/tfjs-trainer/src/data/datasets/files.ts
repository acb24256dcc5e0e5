import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, sep } from "node:path";
import { userError } from "../../program/errors.js";
import type { Report } from "./dataset.js";

/** Plain comparison by code units: the same order on every machine and in every language setting. */
export const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;

export const imageFile = /\.(jpe?g|png|webp|tiff?|gif|bmp|avif)$/i;

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Paths of all files below a folder that match, relative to it, with `/`, sorted. Hidden files are left out. */
export async function filesBelow(folder: string, matching: RegExp): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".") && matching.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, "/"),
    )
    .filter((path) => !path.split("/").some((part) => part.startsWith(".")))
    .sort(byCodeUnit);
}

/** Calls `work` for every index below `count`, so many at a time; the first failure ends it. */
export async function inParallel(
  count: number,
  work: (index: number) => Promise<void>,
  width = availableParallelism() + 1,
): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < count && !failed) {
      const index = next;
      next += 1;
      try {
        await work(index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}

/** What a file system knows of files without reading them: enough to see that nothing changed since the last time. */
export async function stampOf(
  folder: string,
  files: readonly string[],
  missing: (file: string) => Error = (file) =>
    userError(`${join(folder, file)} is missing.`, "Unpack the data set again."),
): Promise<{ stamp: string; bytes: number }> {
  const lines = new Array<string>(files.length);
  let bytes = 0;
  await inParallel(
    files.length,
    async (i) => {
      const file = files[i] ?? "";
      const { size, mtimeMs } = await stat(join(folder, file)).catch(() => {
        throw missing(file);
      });
      lines[i] = `${size} ${mtimeMs} ${file}`;
      bytes += size;
    },
    32,
  );
  const stamp = createHash("sha256")
    .update(`${folder}\n${lines.join("\n")}`)
    .digest("hex");
  return { stamp, bytes };
}

async function sha256OfFile(path: string, onBytes: (count: number) => void): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    onBytes(chunk.length);
  }
  return hash.digest("hex");
}

/**
 * Content digest of a set of files: SHA-256 over lines of `sha256sum` (`<digest>  <path>`), sorted by path, so that it can be
 * worked out without Reprise: `LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum` over the same relative paths.
 */
export async function contentDigest(
  folder: string,
  files: readonly string[],
  { bytes, report }: { bytes: number; report: Report },
): Promise<string> {
  const lines = new Array<string>(files.length);
  let done = 0;
  await inParallel(files.length, async (i) => {
    const file = files[i] ?? "";
    const digest = await sha256OfFile(join(folder, file), (count) => {
      done += count;
    });
    lines[i] = `${digest}  ${file}\n`;
    report(megabytes(done), megabytes(bytes), "MB hashed");
  });
  return createHash("sha256").update(lines.join("")).digest("hex");
}
