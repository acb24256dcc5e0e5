import type { DatasetInfo, Split } from "@reprise/contracts";
import type { CachedDataset, Dataset, ReadOptions } from "./dataset.js";
import type { DeclaredQuestion, PairSet } from "./image-text/pair-set.js";

/** What can be said of a set without reading it. */
export type DatasetFacts = Pick<
  DatasetInfo,
  "name" | "title" | "description" | "citation" | "license" | "classes" | "positiveClass" | "groups"
> & {
  /** Columns by which results are shown apart; absent where there are none. */
  subgroups?: string[];
  /** As published; null where only the files tell. */
  cases: number | null;
  /** Native shape, or the one at a given image size. */
  inputShape: number[];
  defaultSplit: Split;
};

/** One data set: how to find, describe and read it. */
export type DatasetSource = {
  facts: DatasetFacts;
  /** Null when its files seem to be there (a quick look), otherwise what to get and where to put it. */
  absence(): Promise<string | null>;
  /** Content digest where it can be told without reading much; null otherwise. */
  digest(): Promise<string | null>;
  /** Reads it. Throws a user error for absent or damaged files, naming the file. */
  read(options: ReadOptions): Promise<Dataset>;
  /** The same set with its pixels in a file instead of in memory; null where none can be written. */
  readCached?(options: ReadOptions): Promise<CachedDataset | null>;
  /** A set of images with captions: its pairs, and what is asked of a model that was trained on them. */
  pairs?: { questions: DeclaredQuestion[]; read(options: ReadOptions): Promise<PairSet> };
};
