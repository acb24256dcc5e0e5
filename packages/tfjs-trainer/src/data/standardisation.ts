import type { EffectiveHyperparameters } from "../hyperparameters/table.js";
import { userError } from "../program/errors.js";
import type { Dataset } from "./datasets/dataset.js";
import { type ImageBlocks, imageAt } from "./datasets/image-blocks.js";

/** Means and standard deviations that are subtracted and divided by: one per feature of a table, one per channel of images. */
export type Scaling = {
  mean: number[];
  deviation: number[];
};

/** What scaling looks at. */
export type ScalingCases = Pick<Dataset, "name" | "inputShape" | "cases" | "features" | "white">;

/**
 * The scaling of a run: `inputMean` and `inputStd` where they are given (fractions of full brightness, one per channel, as
 * is usual for images), otherwise fitted. Throws a user error where they do not fit the data.
 */
export function scalingOf(
  dataset: ScalingCases,
  train: Int32Array,
  { inputMean, inputStd }: Pick<EffectiveHyperparameters, "inputMean" | "inputStd">,
): Scaling {
  if (inputMean === null && inputStd === null) return fitScaling(dataset, train);
  if (inputMean === null || inputStd === null)
    throw userError(
      "inputMean and inputStd belong together; one of them is missing.",
      "Set both, or neither.",
    );
  if (dataset.features instanceof Float32Array) {
    throw userError(
      `inputMean and inputStd would not be used: data set ${dataset.name} is a table.`,
      "Leave them out: tables are scaled per feature, fitted on the training cases.",
    );
  }
  const channels = dataset.inputShape[2] ?? 1;
  for (const [name, given] of Object.entries({ inputMean, inputStd })) {
    if (given.length !== channels) {
      throw userError(
        `${name} has ${given.length} numbers, and the images of ${dataset.name} have ${channels} channels.`,
        "Give one number per channel.",
      );
    }
  }
  return {
    mean: inputMean.map((value) => value * dataset.white),
    deviation: inputStd.map((value) => value * dataset.white),
  };
}

/**
 * Fits the scaling on the training cases only. Tables are scaled per feature; images per channel over all their pixels, so
 * that pixels that are always blank stay comparable. Deviations are population ones (divisor n); a constant feature keeps
 * deviation 1.
 */
export function fitScaling(dataset: ScalingCases, train: Int32Array): Scaling {
  const { features } = dataset;
  return features instanceof Float32Array
    ? fitTable({ ...dataset, features }, train)
    : fitImages({ ...dataset, features }, train);
}

function fitTable(
  { features, cases }: ScalingCases & { features: Float32Array },
  train: Int32Array,
): Scaling {
  const width = features.length / cases;
  const sums = new Float64Array(width);
  const squares = new Float64Array(width);
  const visit = (use: (feature: number, value: number) => void) => {
    for (const id of train) for (let f = 0; f < width; f++) use(f, features[id * width + f] as number);
  };
  visit((feature, value) => {
    sums[feature] = (sums[feature] as number) + value;
  });
  const mean = Array.from(sums, (sum) => sum / train.length);
  visit((feature, value) => {
    squares[feature] = (squares[feature] as number) + (value - (mean[feature] as number)) ** 2;
  });
  const deviation = Array.from(squares, (square) => (square === 0 ? 1 : Math.sqrt(square / train.length)));
  return { mean, deviation };
}

/** By counting bytes: whole numbers, so that no order of summation is in it. */
function fitImages(
  { features, inputShape }: ScalingCases & { features: ImageBlocks },
  train: Int32Array,
): Scaling {
  const channels = inputShape[2] ?? 1;
  const counts = new Float64Array(channels * 256);
  for (const id of train) {
    const image = imageAt(features, id);
    for (let at = 0; at < image.length; at += channels) {
      for (let c = 0; c < channels; c++) {
        const bin = c * 256 + (image[at + c] as number);
        counts[bin] = (counts[bin] as number) + 1;
      }
    }
  }
  const pixels = (train.length * features.imageBytes) / channels;
  const moments = Array.from({ length: channels }, (_, c) => {
    const own = counts.subarray(c * 256, (c + 1) * 256);
    const mean = own.reduce((sum, count, value) => sum + count * value, 0) / pixels;
    const square = own.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0);
    return { mean, deviation: square === 0 ? 1 : Math.sqrt(square / pixels) };
  });
  return { mean: moments.map(({ mean }) => mean), deviation: moments.map(({ deviation }) => deviation) };
}

/** Writes (value - mean) / deviation of every cell of a table into `target`, which is as long as the features. */
export function applyScaling(
  { features }: { features: Float32Array },
  { mean, deviation }: Scaling,
  target: Float32Array,
): void {
  const groups = mean.length;
  for (let i = 0; i < target.length; i++) {
    const group = i % groups;
    target[i] = ((features[i] as number) - (mean[group] as number)) / (deviation[group] as number);
  }
}
