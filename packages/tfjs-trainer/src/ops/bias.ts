import { dimension, floatView } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";

/** x + bias along the last axis, then an optional ReLU. Shapes: x [..., channels], bias [channels]. */
export function addBias(tape: Tape, x: Value, bias: Value, { relu }: { relu: boolean }): Value {
  const { backend } = tape;
  const { shape } = x.tensor;
  const channels = dimension(shape, -1);
  const floor = relu ? 0 : Number.NEGATIVE_INFINITY;
  const y = backend.makeOutput(shape, "float32");
  const xs = floatView(backend, x.tensor);
  const ys = floatView(backend, y);
  const biases = floatView(backend, bias.tensor);
  for (let i = 0; i < xs.length; ) {
    for (let c = 0; c < channels; c++, i++)
      ys[i] = Math.max((xs[i] as number) + (biases[c] as number), floor);
  }
  return tape.record(y, [x, bias], (dy) => {
    const dx = backend.makeOutput(shape, "float32");
    const dbias = backend.makeOutput([channels], "float32");
    const views = { ys: floatView(backend, y), dys: floatView(backend, dy), dxs: floatView(backend, dx) };
    floatView(backend, dbias).set(biasGradient(views, channels, relu));
    tape.give(x, dx);
    tape.give(bias, dbias);
  });
}

/** Leaves dy where the ReLU let it pass in `dxs`, and returns its column sums (float64, top to bottom). */
function biasGradient(
  { ys, dys, dxs }: { ys: Float32Array; dys: Float32Array; dxs: Float32Array },
  channels: number,
  relu: boolean,
): Float64Array {
  const sums = new Float64Array(channels);
  const threshold = relu ? 0 : Number.NEGATIVE_INFINITY;
  for (let i = 0; i < dys.length; ) {
    for (let c = 0; c < channels; c++, i++) {
      const passed = (ys[i] as number) <= threshold ? 0 : (dys[i] as number);
      dxs[i] = passed;
      sums[c] = (sums[c] as number) + passed;
    }
  }
  return sums;
}
