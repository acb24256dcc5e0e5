import { freemem, totalmem } from "node:os";
import { canonicalJson } from "@reprise/contracts";
import { TrainerError, userError } from "../../program/errors.js";
import {
  type CacheKey,
  cacheBlocks,
  cacheContent,
  cachedContent,
  cachedDigest,
  cachedPictures,
  type DecodedHead,
  digestOfPixels,
  rememberDigest,
} from "./cache.js";
import { chosenCases } from "./case-selection.js";
import type { ReadOptions } from "./dataset.js";
import type { DatasetFacts, DatasetSource } from "./dataset-source.js";
import { decoderVersion, type ImageShape, type Place } from "./decode-images.js";
import { byCodeUnit, contentDigest, stampOf } from "./files.js";
import { allocateImages, imageAt } from "./image-blocks.js";

/** What the files say of an image set before any pixel is decoded. */
export type ImageListing = {
  classes: string[];
  positiveClass: number | null;
  labels: Int32Array;
  /** One name per case. */
  names: string[];
  /** By grouping, the group of each case. */
  groups: Record<string, string[]>;
  /** By column, what each case is of; absent where the set declares none. */
  subgroups?: Record<string, string[]>;
  publishedParts: Uint8Array | null;
  remarks: string[];
  /** Writes the pixels of cases, in ascending order of their ids, to their places, height × width × channels bytes each. */
  decode(
    ids: Int32Array,
    to: { place: Place; shape: ImageShape; report: ReadOptions["report"] },
  ): Promise<void>;
};

/**
 * One way of storing images. Everything around it, digest, memory, progress and caching what was decoded, is the same for
 * all (`imageSource`).
 */
export type ImageLoader = {
  /** All that decides how the same files are read: version of the loader, declarations. Part of the key of cached results. */
  reading: string;
  channels: 1 | 3;
  /** Side of the images where all have one; null: the run or the set's declaration must name it. */
  nativeSize: number | null;
  /** Null when the files seem to be there, otherwise what to get and where to put it. */
  absence(): Promise<string | null>;
  /** Folder and files, relative to it, whose content decides the set. Throws a user error when some are absent. */
  locate(): Promise<{ folder: string; files: string[] }>;
  /** Reads all but pixels. Throws a user error naming a damaged file. */
  list(located: { folder: string; files: string[] }): Promise<ImageListing>;
};

export type ImageFacts = Omit<DatasetFacts, "inputShape">;

/** A data set of images from the way they are stored. */
export function imageSource(facts: ImageFacts, loader: ImageLoader, cache: string | null): DatasetSource {
  const { nativeSize, channels } = loader;
  return {
    facts: { ...facts, inputShape: nativeSize === null ? [] : [nativeSize, nativeSize, channels] },
    absence: () => loader.absence(),
    // Looking whether anything changed would mean asking the file system about every image.
    digest: async () => null,
    async read(options) {
      const { key, located, notCached } = await identified(options);
      const found = await cachedContent(cache, key, options.report);
      if (found) return complete(key, found);
      const { listing, ids, head, shape } = await described(key, located, options);
      const [side, , channels] = shape;
      refuseTooLarge({ name: facts.name, cases: ids.length, side, channels });
      const features = allocateImages(ids.length, side * side * channels);
      await listing.decode(ids, {
        place: (index) => imageAt(features, index),
        shape,
        report: options.report,
      });
      const content = { ...head, features, decodedDigest: await digestOfPixels(features) };
      await cacheContent(cache, key, content).catch(notCached);
      return complete(key, content);
    },
    async readCached(options) {
      if (cache === null) return null;
      const { key, located, notCached } = await identified(options);
      const found = await cachedPictures(cache, key, options.report);
      if (found) return complete(key, found);
      const { listing, ids, head, shape } = await described(key, located, options);
      const blocks = decodedBlocks(listing, ids, { shape, report: options.report });
      try {
        const imageBytes = shape[0] * shape[1] * shape[2];
        const content = { ...head, ...(await cacheBlocks(cache, key, { head, imageBytes, blocks })) };
        return complete(key, content);
      } catch (error) {
        if (error instanceof TrainerError) throw error;
        notCached(error);
        return null;
      }
    },
  };

  /** Which content at which size is wanted, by the files as they are. */
  async function identified({ imageSize, report, warn, selection }: ReadOptions) {
    const absent = await loader.absence();
    if (absent !== null) throw userError(`Data set ${facts.name} is not here.`, absent);
    const side = imageSize ?? nativeSize;
    if (side === null) {
      throw userError(
        `The images of ${facts.name} may have any size, and none was asked for.`,
        "Set the hyperparameter imageSize, for example 64.",
      );
    }
    const notCached = (error: unknown) =>
      warn(
        `Decoded images of ${facts.name} cannot be kept for later runs: ${error instanceof Error ? error.message : error}. Set REPRISE_CACHE to a folder that can be written.`,
      );
    const located = await loader.locate();
    located.files.sort(byCodeUnit);
    const { stamp, bytes } = await stampOf(located.folder, located.files);
    let digest = await cachedDigest(cache, stamp);
    if (digest === null) {
      digest = await contentDigest(located.folder, located.files, { bytes, report });
      await rememberDigest(cache, stamp, digest).catch(notCached);
    }
    const key: CacheKey = {
      name: facts.name,
      decoder: await decoderVersion(),
      digest,
      reading: selection ? `${loader.reading} ${canonicalJson(selection)}` : loader.reading,
      shape: [side, side, channels],
    };
    return { key, located, notCached };
  }

  /** All but pixels of the wanted cases. */
  async function described(
    { shape: [side = 0] }: CacheKey,
    located: Awaited<ReturnType<ImageLoader["locate"]>>,
    { selection }: ReadOptions,
  ) {
    const listing = await loader.list(located);
    const ids = chosenCases(facts.name, listing, selection);
    const of = <T>(all: readonly T[]): T[] => Array.from(ids, (id) => all[id] as T);
    const shape: ImageShape = [side, side, channels];
    const head: DecodedHead = {
      inputShape: [...shape],
      classes: listing.classes,
      positiveClass: listing.positiveClass,
      labels: ids.map((id) => listing.labels[id] ?? -1),
      caseNames: of(unique(listing.names)),
      groups: Object.fromEntries(
        Object.entries(listing.groups).map(([name, groups]) => [name, numbered(of(groups))]),
      ),
      subgroups: Object.fromEntries(
        Object.entries(listing.subgroups ?? {}).map(([name, values]) => [name, of(values)]),
      ),
      publishedParts: listing.publishedParts && Uint8Array.from(of([...listing.publishedParts])),
      remarks: withPublishedNumber(facts, listing.labels.length, listing.remarks),
    };
    return { listing, ids, head, shape };
  }
}

