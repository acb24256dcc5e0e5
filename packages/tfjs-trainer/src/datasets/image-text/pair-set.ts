import type { SplitCases } from "../../split.js";
import type { partNames, ReadOptions } from "../dataset.js";
import type { PictureFiles } from "./picture-files.js";

/** A question that is asked of a model without training it for it, on the images of another data set. */
export type ZeroShotQuestion = {
  /** Part of the metric names: `lc25000Lung` makes testLc25000LungAccuracy. */
  name: string;
  dataset: string;
  part: (typeof partNames)[number] | null;
  cases: number | null;
  /** Prompts with {c} for the words. */
  templates: string[];
  /** By class of the data set, the words that name it; several are averaged like templates. */
  labels: Record<string, string[]>;
};

/**
 * Images with a caption each. A case is a pair; an image with several captions is several cases, of one group `image`.
 * Nothing is decoded: pictures are when their turn comes.
 */
export interface PairSet extends SplitCases {
  cases: number;
  inputShape: number[];
  captions: string[];
  pictures: PictureFiles;
  /** SHA-256 over the files: images, and the table or the captions beside them. */
  digest: string;
  decoder: string;
  remarks: string[];
  questions: ZeroShotQuestion[];
}

/** How pairs are stored, whatever stores them. */
export type PairLoader = {
  /** Null when the files seem to be there, otherwise what to get and where to put it. */
  absence(): Promise<string | null>;
  /** Reads what pairs there are. Throws a user error naming file, line or member, and column of what is wrong. */
  list(report: ReadOptions["report"]): Promise<PairListing>;
};

export type PairListing = {
  /** Folder and files, relative to it, whose content decides the set. */
  folder: string;
  files: string[];
  pairs: Pair[];
  publishedParts: Uint8Array | null;
  remarks: string[];
  /** The error for a file of the list that is not there. */
  missing(file: string): Error;
};

export type Pair = {
  /** An image file relative to the folder, or the file that holds the image. */
  file: string;
  /** Where the image lies in the file; null: it is the file. */
  span: { offset: number; length: number } | null;
  /** What names the image: its path, or the key of its sample. */
  name: string;
  caption: string;
  groups: string[];
};
