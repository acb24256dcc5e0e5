import { Conv2D, MaxPool, type Tensor } from "@tensorflow/tfjs-core";
import { runOp } from "./wasm-context.js";

/** 3 × 3 (or other odd) convolution, stride 1, same size. Shapes: x [n, h, w, in], filter [kh, kw, in, out]. */
export function convolution(x: Tensor, filter: Tensor): Tensor {
  return runOp(
    Conv2D,
    { x, filter },
    { strides: [1, 1], pad: "same", dataFormat: "NHWC", dilations: [1, 1], dimRoundingMode: undefined },
  );
}

/** Largest value of every 2 × 2 window, stride 2. */
export function maxPool2x2(x: Tensor): Tensor {
  return runOp(
    MaxPool,
    { x },
    { filterSize: [2, 2], strides: [2, 2], pad: "valid", dimRoundingMode: undefined },
  );
}
