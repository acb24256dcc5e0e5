import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  engine,
  getKernel,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type NamedTensorMap,
  Tensor,
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
 * Calls a registered wasm kernel from within another kernel, without the bookkeeping of an op (no tape, no scope): the
 * caller owns the result and must release it with `backend.disposeData` unless it is returned.
 */
export function callKernel(
  name: string,
  inputs: NamedTensorInfoMap,
  attrs: Attributes,
  backend: BackendWasm,
): TensorInfo {
  const kernel = getKernel(name, "wasm");
  if (!kernel) throw new Error(`Kernel ${name} is not registered for the wasm backend.`);
  const result = kernel.kernelFunc({ inputs, attrs: attrs as NamedAttrMap, backend });
  const [first] = Array.isArray(result) ? result : [result];
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

/** Runs a kernel as an op: recorded on the tape, result tracked by the current scope. */
export function runOp(name: string, inputs: NamedTensorMap, attrs: Attributes = {}): Tensor {
  const [first] = runOps(name, inputs, attrs);
  if (!first) throw new Error(`Kernel ${name} returned nothing.`);
  return first;
}

/** {@link runOp} for kernels with several results. */
export function runOps(name: string, inputs: NamedTensorMap, attrs: Attributes = {}): Tensor[] {
  const result: unknown = engine().runKernel(name, inputs, attrs as NamedAttrMap);
  const list: unknown[] = Array.isArray(result) ? result : [result];
  return list.map((item) => {
    if (item instanceof Tensor) return item;
    throw new Error(`Kernel ${name} returned something that is no tensor.`);
  });
}

/** The named input of a kernel; throws when it was not given. */
export function input(args: KernelArguments, name: string): TensorInfo {
  const tensor = args.inputs[name];
  if (!tensor) throw new Error(`Kernel input "${name}" is missing.`);
  return tensor;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Entry `axis` of a shape; negative counts from the end. */
export function dimension(shape: readonly number[], axis: number): number {
  const length = shape.at(axis);
  if (length === undefined) throw new Error(`Shape [${shape.join(", ")}] has no axis ${axis}.`);
  return length;
}

/** The gradient that arrives at an op with one result. */
export function single(dy: Tensor | Tensor[]): Tensor {
  const first = Array.isArray(dy) ? dy[0] : dy;
  if (!first) throw new Error("A gradient function was called without a gradient.");
  return first;
}

/** Tensor `index` of those saved for the backward pass. */
export function savedTensor(saved: Tensor[], index: number): Tensor {
  const tensor = saved[index];
  if (!tensor) throw new Error(`Saved tensor ${index} is missing.`);
  return tensor;
}
