import type { TensorInfo } from "@tensorflow/tfjs-core";
import { matMul } from "../kernels/mat-mul.js";
import type { Tape, Value } from "../tape.js";

/**
 * x · weight. Shapes: x [rows, inputs], weight [inputs, outputs], transposed [outputs, inputs].
 * The transposed weight serves the gradient towards x: the caller makes it once per step instead of once per shard.
 */
export function linear(
  tape: Tape,
  x: Value,
  { weight, transposed }: { weight: Value; transposed: TensorInfo },
): Value {
  const { backend } = tape;
  return tape.record(matMul(backend, x.tensor, weight.tensor), [x, weight], (dy) => {
    if (x.tracked) tape.give(x, matMul(backend, dy, transposed));
    if (weight.tracked) tape.give(weight, matMul(backend, x.tensor, dy, { transposeA: true }));
  });
}
