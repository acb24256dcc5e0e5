import type { ImageBlocks } from "../../data/datasets/image-blocks.js";
import type { Dataset } from "../../data/datasets.js";

/** A data set of images. */
export type PictureSet = Dataset & { features: ImageBlocks };

/** A question that is asked of a model without training it for it. */
export type Question = {
  /** Part of the metric names: `digit` makes testDigitAccuracy. */
  name: string;
  classes: string[];
  /** Per class, the words that name it; several are averaged like templates. */
  labels: string[][];
  positiveClass: number | null;
  /** Prompts with {c} for the words. */
  templates: string[];
  /** Class of every case. */
  truth: number[];
};

/** What makes a data set of pictures one of image-text pairs. */
export type ImageTextPairs = {
  /** Captions per case; the same number for all. Every presentation of a pair draws one. */
  captions: string[][];
  questions: Question[];
  disclosures: string[];
};
