import type { partNames } from "@reprise/contracts";
import type { SplitCases } from "../../split.js";
import type { PictureFiles } from "./picture-files.js";

/** A question that is asked of a model without training it for it, on the images of another data set. */
export type DeclaredQuestion = {
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
export type PairSet = SplitCases & {
  cases: number;
  inputShape: number[];
  captions: string[];
  pictures: PictureFiles;
  /** SHA-256 over the files: images, and the table or the captions beside them. */
  digest: string;
  decoder: string;
  remarks: string[];
  questions: DeclaredQuestion[];
};
