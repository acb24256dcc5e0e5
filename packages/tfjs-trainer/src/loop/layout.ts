import { normals } from "../arithmetic/normals.js";
import { draws, type StreamKey } from "../arithmetic/streams.js";
import { isTrained, type TensorSpec } from "../models/model.js";

/** Where a tensor lies in the flat parameter vector. */
export type PlacedTensor = TensorSpec & {
  offset: number;
  size: number;
};

/** The flat vector that holds all tensors: `trained` numbers first, running statistics behind them. */
export type Layout = {
  tensors: PlacedTensor[];
  trained: number;
  total: number;
};

export function layOut(specs: readonly TensorSpec[]): Layout {
  let offset = 0;
  let trained = 0;
  const tensors = specs.map((spec) => {
    const size = spec.shape.reduce((a, b) => a * b, 1);
    const placed = { ...spec, offset, size };
    offset += size;
    if (isTrained(spec)) trained = offset;
    return placed;
  });
  return { tensors, trained, total: offset };
}

/**
 * Initial values, drawn from the `init` stream with the tensor's index. Where a tensor names no distribution: weights He
 * uniform, U(-a, a) with a = sqrt(6 / fanIn) (He et al. 2015); scales and running variances 1, everything else 0.
 */
export function initialise(target: Float32Array, layout: Layout, key: StreamKey): void {
  for (const [index, { role, fanIn, initial, offset, size }] of layout.tensors.entries()) {
    const values = target.subarray(offset, offset + size);
    if (initial?.distribution === "normal") {
      const normal = normals(draws(key, index));
      for (let i = 0; i < size; i++) values[i] = normal() * initial.deviation;
    } else if (initial || role === "weight") {
      const limit = initial?.limit ?? Math.sqrt(6 / fanIn);
      const stream = draws(key, index);
      for (let i = 0; i < size; i++) values[i] = (2 * stream.uniform() - 1) * limit;
    } else {
      values.fill(role === "scale" || role === "runningVariance" ? 1 : 0);
    }
  }
}
