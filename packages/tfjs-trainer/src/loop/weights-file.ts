import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeTensorFile,
  type FiledTensor,
  floatsOf,
  maxAutoWeightsBytes,
  type RunRequest,
} from "@reprise/contracts";
import type { Layout } from "./layout.js";

export const bytesOf = (view: ArrayBufferView) =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Every tensor of the flat parameter vector under its name. */
export function filedTensors(parameters: Float32Array, layout: Layout): FiledTensor[] {
  return layout.tensors.map(({ name, shape, offset, size }) => ({
    name,
    dtype: "F32",
    shape,
    bytes: bytesOf(parameters.subarray(offset, offset + size)),
  }));
}

/**
 * The flat parameter vector of a model with this layout, from a file's tensors.
 *
 * @throws Error naming the tensor that is missing or has another size
 */
export function placeWeights(tensors: ReadonlyMap<string, FiledTensor>, layout: Layout): Float32Array {
  const parameters = new Float32Array(layout.total);
  for (const { name, offset, size } of layout.tensors) {
    const tensor = tensors.get(name);
    const values = tensor && floatsOf(tensor);
    if (values?.length !== size)
      throw new Error(`Tensor ${name} of the model is not in the file, or has another size.`);
    parameters.set(values, offset);
  }
  return parameters;
}

/** Whether weights of this size are to be kept. */
export function keepsWeights(keep: RunRequest["keepWeights"], { total }: Layout): boolean {
  return keep === "always" || (keep === "auto" && 4 * total <= maxAutoWeightsBytes);
}

/**
 * Writes the final weights of a run as a tensor file, so that a crash leaves the whole file or none. Equal weights make
 * equal files. Returns the path.
 */
export function writeWeights(folder: string, parameters: Float32Array, layout: Layout): string {
  const path = join(folder, "final-weights.safetensors");
  writeWhole(path, encodeTensorFile({ tensors: filedTensors(parameters, layout), metadata: {} }));
  return path;
}

/** Writes a file beside its place and renames it. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
}
