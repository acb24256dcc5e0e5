import { draws, type StreamKey } from "../arithmetic/streams.js";
import { type AugmentationOptions, augments, createAugmenter } from "../data/augmentation/augment.js";
import { type ImageBlocks, imageAt } from "../data/datasets/image-blocks.js";
import type { Scaling } from "../data/standardisation.js";

/** What turns stored cases into a network's input; plain data. */
export type InputPlan = {
  hyper: AugmentationOptions;
  inputShape: readonly number[];
  scaling: Scaling;
  /** Byte of full brightness. */
  white: number;
  keys: { augmentation: StreamKey };
};

/**
 * Writes the inputs of cases, [rows × size of inputShape]. Images are stored as bytes, a quarter of what floats take, and are
 * normalised as they are used; tables are stored scaled.
 */
export type InputReader = {
  /**
   * Augmented, where the run asks for it: a function of (seed, epoch, case), whatever thread asks. `place` is where the
   * case is stored, if not at its id.
   */
  training(id: number, epoch: number, target: Float32Array, place?: number): void;
  /** As it is. */
  evaluation(id: number, target: Float32Array): void;
};

/** `features`: images, or the scaled numbers of a table, all cases one after another. */
export function createInputReader(plan: InputPlan, features: Float32Array | ImageBlocks): InputReader {
  const width = plan.inputShape.reduce((a, b) => a * b, 1);
  if (features instanceof Float32Array) {
    const copy = (id: number, target: Float32Array) =>
      target.set(features.subarray(id * width, (id + 1) * width));
    return { evaluation: copy, training: (id, _epoch, target, place = id) => copy(place, target) };
  }
  const { hyper, scaling, white } = plan;
  const [height = 1, columns = 1, channels = 1] = plan.inputShape;
  const table = byteTable(scaling);
  const evaluation = (id: number, target: Float32Array) => {
    const image = imageAt(features, id);
    for (let i = 0; i < width; i += channels)
      for (let c = 0; c < channels; c++) target[i + c] = table[c * 256 + (image[i + c] as number)] as number;
  };
  if (!augments(hyper))
    return { evaluation, training: (id, _epoch, target, place = id) => evaluation(place, target) };
  const augment = createAugmenter(hyper, { frame: { height, width: columns, channels }, white });
  const { mean, deviation } = scaling;
  return {
    evaluation,
    training(id, epoch, target, place = id) {
      augment(imageAt(features, place), target, draws(plan.keys.augmentation, epoch, id));
      for (let c = 0; c < channels; c++) {
        const own = mean[c] as number;
        const divisor = deviation[c] as number;
        for (let i = c; i < width; i += channels) target[i] = ((target[i] as number) - own) / divisor;
      }
    },
  };
}

/** [channels × 256]: the normalised value of every byte. */
function byteTable({ mean, deviation }: Scaling): Float32Array {
  const table = new Float32Array(mean.length * 256);
  for (let i = 0; i < table.length; i++) {
    const channel = Math.floor(i / 256);
    table[i] = ((i % 256) - (mean[channel] as number)) / (deviation[channel] as number);
  }
  return table;
}
