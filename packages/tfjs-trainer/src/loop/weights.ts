import type { TensorInfo } from "@tensorflow/tfjs-core";
import { swapLastTwo } from "../arithmetic/kernels/mat-mul.js";
import type { HostBackend } from "../arithmetic/kernels/wasm-context.js";
import { present } from "../program/errors.js";
import type { Layout } from "./layout.js";
import type { Memory } from "./memory.js";

/** One thread's copy of the parameters in its wasm memory. */
export type Weights = {
  /** Copies the shared parameters; call when they have changed. */
  load(): void;
  tensor(name: string): TensorInfo;
  /** Transposed matrix, made at first use after a load. */
  transposed(name: string): TensorInfo;
};

export function createWeights(
  layout: Layout,
  memory: Pick<Memory, "parameters">,
  backend: HostBackend,
): Weights {
  const tensors = new Map<string, TensorInfo>();
  const transposes = new Map<string, TensorInfo>();
  const tensor = (name: string) => present(tensors.get(name), `Tensor ${name}`);
  return {
    tensor,
    load() {
      // New tensors instead of new values in old ones: XNNPACK keeps packed copies of a weight under its tensor's id.
      for (const old of tensors.values()) backend.disposeData(old.dataId);
      for (const old of transposes.values()) backend.disposeData(old.dataId);
      transposes.clear();
      for (const { name, shape, offset, size } of layout.tensors) {
        const values = memory.parameters.subarray(offset, offset + size);
        tensors.set(name, backend.makeOutput(shape, "float32", undefined, values));
      }
    },
    transposed(name) {
      const known = transposes.get(name);
      if (known) return known;
      const made = swapLastTwo(backend, tensor(name));
      transposes.set(name, made);
      return made;
    },
  };
}
