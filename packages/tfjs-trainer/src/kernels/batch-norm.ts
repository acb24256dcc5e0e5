import { type KernelFunc, registerGradient, registerKernel, type Tensor } from "@tensorflow/tfjs-core";
import {
  dimension,
  floatView,
  input,
  runOp,
  runOps,
  savedTensor,
  sizeOf,
  wasmBackend,
} from "./wasm-context.js";

export const batchNormKernel = "RepriseBatchNorm";
const gradientKernel = "RepriseBatchNormGradient";

/** Results of {@link batchNorm}; the statistics are [channels], the variance is the biased one. */
export interface BatchNormResult {
  y: Tensor;
  mean: Tensor;
  variance: Tensor;
}

/**
 * Batch normalisation over all axes but the last from the statistics of the given rows (Ioffe & Szegedy 2015), with
 * an optional ReLU behind it. One kernel instead of about ten ops; all sums run in a fixed order in float64.
 * Shapes: x [..., channels], gamma and beta [channels]. Statistics carry no gradient.
 */
export function batchNorm(
  x: Tensor,
  { gamma, beta, epsilon, relu }: { gamma: Tensor; beta: Tensor; epsilon: number; relu: boolean },
): BatchNormResult {
  const [y, mean, , variance] = runOps(batchNormKernel, { x, gamma, beta }, { epsilon, relu });
  if (!y || !mean || !variance) throw new Error(`${batchNormKernel} returned too few tensors.`);
  return { y, mean, variance };
}

const forward: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const channels = dimension(x.shape, -1);
  const rows = sizeOf(x.shape) / channels;
  const epsilon = Number(args.attrs?.epsilon);
  const floor = args.attrs?.relu ? 0 : Number.NEGATIVE_INFINITY;
  const y = backend.makeOutput(x.shape, "float32");
  const mean = backend.makeOutput([channels], "float32");
  const inverseDeviation = backend.makeOutput([channels], "float32");
  const variance = backend.makeOutput([channels], "float32");

  const xs = floatView(backend, x);
  const gammas = floatView(backend, input(args, "gamma"));
  const betas = floatView(backend, input(args, "beta"));
  const means = new Float64Array(channels);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < channels; c++, i++) means[c] = (means[c] as number) + (xs[i] as number);
  }
  for (let c = 0; c < channels; c++) means[c] = (means[c] as number) / rows;
  const squares = new Float64Array(channels);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < channels; c++, i++) {
      const deviation = (xs[i] as number) - (means[c] as number);
      squares[c] = (squares[c] as number) + deviation * deviation;
    }
  }
  const meanOut = floatView(backend, mean);
  const inverseOut = floatView(backend, inverseDeviation);
  const varianceOut = floatView(backend, variance);
  const scale = new Float64Array(channels);
  const shift = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    const center = means[c] as number;
    const spread = (squares[c] as number) / rows;
    const inverse = 1 / Math.sqrt(spread + epsilon);
    meanOut[c] = center;
    inverseOut[c] = inverse;
    varianceOut[c] = spread;
    const slope = inverse * (gammas[c] as number);
    scale[c] = slope;
    shift[c] = (betas[c] as number) - center * slope;
  }
  const ys = floatView(backend, y);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < channels; c++, i++) {
      const value = (xs[i] as number) * (scale[c] as number) + (shift[c] as number);
      // Math.max lets NaN through: a diverged run must look diverged.
      ys[i] = Math.max(value, floor);
    }
  }
  return [y, mean, inverseDeviation, variance];
};

