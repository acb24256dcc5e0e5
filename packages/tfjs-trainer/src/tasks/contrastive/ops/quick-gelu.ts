import { Multiply, Sigmoid } from "@tensorflow/tfjs-core";
import { callKernel, floatView } from "../../../arithmetic/kernels/wasm-context.js";
import type { Tape, Value } from "../../../arithmetic/tape.js";

/** Slope of the sigmoid in the published CLIP's activation. */
const slope = 1.702;

/** x · sigmoid(1.702 x), the activation of the published CLIP weights (Hendrycks & Gimpel 2016, their fast form of GELU). */
export function quickGelu(tape: Tape, x: Value): Value {
  const { backend } = tape;
  const { shape } = x.tensor;
  const steep = backend.makeOutput(shape, "float32");
  scale(floatView(backend, x.tensor), floatView(backend, steep));
  const gate = tape.own(callKernel(backend, Sigmoid, { x: steep }));
  backend.disposeData(steep.dataId);
  const y = callKernel(backend, Multiply, { a: x.tensor, b: gate });
  return tape.record(y, [x], (dy) => {
    const dx = backend.makeOutput(shape, "float32");
    const xs = floatView(backend, x.tensor);
    const gates = floatView(backend, gate);
    const dys = floatView(backend, dy);
    const dxs = floatView(backend, dx);
    for (let i = 0; i < dxs.length; i++) {
      const s = gates[i] as number;
      dxs[i] = (dys[i] as number) * s * (1 + slope * (xs[i] as number) * (1 - s));
    }
    tape.give(x, dx);
  });
}

function scale(from: Float32Array, to: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i] = slope * (from[i] as number);
}
