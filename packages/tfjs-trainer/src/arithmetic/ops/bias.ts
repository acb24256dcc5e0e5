import { dimension, floatView } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";
import { columnSums, passWherePositive, scaleAndShift } from "./columns.js";

/** x + bias along the last axis, then an optional ReLU. Shapes: x [..., channels], bias [channels]. */
export function addBias(tape: Tape, x: Value, bias: Value, { relu }: { relu: boolean }): Value {
  const { backend } = tape;
  const { shape } = x.tensor;
  const channels = dimension(shape, -1);
  const y = backend.makeOutput(shape, "float32");
  const slope = tape.numbers(channels).fill(1);
  const shift = tape.numbers(channels);
  shift.set(floatView(backend, bias.tensor));
  scaleAndShift(floatView(backend, x.tensor), floatView(backend, y), { slope, shift, relu });
  return tape.record(y, [x, bias], (dy) => {
    const dx = backend.makeOutput(shape, "float32");
    const dbias = backend.makeOutput([channels], "float32");
    const [dys, dxs] = [floatView(backend, dy), floatView(backend, dx)];
    if (relu) passWherePositive(floatView(backend, y), dys, dxs);
    else dxs.set(dys);
    const sums = tape.numbers(channels);
    columnSums(dxs, sums);
    floatView(backend, dbias).set(sums);
    tape.give(x, dx);
    tape.give(bias, dbias);
  });
}
