import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson } from "@reprise/contracts";
import { z } from "zod";
import type { CachedPictures } from "./cached-pictures.js";
import type { Dataset, Report } from "./dataset.js";
import { megabytes } from "./files.js";
import { allocateImages, type ImageBlocks, stretchesOf } from "./image-blocks.js";

/**
 * Decoded image sets are cached on disk, so that only the first run of a sweep decodes. A cached set is found by what decides
 * it: content digest of the files, loader, shape and decoder; its own digest is checked whenever it is read, and a damaged
 * one is made again. Writing is atomic (rename), so that runs may do it at the same time.
 */
export type CacheKey = {
  name: string;
  decoder: string;
  digest: string;
  reading: string;
  shape: readonly number[];
};

export type DecodedContent = Pick<
  Dataset,
  | "inputShape"
  | "classes"
  | "positiveClass"
  | "labels"
  | "caseNames"
  | "groups"
  | "subgroups"
  | "publishedParts"
  | "remarks"
> & { features: ImageBlocks };

/** What is cached of a set beside its pixels. */
export type DecodedHead = Omit<DecodedContent, "features">;

const format = "reprise-decoded-1";
const chunk = 1 << 24;

const header = z.strictObject({
  format: z.literal(format),
  inputShape: z.array(z.int()),
  classes: z.array(z.string()),
  positiveClass: z.int().nullable(),
  labels: z.array(z.int()),
  caseNames: z.array(z.string()).nullable(),
  groups: z.record(z.string(), z.array(z.int())),
  subgroups: z.record(z.string(), z.array(z.string())).optional(),
  publishedParts: z.array(z.int()).nullable(),
  remarks: z.array(z.string()),
  /** SHA-256 of the pixels that follow the header. */
  decodedDigest: z.string(),
  imageBytes: z.int().min(1),
});

function fileOf(cache: string, key: CacheKey): string {
  const name = createHash("sha256")
    .update(canonicalJson({ ...key, shape: [...key.shape] }))
    .digest("hex")
    .slice(0, 24);
  return join(cache, `${key.name}-${key.shape.join("x")}-${name}.decoded`);
}

/** The content digest that was worked out for these very files before; null when they are new or changed. */
export async function cachedDigest(cache: string | null, stamp: string): Promise<string | null> {
  if (cache === null) return null;
  const text = await readFile(join(cache, "digests", stamp), "utf8").catch(() => "");
  return /^[0-9a-f]{64}$/.test(text) ? text : null;
}

/** Writes down the content digest of files, so that it is not worked out again while they stay as they are. */
export async function rememberDigest(cache: string | null, stamp: string, digest: string): Promise<void> {
  if (cache === null) return;
  await mkdir(join(cache, "digests"), { recursive: true });
  await writeWhole(join(cache, "digests", stamp), async (path) => writeFile(path, digest));
}

/** SHA-256 of decoded pixels. */
export async function digestOfPixels(features: ImageBlocks): Promise<string> {
  const hash = createHash("sha256");
  for (const bytes of stretchesOf(features, chunk)) {
    hash.update(bytes);
    await new Promise(setImmediate);
  }
  return hash.digest("hex");
}

