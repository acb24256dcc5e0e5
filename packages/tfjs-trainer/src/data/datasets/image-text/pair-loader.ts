import type { ReadOptions } from "../dataset.js";

/** How pairs are stored, whatever stores them. */
export type PairLoader = {
  /** Null when the files seem to be there, otherwise what to get and where to put it. */
  absence(): Promise<string | null>;
  /** Reads what pairs there are. Throws a user error naming file, line or member, and column of what is wrong. */
  list(report: ReadOptions["report"]): Promise<PairListing>;
};

type PairListing = {
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