/** Images that are decoded at a time where all of them need not be in memory, and the bytes that they may take. */
const blockImages = 1024;
const blockBytes = 2 ** 28;

/** The pixels of cases, in order, a block after another in the same place. */
async function* decodedBlocks(
  listing: ImageListing,
  ids: Int32Array,
  { shape, report }: { shape: ImageShape; report: ReadOptions["report"] },
): AsyncGenerator<Uint8Array> {
  const imageBytes = shape[0] * shape[1] * shape[2];
  const length = Math.max(1, Math.min(blockImages, Math.floor(blockBytes / imageBytes), ids.length));
  const block = new Uint8Array(length * imageBytes);
  for (let from = 0; from < ids.length; from += length) {
    const wanted = ids.slice(from, from + length);
    await listing.decode(wanted, {
      place: (index) => block.subarray(index * imageBytes, (index + 1) * imageBytes),
      shape,
      report: (done, _, unit) => report(from + done, ids.length, unit),
    });
    yield block.subarray(0, wanted.length * imageBytes);
  }
}

const complete = <Content extends DecodedHead & { decodedDigest: string }>(
  { name, digest, decoder }: CacheKey,
  content: Content,
) => ({ name, digest, decoder, white: 255, cases: content.labels.length, ...content });

/** Names that tell cases apart: an image that is listed twice gets a number. */
function unique(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
}

/** Groups by number, in order of first appearance. */
export function numbered(ids: readonly string[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(ids, (id) => {
    const known = numbers.get(id) ?? numbers.size;
    numbers.set(id, known);
    return known;
  });
}

function withPublishedNumber(
  { name, cases: published }: ImageFacts,
  cases: number,
  remarks: string[],
): string[] {
  if (published === null || published === cases) return remarks;
  return [`${name} was published with ${published} images; ${cases} are here.`, ...remarks];
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Throws an error that says what the images take, what there is, and what would do. */
export function refuseTooLarge(
  { name, cases, side, channels }: { name: string; cases: number; side: number; channels: number },
  memory: { total: number; free: number } = { total: totalmem(), free: freemem() },
): void {
  const bytes = cases * side * side * channels;
  const need = `${cases} images of ${side} × ${side} × ${channels} take ${gibibytes(bytes)}`;
  if (bytes > memory.total) {
    const largest = Math.floor(Math.sqrt(memory.total / 2 / cases / channels));
    throw userError(
      `Data set ${name} is larger than this machine: ${need} of memory, and it has ${gibibytes(memory.total)}.`,
      `Set imageSize, for example to ${largest}, or use a machine with more memory.`,
    );
  }
  if (bytes > memory.free) {
    throw new TrainerError(
      "infrastructure",
      `Data set ${name} does not fit into memory now: ${need}, and ${gibibytes(memory.free)} are free.`,
      "Set a smaller imageSize, run fewer trainings at once, or use a machine with more memory.",
    );
  }
}
