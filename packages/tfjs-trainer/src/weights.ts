import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { engine, keep, type Tensor, Transpose } from "@tensorflow/tfjs-core";
import { present } from "./errors.js";
import { runOp } from "./kernels/wasm-context.js";
import type { Layout } from "./layout.js";
import type { Memory } from "./memory.js";

/** One thread's copy of the parameters as tensors. */
export interface Weights {
  /** Copies the shared parameters; call when they have changed. */
  load(): void;
  tensor(name: string): Tensor;
  /** Transposed matrix. Made with every load: made later, it would be on the tape of the gradient. */
  transposed(name: string): Tensor;
  /** The trained tensors in layout order. */
  trained: Tensor[];
}

export function createWeights(layout: Layout, memory: Memory, backend: BackendWasm): Weights {
  const tensors = new Map<string, Tensor>();
  const transposes = new Map<string, Tensor>();
  const weights: Weights = {
    trained: [],
    load() {
      // New tensors instead of new values in old ones: XNNPACK keeps packed copies of a weight under its tensor's id.
      for (const tensor of [...tensors.values(), ...transposes.values()]) tensor.dispose();
      transposes.clear();
      weights.trained = [];
      for (const { name, shape, offset, size } of layout.tensors) {
        const values = memory.parameters.subarray(offset, offset + size);
        const tensor = keep(engine().makeTensor(values, shape, "float32", backend));
        tensors.set(name, tensor);
        if (offset < layout.trained) weights.trained.push(tensor);
        if (shape.length === 2) transposes.set(name, keep(runOp(Transpose, { x: tensor }, { perm: [1, 0] })));
      }
    },
    tensor: (name) => present(tensors.get(name), `Tensor ${name}`),
    transposed: (name) => present(transposes.get(name), `Transposed tensor ${name}`),
  };
  return weights;
}
