import type { partNames, Split } from "@reprise/contracts";
import type { CachedPictures } from "./cached-pictures.js";
import type { ImageBlocks } from "./image-blocks.js";

/** A data set in memory, all cases in an order that the files alone decide. A case's id is its place in that order. */
export type Dataset = {
  name: string;
  /** [features] of a table, [height, width, channels] of images. */
  inputShape: number[];
  classes: string[];
  /** Class that sensitivity is about; null where none is declared or there are more than two classes. */
  positiveClass: number | null;
  cases: number;
  /** In shared memory, raw values of a table [cases × features], or bytes of images (rows, columns, channels). */
  features: Float32Array | ImageBlocks;
  /** Byte of full brightness: 255 but for sets with fewer grey levels. Tables do not use it. */
  white: number;
  labels: Int32Array;
  /** What the source calls each case (a path, an index of the published order); null: row numbers. */
  caseNames: string[] | null;
  /** By grouping (`patient`, `photo`), the number of each case's group. */
  groups: Record<string, Int32Array>;
  /** By column (`sex`, `site`), what each case is of; absent where the set declares none. */
  subgroups?: Record<string, string[]>;
  /** Part of each case as its publishers divided the set (an index of `partNames`); null: they did not. */
  publishedParts: Uint8Array | null;
  /** SHA-256 over the source files. */
  digest: string;
  /** SHA-256 of the decoded bytes, which also depend on the decoder and the image size; null where nothing is decoded. */
  decodedDigest: string | null;
  /** What decoded and resized the images, with versions; null where nothing does. */
  decoder: string | null;
  /** Sentences that whoever reads a result must know (files missing against the published number). */
  remarks: string[];
};

/** A data set of images whose pixels are read when their turn comes. */
export type CachedDataset = Omit<Dataset, "features"> & { features: CachedPictures };

/** Told while a set is read: so much of so much, in a unit. */
export type Report = (done: number, total: number, unit: string) => void;

/** What a run asks of a set beyond its name. */
export type ReadOptions = {
  /** Side in pixels; null for the set's own size. */
  imageSize: number | null;
  report: Report;
  /** Gets sentences about what went wrong without stopping anything. */
  warn: (message: string) => void;
  /** Which images of a set are wanted; absent: all. Tables do not know it. */
  selection?: CaseSelection;
};

/** Some cases of a set, chosen before anything is decoded. */
export type CaseSelection = {
  /** One of the published parts; null for all cases. */
  part: (typeof partNames)[number] | null;
  /** At most so many, drawn evenly from all classes, always the same; null for no limit. */
  cases: number | null;
};

/** Where data are. */
export type DataFolders = {
  /** The bundled sets. */
  bundled: string;
  /** `REPRISE_DATA`; null where it is not set. */
  root: string | null;
  /** Where decoded sets are cached; null: nowhere. */
  cache: string | null;
};

export const fractions = (train: number, validation: number, test: number): Split => ({
  train,
  validation,
  test,
  seed: 1,
  groupBy: null,
});

/** Zeroed floats that all threads see. */
export const sharedFloats = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
