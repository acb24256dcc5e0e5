import { AvgPool, MaxPool, MaxPoolGrad } from "@tensorflow/tfjs-core";
import type { PoolWindow } from "../../models/model.js";
import { shape4 } from "../kernels/attributes.js";
import { callKernel, floatView } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";

/** Largest value of every window. Rows and columns that no window reaches are left out. */
export function maxPool(tape: Tape, x: Value, { size, stride, padding }: PoolWindow): Value {
  const { backend } = tape;
  const attrs = {
    filterSize: [size, size],
    strides: [stride, stride],
    pad: padding,
    dimRoundingMode: "floor",
  };
  const y = callKernel(backend, MaxPool, { x: x.tensor }, attrs);
  return tape.record(y, [x], (dy) => {
    tape.give(x, callKernel(backend, MaxPoolGrad, { dy, input: x.tensor, output: y }, attrs));
  });
}

/** Mean over height and width: [rows, height, width, channels] to [rows, channels]. */
export function globalAveragePool(tape: Tape, x: Value): Value {
  const { backend } = tape;
  const shape = shape4(x.tensor.shape);
  const [rows, height, width, channels] = shape;
  const attrs = { filterSize: [height, width], strides: [1, 1], pad: "valid" };
  const pooled = callKernel(backend, AvgPool, { x: x.tensor }, attrs);
  return tape.record({ ...pooled, shape: [rows, channels] }, [x], (dy) => {
    const dx = backend.makeOutput(shape, "float32");
    const dys = floatView(backend, dy);
    const dxs = floatView(backend, dx);
    const pixels = height * width;
    for (let row = 0, to = 0; row < rows; row++) {
      const first = to;
      for (let c = 0; c < channels; c++, to++) dxs[to] = (dys[row * channels + c] as number) / pixels;
      for (let pixel = 1; pixel < pixels; pixel++, to += channels)
        dxs.copyWithin(to, first, first + channels);
    }
    tape.give(x, dx);
  });
}

/**
 * Every `stride`-th row and column, with channels of zeros behind the given ones: the shortcut without parameters of
 * He et al. (2016), option A, in the form of its first public implementation. Shapes: [n, h, w, c] to
 * [n, ⌈h / stride⌉, ⌈w / stride⌉, channels].
 */
export function subsample(
  tape: Tape,
  x: Value,
  { stride, channels }: { stride: number; channels: number },
): Value {
  const { backend } = tape;
  const shape = shape4(x.tensor.shape);
  const [rows, height, width, inputs] = shape;
  const [outHeight, outWidth] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const y = backend.makeOutput([rows, outHeight, outWidth, channels], "float32");
  const kept = Math.min(inputs, channels);
  const copy = (from: Float32Array, to: Float32Array, backwards: boolean) => {
    for (let row = 0, small = 0; row < rows; row++) {
      for (let r = 0; r < outHeight; r++) {
        for (let c = 0; c < outWidth; c++, small += channels) {
          const large = ((row * height + r * stride) * width + c * stride) * inputs;
          const [source, target] = backwards ? [small, large] : [large, small];
          for (let i = 0; i < kept; i++) to[target + i] = from[source + i] as number;
        }
      }
    }
  };
  copy(floatView(backend, x.tensor), floatView(backend, y).fill(0), false);
  return tape.record(y, [x], (dy) => {
    const dx = backend.makeOutput(shape, "float32");
    copy(floatView(backend, dy), floatView(backend, dx).fill(0), true);
    tape.give(x, dx);
  });
}
