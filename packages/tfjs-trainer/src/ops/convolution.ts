import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  MaxPool,
  MaxPoolGrad,
} from "@tensorflow/tfjs-core";
import { callKernel } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";

const geometry = {
  strides: [1, 1],
  pad: "same",
  dataFormat: "NHWC",
  dilations: [1, 1],
  dimRoundingMode: undefined,
};
const window = { filterSize: [2, 2], strides: [2, 2], pad: "valid", dimRoundingMode: undefined };

/** Convolution with stride 1 that keeps height and width. Shapes: x [n, h, w, in], filter [kh, kw, in, out]. */
export function convolution(tape: Tape, x: Value, filter: Value): Value {
  const { backend } = tape;
  const y = callKernel(backend, Conv2D, { x: x.tensor, filter: filter.tensor }, geometry);
  return tape.record(y, [x, filter], (dy) => {
    if (x.tracked) {
      const attrs = { ...geometry, inputShape: x.tensor.shape };
      tape.give(x, callKernel(backend, Conv2DBackpropInput, { dy, filter: filter.tensor }, attrs));
    }
    if (filter.tracked) {
      const attrs = { ...geometry, filterShape: filter.tensor.shape };
      tape.give(filter, callKernel(backend, Conv2DBackpropFilter, { x: x.tensor, dy }, attrs));
    }
  });
}

/** Largest value of every 2 × 2 window, stride 2; an odd last row or column is left out. */
export function maxPool2x2(tape: Tape, x: Value): Value {
  const { backend } = tape;
  const y = callKernel(backend, MaxPool, { x: x.tensor }, window);
  return tape.record(y, [x], (dy) => {
    tape.give(x, callKernel(backend, MaxPoolGrad, { dy, input: x.tensor, output: y }, window));
  });
}
