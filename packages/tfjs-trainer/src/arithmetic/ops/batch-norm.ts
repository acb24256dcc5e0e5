import type { TensorInfo } from "@tensorflow/tfjs-core";
import { dimension, floatView } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";
import { columnMoments, combineColumns, gradientSums, passWherePositive, scaleAndShift } from "./columns.js";

/**
 * The normalised values and the statistics they were normalised by, [channels] each; the variance is the biased one.
 * The statistics live as long as the tape.
 */
export type BatchNormResult = {
  y: Value;
  mean: Float64Array;
  variance: Float64Array;
};

/**
 * Batch normalisation over all axes but the last from the statistics of the given rows (Ioffe & Szegedy 2015), then a
 * ReLU if asked for. Sums run in a fixed order in float64: about ten ops less than the composition, and the same to the
 * last bit whoever runs it.
 * Shapes: x [..., channels], gamma and beta [channels].
 */
export function batchNorm(
  tape: Tape,
  x: Value,
  { gamma, beta, epsilon, relu }: { gamma: Value; beta: Value; epsilon: number; relu: boolean },
): BatchNormResult {
  const { backend } = tape;
  const { shape } = x.tensor;
  const channels = dimension(shape, -1);
  const y = backend.makeOutput(shape, "float32");
  const xs = floatView(backend, x.tensor);
  const mean = tape.numbers(channels);
  const variance = tape.numbers(channels);
  columnMoments(xs, mean, variance);
  const inverse = tape.numbers(channels);
  const slope = tape.numbers(channels);
  const shift = tape.numbers(channels);
  const gammas = floatView(backend, gamma.tensor);
  const betas = floatView(backend, beta.tensor);
  for (let c = 0; c < channels; c++) {
    const inv = 1 / Math.sqrt((variance[c] as number) + epsilon);
    const factor = inv * (gammas[c] as number);
    inverse[c] = inv;
    slope[c] = factor;
    shift[c] = (betas[c] as number) - (mean[c] as number) * factor;
  }
  scaleAndShift(xs, floatView(backend, y), { slope, shift, relu });

  const result = tape.record(y, [x, gamma, beta], (dyTensor) => {
    const dx = backend.makeOutput(shape, "float32");
    const dgamma = backend.makeOutput([channels], "float32");
    const dbeta = backend.makeOutput([channels], "float32");
    const views = {
      xs: floatView(backend, x.tensor),
      dys: floatView(backend, dyTensor),
      dxs: floatView(backend, dx),
    };
    if (relu) {
      passWherePositive(floatView(backend, y), views.dys, views.dxs);
      views.dys = views.dxs;
    }
    const sumDy = tape.numbers(channels);
    const sumDyDeviation = tape.numbers(channels);
    gradientSums(views, { mean, sumDy, sumDyDeviation });
    // dx = slope · (dy - mean(dy) - normal · mean(dy · normal)), with the means folded into one factor and one offset.
    const rows = views.xs.length / channels;
    const [factor, offset] = [tape.numbers(channels), tape.numbers(channels)];
    const scales = floatView(backend, dgamma);
    for (let c = 0; c < channels; c++) {
      const inv = inverse[c] as number;
      const perRow = (slope[c] as number) / rows;
      const f = -perRow * (sumDyDeviation[c] as number) * inv * inv;
      factor[c] = f;
      offset[c] = -f * (mean[c] as number) - perRow * (sumDy[c] as number);
      scales[c] = (sumDyDeviation[c] as number) * inv;
    }
    floatView(backend, dbeta).set(sumDy);
    combineColumns(views, { slope, factor, offset });
    tape.give(x, dx);
    tape.give(gamma, dgamma);
    tape.give(beta, dbeta);
  });
  return { y: result, mean, variance };
}

/** The same normalisation with given statistics, for evaluation; not differentiable. */
export function batchNormInference(
  tape: Tape,
  x: Value,
  given: {
    gamma: Value;
    beta: Value;
    mean: TensorInfo;
    variance: TensorInfo;
    epsilon: number;
    relu: boolean;
  },
): Value {
  const { backend } = tape;
  const y = backend.makeOutput(x.tensor.shape, "float32");
  const numbers = (tensor: TensorInfo) => Float64Array.from(floatView(backend, tensor));
  const gammas = numbers(given.gamma.tensor);
  const betas = numbers(given.beta.tensor);
  const means = numbers(given.mean);
  const slope = numbers(given.variance).map((v, c) => (gammas[c] as number) / Math.sqrt(v + given.epsilon));
  const shift = means.map((mean, c) => (betas[c] as number) - mean * (slope[c] as number));
  scaleAndShift(floatView(backend, x.tensor), floatView(backend, y), { slope, shift, relu: given.relu });
  return tape.constant(tape.own(y));
}