async function writeWhole(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await write(part);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** Writes a decoded set, where there is a place for it. */
export async function cacheContent(
  cache: string | null,
  key: CacheKey,
  content: DecodedContent & { decodedDigest: string },
): Promise<void> {
  if (cache === null) return;
  const { features, ...head } = content;
  await writeWhole(fileOf(cache, key), async (path) => {
    const file = await open(path, "w");
    try {
      await file.writeFile(headerLine(head, features.imageBytes));
      for (const bytes of stretchesOf(features, chunk)) await file.writeFile(bytes);
    } finally {
      await file.close();
    }
  });
}

function headerLine(
  { labels, groups, publishedParts, ...rest }: DecodedHead & { decodedDigest: string },
  imageBytes: number,
): string {
  const head: z.infer<typeof header> = {
    format,
    ...rest,
    labels: [...labels],
    groups: Object.fromEntries(Object.entries(groups).map(([name, ids]) => [name, [...ids]])),
    publishedParts: publishedParts && [...publishedParts],
    imageBytes,
  };
  return `${JSON.stringify(head)}\n`;
}

/**
 * Writes a decoded set as its pixels come, all images in order; what is in memory is what `blocks` holds. Returns the digest of the
 * pixels and where they lie. Rejects with what went wrong in `blocks` or on the disk.
 */
export async function cacheBlocks(
  cache: string,
  key: CacheKey,
  { head, imageBytes, blocks }: { head: DecodedHead; imageBytes: number; blocks: AsyncIterable<Uint8Array> },
): Promise<{ decodedDigest: string; features: CachedPictures }> {
  const line = (decodedDigest: string) => headerLine({ ...head, decodedDigest }, imageBytes);
  // As long as the digest that is known in the end.
  const start = Buffer.byteLength(line("0".repeat(64)));
  const hash = createHash("sha256");
  let decodedDigest = "";
  await mkdir(cache, { recursive: true });
  await writeWhole(fileOf(cache, key), async (path) => {
    const file = await open(path, "w");
    try {
      let at = start;
      for await (const bytes of blocks) {
        hash.update(bytes);
        for (let written = 0; written < bytes.length; ) {
          const { bytesWritten } = await file.write(bytes, written, bytes.length - written, at + written);
          written += bytesWritten;
        }
        at += bytes.length;
      }
      decodedDigest = hash.digest("hex");
      await file.write(line(decodedDigest), 0);
    } finally {
      await file.close();
    }
  });
  return { decodedDigest, features: { path: fileOf(cache, key), start, imageBytes } };
}

/** A cached file that is found: its header, and where its pixels begin. */
async function openCached(cache: string | null, key: CacheKey) {
  if (cache === null) return null;
  const path = fileOf(cache, key);
  const file = await open(path, "r").catch(() => null);
  if (!file) return null;
  const { line, start } = await firstLine(file);
  const parsed = header.safeParse(parseJson(line));
  if (!parsed.success) {
    await file.close();
    return null;
  }
  const { labels, groups, publishedParts, imageBytes, format: _format, ...rest } = parsed.data;
  const head: DecodedHead & { decodedDigest: string } = {
    ...rest,
    labels: Int32Array.from(labels),
    groups: Object.fromEntries(Object.entries(groups).map(([name, ids]) => [name, Int32Array.from(ids)])),
    publishedParts: publishedParts && Uint8Array.from(publishedParts),
  };
  return { file, head, pictures: { path, start, imageBytes } };
}

/** Reads pixels into places, one after another, and says whether they are whole and have the digest of their header. */
async function readPixels(
  { file, head, pictures }: NonNullable<Awaited<ReturnType<typeof openCached>>>,
  places: Iterable<Uint8Array>,
  report: Report,
): Promise<boolean> {
  const total = head.labels.length * pictures.imageBytes;
  const hash = createHash("sha256");
  let done = 0;
  for (const bytes of places) {
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, pictures.start + done + at);
      if (bytesRead === 0) return false;
      at += bytesRead;
    }
    hash.update(bytes);
    done += bytes.length;
    report(megabytes(done), megabytes(total), "MB read");
  }
  return hash.digest("hex") === head.decodedDigest;
}

/** A set decoded before, read and checked; null when there is none or it is damaged. */
export async function cachedContent(
  cache: string | null,
  key: CacheKey,
  report: Report,
): Promise<(DecodedContent & { decodedDigest: string }) | null> {
  const found = await openCached(cache, key);
  if (!found) return null;
  try {
    const features = allocateImages(found.head.labels.length, found.pictures.imageBytes);
    const isWhole = await readPixels(found, stretchesOf(features, chunk), report);
    return isWhole ? { ...found.head, features } : null;
  } finally {
    await found.file.close();
  }
}

/** As `cachedContent`, but with where the pixels lie instead of themselves; they are checked all the same. */
export async function cachedPictures(
  cache: string | null,
  key: CacheKey,
  report: Report,
): Promise<(DecodedHead & { decodedDigest: string; features: CachedPictures }) | null> {
  const found = await openCached(cache, key);
  if (!found) return null;
  try {
    const isWhole = await readPixels(
      found,
      passing(found.head.labels.length * found.pictures.imageBytes),
      report,
    );
    return isWhole ? { ...found.head, features: found.pictures } : null;
  } finally {
    await found.file.close();
  }
}

/** One place for so many bytes, again and again. */
function* passing(total: number): Generator<Uint8Array> {
  const place = new Uint8Array(Math.min(chunk, total));
  for (let at = 0; at < total; at += chunk) yield place.subarray(0, Math.min(chunk, total - at));
}

async function firstLine(file: Awaited<ReturnType<typeof open>>): Promise<{ line: string; start: number }> {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1 << 20), 0, 1 << 20, at);
    if (bytesRead === 0) return { line: "", start: at };
    const read = buffer.subarray(0, bytesRead);
    const end = read.indexOf(10);
    parts.push(end < 0 ? read : read.subarray(0, end));
    if (end >= 0) return { line: Buffer.concat(parts).toString("utf8"), start: at + end + 1 };
    at += bytesRead;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
