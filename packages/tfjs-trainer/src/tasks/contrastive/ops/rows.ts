import { Add, Identity, type TensorInfo } from "@tensorflow/tfjs-core";
import { callKernel, dimension, floatView } from "../../../arithmetic/kernels/wasm-context.js";
import type { Tape, Value } from "../../../arithmetic/tape.js";

/** The same numbers under another owner: a reference, no copy. */
export const alias = ({ backend }: Tape, tensor: TensorInfo): TensorInfo =>
  callKernel(backend, Identity, { x: tensor });

/** a + b of equal shapes. */
export function add(tape: Tape, a: Value, b: Value): Value {
  const sum = callKernel(tape.backend, Add, { a: a.tensor, b: b.tensor });
  return tape.record(sum, [a, b], (dy) => {
    if (a.tracked) tape.give(a, alias(tape, dy));
    if (b.tracked) tape.give(b, alias(tape, dy));
  });
}

/** Every row divided by its Euclidean length; a row of zeros stays. Shape: [rows, width]. */
export function unitRows(tape: Tape, x: Value): Value {
  const { backend } = tape;
  const { shape } = x.tensor;
  const width = dimension(shape, -1);
  const y = backend.makeOutput(shape, "float32");
  const inverses = tape.numbers(dimension(shape, 0));
  const xs = floatView(backend, x.tensor);
  const ys = floatView(backend, y);
  for (let row = 0, start = 0; start < xs.length; row++, start += width) {
    let squares = 0;
    for (let c = 0; c < width; c++) squares += (xs[start + c] as number) ** 2;
    const inverse = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    inverses[row] = inverse;
    for (let c = 0; c < width; c++) ys[start + c] = (xs[start + c] as number) * inverse;
  }
  return tape.record(y, [x], (dy) => {
    const dx = backend.makeOutput(shape, "float32");
    const units = floatView(backend, y);
    const dys = floatView(backend, dy);
    const dxs = floatView(backend, dx);
    for (let row = 0, start = 0; start < dxs.length; row++, start += width) {
      let along = 0;
      for (let c = 0; c < width; c++) along += (dys[start + c] as number) * (units[start + c] as number);
      const inverse = inverses[row] as number;
      for (let c = 0; c < width; c++)
        dxs[start + c] = inverse * ((dys[start + c] as number) - along * (units[start + c] as number));
    }
    tape.give(x, dx);
  });
}
