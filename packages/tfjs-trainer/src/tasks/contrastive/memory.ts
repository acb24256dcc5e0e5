import { allocateImages, type ImageBlocks } from "../../data/datasets/image-blocks.js";
import { allocateMemory, floats, integers, type Memory } from "../../loop/memory.js";
import { windowRows } from "./places.js";
import type { ContrastivePlan, PairData } from "./plan.js";

/** Indices into `phase`, the board on which the coordinator writes what all threads do next. */
export const board = {
  /** Counts up with every phase; threads sleep on it. */
  generation: 0,
  kind: 1,
  step: 2,
  batchStart: 3,
  /** Threads that have done their share; the coordinator sleeps on it. */
  checkedIn: 4,
  /** Next ticket of the backward phase: ranks take one as they finish. */
  nextTicket: 5,
  /** Next chunk of an evaluation that nobody has taken, and the end of those that may be. */
  nextChunk: 6,
  chunksEnd: 7,
} as const;

/** The shared memory of a contrastive run. A rank is a shard of the training loop. */
export type ContrastiveMemory = Memory & {
  phase: Int32Array;
  /** Image and text features of all ranks in rank order, [ranks · rows, embedDim]: what an all-gather leaves. */
  imageFeatures: Float32Array;
  textFeatures: Float32Array;
  /** Per rank, the gradient of its loss towards all features, [ranks, ranks · rows, embedDim]: what a reduce-scatter takes. */
  imageGradients: Float32Array;
  textGradients: Float32Array;
  /** Per rank, the gradient towards the temperature. */
  scaleGradients: Float64Array;
  /** Bytes of all cases, or of the places of two batches where pictures are decoded when their turn comes. */
  pictures: ImageBlocks;
  /** Places of evaluated pictures that are decoded or read when their turn comes. */
  window: ImageBlocks;
  /** Pictures of other sets on which questions are asked; null where they have places in the window. */
  sets: (ImageBlocks | null)[];
  /** Rows of the token table, [texts, contextLength], and where each text ends. */
  texts: Int32Array;
  ends: Int32Array;
  /** Features of the evaluated pictures and of all texts that evaluation needs. */
  evaluatedImages: Float32Array;
  evaluatedTexts: Float32Array;
};

export function allocateContrastiveMemory(
  plan: ContrastivePlan,
  { pictures, sets, texts, ends }: PairData,
): ContrastiveMemory {
  const { ranks, rows, shape, evaluated, inputShape } = plan;
  const all = ranks * rows * shape.embedDim;
  const imageBytes = inputShape.reduce((a, b) => a * b, 1);
  return {
    ...allocateMemory(plan),
    phase: integers(Object.keys(board).length),
    imageFeatures: floats(all),
    textFeatures: floats(all),
    imageGradients: floats(ranks * all),
    textGradients: floats(ranks * all),
    scaleGradients: new Float64Array(new SharedArrayBuffer(8 * ranks)),
    pictures: pictures ?? allocateImages(2 * ranks * rows, imageBytes),
    window: allocateImages(pictures ? 0 : windowRows, imageBytes),
    sets,
    texts,
    ends,
    evaluatedImages: floats(evaluated.images * shape.embedDim),
    evaluatedTexts: floats(evaluated.texts.length * shape.embedDim),
  };
}