/** results: dx like x; dgamma, dbeta [channels]. */
const backward: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const channels = dimension(x.shape, -1);
  const rows = sizeOf(x.shape) / channels;
  const relu = Boolean(args.attrs?.relu);
  const dx = backend.makeOutput(x.shape, "float32");
  const dgamma = backend.makeOutput([channels], "float32");
  const dbeta = backend.makeOutput([channels], "float32");

  const xs = floatView(backend, x);
  const ys = floatView(backend, input(args, "y"));
  const dys = floatView(backend, input(args, "dy"));
  const means = Float64Array.from(floatView(backend, input(args, "mean")));
  const inverses = Float64Array.from(floatView(backend, input(args, "inverseDeviation")));
  const gammas = floatView(backend, input(args, "gamma"));
  const sumDy = new Float64Array(channels);
  const sumDyNormal = new Float64Array(channels);
  const dxs = floatView(backend, dx);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < channels; c++, i++) {
      const dy = relu && (ys[i] as number) <= 0 ? 0 : (dys[i] as number);
      dxs[i] = dy;
      sumDy[c] = (sumDy[c] as number) + dy;
      const normal = ((xs[i] as number) - (means[c] as number)) * (inverses[c] as number);
      sumDyNormal[c] = (sumDyNormal[c] as number) + dy * normal;
    }
  }
  const dgammas = floatView(backend, dgamma);
  const dbetas = floatView(backend, dbeta);
  // dx = a·dy + b·x + k per channel, with the two mean terms folded into b and k.
  const a = new Float64Array(channels);
  const b = new Float64Array(channels);
  const k = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    dgammas[c] = sumDyNormal[c] as number;
    dbetas[c] = sumDy[c] as number;
    const inverse = inverses[c] as number;
    const slope = (gammas[c] as number) * inverse;
    const perNormal = (slope * (sumDyNormal[c] as number) * inverse) / rows;
    a[c] = slope;
    b[c] = -perNormal;
    k[c] = perNormal * (means[c] as number) - (slope * (sumDy[c] as number)) / rows;
  }
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < channels; c++, i++) {
      dxs[i] =
        (a[c] as number) * (dxs[i] as number) + (b[c] as number) * (xs[i] as number) + (k[c] as number);
    }
  }
  return [dx, dgamma, dbeta];
};

export function registerBatchNorm(): void {
  registerKernel({ kernelName: batchNormKernel, backendName: "wasm", kernelFunc: forward });
  registerKernel({ kernelName: gradientKernel, backendName: "wasm", kernelFunc: backward });
  registerGradient({
    kernelName: batchNormKernel,
    inputsToSave: ["x", "gamma"],
    outputsToSave: [true, true, true, false],
    gradFunc: (dys, saved, attrs) => {
      const dy = Array.isArray(dys) ? dys[0] : dys;
      if (!dy) throw new Error("Batch norm got no gradient.");
      const [x, gamma, y, mean, inverseDeviation] = [0, 1, 2, 3, 4].map((i) => savedTensor(saved, i));
      if (!x || !gamma || !y || !mean || !inverseDeviation) throw new Error("Batch norm saved too little.");
      const [dx, dgamma, dbeta] = runOps(
        gradientKernel,
        { dy, x, y, gamma, mean, inverseDeviation },
        { relu: attrs.relu },
      );
      if (!dx || !dgamma || !dbeta) throw new Error(`${gradientKernel} returned too few tensors.`);
      return { x: () => dx, gamma: () => dgamma, beta: () => dbeta };
    },
  });
}

/**
 * The same normalisation with given statistics, for evaluation: y = (x - mean) / sqrt(variance + epsilon) · gamma +
 * beta, then the optional ReLU.
 */
export function batchNormInference(
  x: Tensor,
  given: {
    gamma: Tensor;
    beta: Tensor;
    mean: Tensor;
    variance: Tensor;
    epsilon: number;
    relu: boolean;
  },
): Tensor {
  const { gamma, beta, mean, variance, epsilon, relu } = given;
  return runOp(inferenceKernel, { x, gamma, beta, mean, variance }, { epsilon, relu });
}

const inferenceKernel = "RepriseBatchNormInference";

const inference: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const channels = dimension(x.shape, -1);
  const rows = sizeOf(x.shape) / channels;
  const epsilon = Number(args.attrs?.epsilon);
  const floor = args.attrs?.relu ? 0 : Number.NEGATIVE_INFINITY;
  const y = backend.makeOutput(x.shape, "float32");
  const [gammas, betas, means, variances] = ["gamma", "beta", "mean", "variance"].map((name) =>
    Float64Array.from(floatView(backend, input(args, name))),
  );
  if (!gammas || !betas || !means || !variances) throw new Error("Batch norm lacks an input.");
  const scale = gammas.map((gamma, c) => gamma / Math.sqrt((variances[c] as number) + epsilon));
  const shift = betas.map((beta, c) => beta - (means[c] as number) * (scale[c] as number));
  const xs = floatView(backend, x);
  const ys = floatView(backend, y);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < channels; c++, i++) {
      const value = (xs[i] as number) * (scale[c] as number) + (shift[c] as number);
      ys[i] = Math.max(value, floor);
    }
  }
  return y;
};

export function registerBatchNormInference(): void {
  registerKernel({ kernelName: inferenceKernel, backendName: "wasm", kernelFunc: inference });
}
