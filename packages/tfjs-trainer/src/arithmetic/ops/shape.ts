import { Multiply, Reshape, type TensorInfo } from "@tensorflow/tfjs-core";
import { callKernel, dimension, sizeOf } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";

/** [rows, a, b, …] to [rows, a·b·…]. */
export function flatten(tape: Tape, x: Value): Value {
  const { shape } = x.tensor;
  const flat = [dimension(shape, 0), sizeOf(shape.slice(1))];
  return tape.record(callKernel(tape.backend, Reshape, { x: x.tensor }, { shape: flat }), [x], (dy) => {
    tape.give(x, callKernel(tape.backend, Reshape, { x: dy }, { shape }));
  });
}

/** x · mask, element by element; the mask is a constant (dropout). */
export function applyMask(tape: Tape, x: Value, mask: TensorInfo): Value {
  const { backend } = tape;
  return tape.record(callKernel(backend, Multiply, { a: x.tensor, b: mask }), [x], (dy) => {
    tape.give(x, callKernel(backend, Multiply, { a: dy, b: mask }));
  });
}
