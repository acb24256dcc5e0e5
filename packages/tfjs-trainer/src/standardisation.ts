import type { Dataset } from "./datasets.js";

/** Means and standard deviations that were subtracted and divided by: one per feature, or one for all pixels. */
export interface Scaling {
  mean: number[];
  deviation: number[];
}

/**
 * Fits the scaling on the training cases only. Tables are scaled per feature; images by one mean and deviation over all
 * their pixels, so that pixels that are always blank stay comparable. Deviations are population ones (divisor n); a constant feature keeps
 * deviation 1.
 */
export function fitScaling(dataset: Dataset, train: Int32Array): Scaling {
  const width = dataset.features.length / dataset.cases;
  const groups = dataset.inputShape.length === 1 ? width : 1;
  const sums = new Float64Array(groups);
  const squares = new Float64Array(groups);
  const count = (train.length * width) / groups;
  const visit = (use: (group: number, value: number) => void) => {
    for (const id of train) {
      for (let f = 0; f < width; f++) use(f % groups, dataset.features[id * width + f] as number);
    }
  };
  visit((group, value) => {
    sums[group] = (sums[group] as number) + value;
  });
  const mean = Array.from(sums, (sum) => sum / count);
  visit((group, value) => {
    squares[group] = (squares[group] as number) + (value - (mean[group] as number)) ** 2;
  });
  const deviation = Array.from(squares, (square) => (square === 0 ? 1 : Math.sqrt(square / count)));
  return { mean, deviation };
}

/** Writes (value - mean) / deviation of every case into `target`, which is as long as the features. */
export function applyScaling(dataset: Dataset, { mean, deviation }: Scaling, target: Float32Array): void {
  const groups = mean.length;
  for (let i = 0; i < target.length; i++) {
    const group = i % groups;
    target[i] = ((dataset.features[i] as number) - (mean[group] as number)) / (deviation[group] as number);
  }
}
