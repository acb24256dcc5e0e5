import type { TensorInfo } from "@tensorflow/tfjs-core";
import { matMul } from "../../../arithmetic/kernels/mat-mul.js";
import { dimension, floatView } from "../../../arithmetic/kernels/wasm-context.js";
import type { Tape, Value } from "../../../arithmetic/tape.js";

/**
 * x · weightᵀ + bias. Shapes: x [rows, inputs], weight [outputs, inputs] (the orientation of the published CLIP
 * weights; a filter [outputs, a, b, …] counts as such a matrix), bias [outputs]. `transposed` is the weight as
 * [inputs, outputs], made once per step instead of once per rank; null to make it here.
 */
export function dense(
  tape: Tape,
  x: Value,
  { weight, transposed, bias }: { weight: Value; transposed: TensorInfo | null; bias: Value | null },
): Value {
  const { backend } = tape;
  const y = transposed
    ? matMul(backend, x.tensor, transposed)
    : matMul(backend, x.tensor, matrixOf(weight.tensor), { transposeB: true });
  if (bias) addToRows(floatView(backend, y), floatView(backend, bias.tensor));
  return tape.record(y, bias ? [x, weight, bias] : [x, weight], (dy) => {
    if (x.tracked) tape.give(x, matMul(backend, dy, matrixOf(weight.tensor)));
    if (weight.tracked) {
      const gradient = matMul(backend, dy, x.tensor, { transposeA: true });
      tape.give(weight, { ...gradient, shape: weight.tensor.shape });
    }
    if (bias?.tracked) {
      const outputs = dimension(bias.tensor.shape, 0);
      const gradient = backend.makeOutput([outputs], "float32");
      floatView(backend, gradient).set(columnSums(floatView(backend, dy), outputs));
      tape.give(bias, gradient);
    }
  });
}

/** [outputs, a, b, …] seen as the matrix [outputs, a·b·…]; the same memory. */
function matrixOf(tensor: TensorInfo): TensorInfo {
  const outputs = dimension(tensor.shape, 0);
  return { ...tensor, shape: [outputs, tensor.shape.slice(1).reduce((a, b) => a * b, 1)] };
}

function addToRows(ys: Float32Array, bias: Float32Array): void {
  const { length } = bias;
  for (let i = 0; i < ys.length; ) {
    for (let c = 0; c < length; c++, i++) ys[i] = (ys[i] as number) + (bias[c] as number);
  }
}

/** Sums of the columns from top to bottom, in float64. */
function columnSums(values: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < values.length; ) {
    for (let c = 0; c < columns; c++, i++) sums[c] = (sums[c] as number) + (values[i] as number);
  }
  return sums;
}
