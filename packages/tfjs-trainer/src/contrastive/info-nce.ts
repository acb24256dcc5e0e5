/** How ranks share their features, and which part of the loss each computes; OpenCLIP's options of these names. */
export interface RankOptions {
  ranks: number;
  /** Pairs per rank. */
  rows: number;
  embedDim: number;
  /** Gradients flow through the gathered features, back to the ranks they came from. */
  gatherWithGrad: boolean;
  /** A rank computes the loss of its own rows against all features, instead of the whole matrix. */
  localLoss: boolean;
}

/** What one rank computes from the features of all: its loss and gradients towards every feature it lets through. */
export interface RankLoss {
  /** The rank's loss in nats; the mean over ranks is the loss of the batch. */
  loss: number;
  /** Gradient of (loss / ranks) towards the temperature parameter, whose exponential scales the logits. */
  logitScale: number;
  /** Rows of this rank whose image is nearest to its own text, or to an equal one. */
  hits: number;
}

export interface RankFeatures {
  /** Unit vectors of all ranks in rank order, [ranks · rows, embedDim]. */
  images: Float32Array;
  texts: Float32Array;
}

/** Largest factor of the logits, as published: the temperature parameter stays at or below its logarithm. */
export const largestScale = 100;

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
  const all = ranks * rows;
  const own = { from: rank * rows, to: (rank + 1) * rows };
  const queries = localLoss ? own : { from: 0, to: all };
  // Towards which keys the gradient goes: without gathering only a rank's own features are its variables, and with a local
  // loss the gathered copies stand for them as constants.
  const keys = gatherWithGrad ? { from: 0, to: all } : localLoss ? { from: 0, to: 0 } : own;
  const learnedQueries = gatherWithGrad || localLoss ? queries : own;
  const towardsImages = new Float64Array(imageGradients.length);
  const towardsTexts = new Float64Array(textGradients.length);
  const scale = Math.exp(given.logitScale);
  const share = 1 / (2 * (queries.to - queries.from) * ranks);
  const common = { own, embedDim, all, scale, share, queries, keys, learnedQueries };
  const forImages = direction(images, texts, towardsImages, towardsTexts, common);
  const forTexts = direction(texts, images, towardsTexts, towardsImages, common);
  imageGradients.set(towardsImages);
  textGradients.set(towardsTexts);
  return {
    loss: (forImages.loss + forTexts.loss) / (2 * (queries.to - queries.from)),
    logitScale: forImages.slope + forTexts.slope,
    hits: forImages.hits,
  };
}

interface Part {
  from: number;
  to: number;
}

/** One direction: every query row against all keys. Returns the summed loss and the gradient towards ln(scale). */
function direction(
  queryRows: Float32Array,
  keyRows: Float32Array,
  queryGradients: Float64Array,
  keyGradients: Float64Array,
  given: {
    own: Part;
    embedDim: number;
    all: number;
    scale: number;
    share: number;
    queries: Part;
    keys: Part;
    learnedQueries: Part;
  },
): { loss: number; slope: number; hits: number } {
  const { own, embedDim, all, scale, share, queries, keys, learnedQueries } = given;
  const cosines = new Float64Array(all);
  const towardsQuery = new Float64Array(embedDim);
  let loss = 0;
  let slope = 0;
  let hits = 0;
  for (let query = queries.from; query < queries.to; query++) {
    const start = query * embedDim;
    let largest = Number.NEGATIVE_INFINITY;
    for (let key = 0, at = 0; key < all; key++) {
      let cosine = 0;
      for (let d = 0; d < embedDim; d++, at++)
        cosine += (queryRows[start + d] as number) * (keyRows[at] as number);
      cosines[key] = cosine;
      if (!(cosine <= largest)) largest = cosine;
    }
    let total = 0;
    for (let key = 0; key < all; key++) total += Math.exp(scale * ((cosines[key] as number) - largest));
    loss += scale * (largest - (cosines[query] as number)) + Math.log(total);
    if (query >= own.from && query < own.to && (cosines[query] as number) >= largest) hits += 1;
    towardsQuery.fill(0);
    const learned = query >= learnedQueries.from && query < learnedQueries.to;
    for (let key = 0; key < all; key++) {
      const cosine = cosines[key] as number;
      const probability = Math.exp(scale * (cosine - largest)) / total;
      const dLogit = (probability - (key === query ? 1 : 0)) * share;
      slope += dLogit * cosine * scale;
      const at = key * embedDim;
      const factor = dLogit * scale;
      if (learned) {
        for (let d = 0; d < embedDim; d++)
          towardsQuery[d] = (towardsQuery[d] as number) + factor * (keyRows[at + d] as number);
      }
      if (key >= keys.from && key < keys.to) {
        for (let d = 0; d < embedDim; d++)
          keyGradients[at + d] = (keyGradients[at + d] as number) + factor * (queryRows[start + d] as number);
      }
    }
    if (!learned) continue;
    for (let d = 0; d < embedDim; d++)
      queryGradients[start + d] = (queryGradients[start + d] as number) + (towardsQuery[d] as number);
  }
  return { loss, slope, hits };
}
