import type { TensorInfo } from "@tensorflow/tfjs-core";
import { matMul } from "../../arithmetic/kernels/mat-mul.js";
import { floatView, type HostBackend } from "../../arithmetic/kernels/wasm-context.js";

/** How ranks share their features, and which part of the loss each computes; OpenCLIP's options of these names. */
export type RankOptions = {
  ranks: number;
  /** Pairs per rank. */
  rows: number;
  embedDim: number;
  /** Gradients flow through the gathered features, back to the ranks they came from. */
  gatherWithGrad: boolean;
  /** A rank computes the loss of its own rows against all features, instead of the whole matrix. */
  localLoss: boolean;
};

/** What one rank computes from the features of all, beside its gradients. */
export type RankLoss = {
  /** The rank's loss in nats; the mean over ranks is the loss of the batch. */
  loss: number;
  /** Gradient of (loss / ranks) towards the temperature parameter, whose exponential scales the logits. */
  logitScale: number;
  /** Rows of this rank whose image is nearest to its own text, or to an equal one. */
  hits: number;
};

export type RankFeatures = {
  /** Unit vectors of all ranks in rank order, [ranks · rows, embedDim]. */
  images: Float32Array;
  texts: Float32Array;
};

/** Largest factor of the logits, as published: the temperature parameter stays at or below its logarithm. */
export const maxScale = 100;

/** Rows `from` … `to - 1`. */
type Part = {
  from: number;
  to: number;
};

/**
 * Symmetric InfoNCE of one rank, as OpenCLIP's ClipLoss computes it: cross-entropy of images against all texts and of
 * texts against all images, their mean. Gradients of (loss / ranks) are written to `imageGradients` and `textGradients`,
 * [ranks · rows, embedDim] each, so that summing ranks gives what data parallelism's mean gives.
 *
 * Against the gradient of the global loss this means: gathered gradients with either loss give the same; the
 * whole matrix without gathered gradients the same direction, 1/ranks as long, but for the temperature, whose gradient is
 * whole; local loss without gathered gradients another direction, because a feature then counts as a query only.
 */
export function rankLoss(
  backend: HostBackend,
  { images, texts }: RankFeatures,
  given: RankOptions & {
    rank: number;
    logitScale: number;
    imageGradients: Float32Array;
    textGradients: Float32Array;
  },
): RankLoss {
  const { ranks, rows, embedDim, localLoss, rank, imageGradients, textGradients } = given;
  // A lone rank gathers nothing: its features are its own variables.
  const gatherWithGrad = given.gatherWithGrad || ranks === 1;
  const all = { from: 0, to: ranks * rows };
  const own = { from: rank * rows, to: (rank + 1) * rows };
  const queries = localLoss ? own : all;
  // Without gathering only a rank's own features are its variables; with a local loss even their gathered copies, which
  // serve as keys, are constants.
  const learnedKeys = gatherWithGrad ? all : localLoss ? null : own;
  const learnedQueries = gatherWithGrad || localLoss ? queries : own;
  imageGradients.fill(0);
  textGradients.fill(0);
  const count = queries.to - queries.from;
  const common = {
    backend,
    embedDim,
    own,
    queries,
    learnedQueries,
    learnedKeys,
    scale: Math.exp(given.logitScale),
    share: 1 / (2 * count * ranks),
  };
  const forImages = direction({ ...common, from: images, to: texts }, imageGradients, textGradients);
  const forTexts = direction({ ...common, from: texts, to: images }, textGradients, imageGradients);
  return {
    loss: (forImages.loss + forTexts.loss) / (2 * count),
    logitScale: forImages.slope + forTexts.slope,
    hits: forImages.hits,
  };
}

type Direction = {
  backend: HostBackend;
  embedDim: number;
  own: Part;
  queries: Part;
  learnedQueries: Part;
  learnedKeys: Part | null;
  scale: number;
  share: number;
  from: Float32Array;
  to: Float32Array;
};

/** One direction: every query row against all keys. Returns the summed loss and the gradient towards ln(scale). */
function direction(
  given: Direction,
  queryGradients: Float32Array,
  keyGradients: Float32Array,
): { loss: number; slope: number; hits: number } {
  const { backend, embedDim, queries, learnedQueries, learnedKeys, from, to } = given;
  const tensors: TensorInfo[] = [];
  const own = (tensor: TensorInfo) => {
    tensors.push(tensor);
    return tensor;
  };
  const matrix = (values: Float32Array, columns: number) =>
    own(backend.makeOutput([values.length / columns, columns], "float32", undefined, values));
  const rowsOf = (values: Float32Array, part: Part) =>
    values.subarray(part.from * embedDim, part.to * embedDim);
  const queryRows = matrix(rowsOf(from, queries), embedDim);
  const keyRows = matrix(to, embedDim);
  const cosines = own(matMul(backend, queryRows, keyRows, { transposeB: true }));
  // The cosines become gradients in place.
  const result = lossAndSlopes(floatView(backend, cosines), given);
  const towardsQueries = own(matMul(backend, cosines, keyRows));
  const first = (learnedQueries.from - queries.from) * embedDim;
  addTo(
    rowsOf(queryGradients, learnedQueries),
    floatView(backend, towardsQueries).subarray(first, first + rowsOf(from, learnedQueries).length),
  );
  if (learnedKeys) {
    const towardsKeys = own(matMul(backend, cosines, queryRows, { transposeA: true }));
    addTo(rowsOf(keyGradients, learnedKeys), rowsOf(floatView(backend, towardsKeys), learnedKeys));
  }
  for (const tensor of tensors) backend.disposeData(tensor.dataId);
  return result;
}

function addTo(target: Float32Array, values: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + (values[i] as number);
}

/** Turns cosines [queries, keys] into the gradients of (loss / ranks) towards them; sums in float64, row by row. */
function lossAndSlopes(
  cosines: Float32Array,
  { queries, own, scale, share }: Direction,
): { loss: number; slope: number; hits: number } {
  const keys = cosines.length / (queries.to - queries.from);
  let loss = 0;
  let slope = 0;
  let hits = 0;
  for (let query = queries.from, start = 0; query < queries.to; query++, start += keys) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let key = 0; key < keys; key++) {
      const cosine = cosines[start + key] as number;
      // NaN must stay NaN: a diverged run has to look diverged.
      if (!(cosine <= largest)) largest = cosine;
    }
    let total = 0;
    for (let key = 0; key < keys; key++)
      total += Math.exp(scale * ((cosines[start + key] as number) - largest));
    const right = cosines[start + query] as number;
    loss += scale * (largest - right) + Math.log(total);
    if (query >= own.from && query < own.to && right >= largest) hits += 1;
    for (let key = 0; key < keys; key++) {
      const cosine = cosines[start + key] as number;
      const probability = Math.exp(scale * (cosine - largest)) / total;
      const dLogit = (probability - (key === query ? 1 : 0)) * share;
      slope += dLogit * cosine * scale;
      cosines[start + key] = dLogit * scale;
    }
  }
  return { loss, slope, hits };
}
