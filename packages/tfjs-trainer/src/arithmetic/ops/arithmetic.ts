import { Add, Identity } from "@tensorflow/tfjs-core";
import { shape4 } from "../kernels/attributes.js";
import { callKernel, dimension, floatView } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";

/** a + b, of one shape. */
export function add(tape: Tape, a: Value, b: Value): Value {
  const { backend } = tape;
  return tape.record(callKernel(backend, Add, { a: a.tensor, b: b.tensor }), [a, b], (dy) => {
    // Another reference to the same memory: the tape releases each once.
    for (const value of [a, b]) if (value.tracked) tape.give(value, callKernel(backend, Identity, { x: dy }));
  });
}

/** x · factors, each channel of each case by its own. Shapes: x [rows, height, width, channels], factors [rows, channels]. */
export function scaleChannels(tape: Tape, x: Value, factors: Value): Value {
  const { backend } = tape;
  const shape = shape4(x.tensor.shape);
  const channels = dimension(shape, 3);
  const pixels = shape[1] * shape[2];
  const y = backend.makeOutput(shape, "float32");
  multiply(floatView(backend, x.tensor), floatView(backend, factors.tensor), floatView(backend, y));
  return tape.record(y, [x, factors], (dy) => {
    const dx = backend.makeOutput(shape, "float32");
    const dfactors = backend.makeOutput(factors.tensor.shape, "float32");
    const dys = floatView(backend, dy);
    multiply(dys, floatView(backend, factors.tensor), floatView(backend, dx));
    const xs = floatView(backend, x.tensor);
    const targets = floatView(backend, dfactors);
    const sums = new Float64Array(channels);
    for (let row = 0; row < shape[0]; row++) {
      sums.fill(0);
      let i = row * pixels * channels;
      for (let pixel = 0; pixel < pixels; pixel++) {
        for (let c = 0; c < channels; c++, i++)
          sums[c] = (sums[c] as number) + (xs[i] as number) * (dys[i] as number);
      }
      targets.set(sums, row * channels);
    }
    tape.give(x, dx);
    tape.give(factors, dfactors);
  });

  function multiply(values: Float32Array, scales: Float32Array, results: Float32Array): void {
    for (let i = 0, row = 0; i < results.length; row += channels) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        for (let c = 0; c < channels; c++, i++)
          results[i] = (values[i] as number) * (scales[row + c] as number);
      }
    }
  }
}
