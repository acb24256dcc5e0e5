import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  getKernel,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from "@tensorflow/tfjs-core";

/** Attributes of a kernel call; absent ones may be undefined. */
export type Attributes = { [name: string]: NamedAttrMap[string] | undefined };

export type KernelArguments = Parameters<KernelFunc>[0];

/** The wasm backend of a kernel call. Throws where another backend runs a kernel of ours. */
export function wasmBackend(backend: unknown): BackendWasm {
  if (backend instanceof BackendWasm) return backend;
  throw new Error("This kernel is written for the wasm backend of TensorFlow.js.");
}

/**
 * Calls a registered wasm kernel without the bookkeeping of an op (no engine tape, no scope): the caller owns the result
 * and must release it with `backend.disposeData`.
 */
export function callKernel(
  backend: BackendWasm,
  name: string,
  inputs: NamedTensorInfoMap,
  attrs: Attributes = {},
): TensorInfo {
  const kernel = getKernel(name, "wasm");
  if (!kernel) throw new Error(`Kernel ${name} is not registered for the wasm backend.`);
  const result = kernel.kernelFunc({ inputs, attrs: attrs as NamedAttrMap, backend });
  const first = Array.isArray(result) ? result[0] : result;
  if (!first) throw new Error(`Kernel ${name} returned nothing.`);
  return first;
}

/** Float view of a tensor's wasm memory. Valid until the next allocation: memory growth detaches it. */
export function floatView(backend: BackendWasm, tensor: TensorInfo): Float32Array {
  const view = backend.typedArrayFromHeap(tensor);
  if (view instanceof Float32Array) return view;
  throw new Error(`Expected float32, got ${tensor.dtype}.`);
}

/** Integer view of a tensor's wasm memory, see {@link floatView}. */
export function intView(backend: BackendWasm, tensor: TensorInfo): Int32Array {
  const view = backend.typedArrayFromHeap(tensor);
  if (view instanceof Int32Array) return view;
  throw new Error(`Expected int32, got ${tensor.dtype}.`);
}

/** The named input of a kernel; throws when it was not given. */
export function input(args: KernelArguments, name: string): TensorInfo {
  const tensor = args.inputs[name];
  if (!tensor) throw new Error(`Kernel input "${name}" is missing.`);
  return tensor;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Entry `axis` of a shape; negative counts from the end. */
export function dimension(shape: readonly number[], axis: number): number {
  const length = shape.at(axis);
  if (length === undefined) throw new Error(`Shape [${shape.join(", ")}] has no axis ${axis}.`);
  return length;
}
