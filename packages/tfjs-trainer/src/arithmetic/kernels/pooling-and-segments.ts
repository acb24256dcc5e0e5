import {
  type backend_util,
  type KernelFunc,
  MaxPoolGrad,
  registerKernel,
  type TensorInfo,
  UnsortedSegmentSum,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { attributesOf, poolInfo, shape4 } from "./attributes.js";
import { floatView, type HostBackend, input, intView, wasmBackend } from "./wasm-context.js";

/**
 * Gradient of max pooling: every dy goes to the first largest entry of its window. The stock kernel starts its search at
 * 0 and sends the gradient of an all-negative window to the wrong place.
 */
const maxPoolGradient: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "input");
  const dy = input(args, "dy");
  const info = poolInfo(args, x.shape);
  if (isTwoByTwo(info)) return twoByTwoGradient(backend, x, dy);
  const result = backend.makeOutput(x.shape, "float32");
  const xs = floatView(backend, x);
  const dys = floatView(backend, dy);
  const dxs = floatView(backend, result).fill(0);
  const { inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  for (let n = 0, from = 0; n < info.batchSize; n++) {
    for (let r = 0; r < outHeight; r++) {
      const top = Math.max(0, r * strideHeight - padInfo.top);
      const bottom = Math.min(inHeight, r * strideHeight - padInfo.top + info.filterHeight);
      for (let c = 0; c < outWidth; c++) {
        const left = Math.max(0, c * strideWidth - padInfo.left);
        const right = Math.min(inWidth, c * strideWidth - padInfo.left + info.filterWidth);
        for (let channel = 0; channel < inChannels; channel++, from++) {
          let best = -1;
          let largest = Number.NEGATIVE_INFINITY;
          for (let row = top; row < bottom; row++) {
            for (let column = left; column < right; column++) {
              const at = ((n * inHeight + row) * inWidth + column) * inChannels + channel;
              const value = xs[at] as number;
              if (best < 0 || value > largest) {
                best = at;
                largest = value;
              }
            }
          }
          if (best >= 0) dxs[best] = (dxs[best] as number) + (dys[from] as number);
        }
      }
    }
  }
  return result;
};

/** 2 × 2 windows side by side, from the first row and column on: what cnn pools by. */
const isTwoByTwo = (info: backend_util.Conv2DInfo) =>
  [info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth].every((side) => side === 2) &&
  info.padInfo.top === 0 &&
  info.padInfo.left === 0 &&
  2 * info.outHeight <= info.inHeight &&
  2 * info.outWidth <= info.inWidth;

/**
 * The same for 2 × 2 windows without a branch: which of four random values is the largest cannot be predicted, and a
 * misprediction per window costs more than all its arithmetic.
 */
function twoByTwoGradient(backend: HostBackend, x: TensorInfo, dy: TensorInfo): TensorInfo {
  const [cases, height, width, channels] = shape4(x.shape);
  const [, outHeight, outWidth] = shape4(dy.shape);
  const result = backend.makeOutput(x.shape, "float32");
  const xs = floatView(backend, x);
  const dys = floatView(backend, dy);
  const dxs = floatView(backend, result);
  // An odd last row or column is in no window.
  if (2 * outHeight < height || 2 * outWidth < width) dxs.fill(0);
  const below = width * channels;
  for (let n = 0, from = 0; n < cases; n++) {
    for (let r = 0; r < outHeight; r++) {
      for (let c = 0; c < outWidth; c++) {
        const corner = ((n * height + 2 * r) * width + 2 * c) * channels;
        for (let at = corner; at < corner + channels; at++, from++) {
          const gradient = dys[from] as number;
          const [i, j, k] = [at + channels, at + below, at + below + channels];
          const [v0, v1, v2, v3] = [xs[at] as number, xs[i] as number, xs[j] as number, xs[k] as number];
          const before1 = Number(v0 >= v1);
          const before2 = Number(v0 >= v2);
          const second2 = Number(v1 >= v2);
          const first = before1 & before2 & Number(v0 >= v3);
          const second = (1 - before1) & second2 & Number(v1 >= v3);
          const third = (1 - before2) & (1 - second2) & Number(v2 >= v3);
          dxs[at] = first * gradient;
          dxs[i] = second * gradient;
          dxs[j] = third * gradient;
          dxs[k] = (1 - first - second - third) * gradient;
        }
      }
    }
  }
  return result;
}

/** Sums rows of x [rows, …] by segment id, top to bottom; ids outside 0 … numSegments - 1 are left out. */
const unsortedSegmentSum: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const segments = input(args, "segmentIds");
  const numSegments = attributesOf(args).integer("numSegments");
  const [rows = 0, ...rest] = x.shape;
  const width = rest.reduce((a, b) => a * b, 1);
  const result = backend.makeOutput([numSegments, ...rest], "float32");
  const xs = floatView(backend, x);
  const ids = intView(backend, segments);
  const sums = floatView(backend, result).fill(0);
  for (let row = 0; row < rows; row++) {
    const segment = ids[row] as number;
    if (segment < 0 || segment >= numSegments) continue;
    for (let i = 0; i < width; i++) {
      const slot = segment * width + i;
      sums[slot] = (sums[slot] as number) + (xs[row * width + i] as number);
    }
  }
  return result;
};

/** Replaces the wrong max-pool gradient and registers the missing segment sum. */
export function registerPoolingAndSegments(): void {
  unregisterKernel(MaxPoolGrad, "wasm");
  registerKernel({ kernelName: MaxPoolGrad, backendName: "wasm", kernelFunc: maxPoolGradient });
  registerKernel({ kernelName: UnsortedSegmentSum, backendName: "wasm", kernelFunc: unsortedSegmentSum });
}
