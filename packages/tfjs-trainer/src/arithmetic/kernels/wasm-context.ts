import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  type backend_util,
  type DataId,
  getKernel,
  type KernelBackend,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from "@tensorflow/tfjs-core";

export type KernelArguments = Parameters<KernelFunc>[0];

/**
 * A TensorFlow.js backend whose tensors lie in this process's memory: kernels can be called without the bookkeeping of an
 * op, and loops of ours compute on the very same numbers.
 */
export type HostBackend = {
  readonly name: "wasm" | "cpu";
  /** What TensorFlow.js's own kernels take for a backend. */
  readonly kernelBackend: KernelBackend;
  /** A new tensor, with a copy of the values if some are given. Float32 and int32 only. */
  makeOutput(
    shape: number[],
    dtype: "float32" | "int32",
    memoryOffset?: undefined,
    values?: Float32Array | Int32Array,
  ): TensorInfo;
  disposeData(dataId: DataId): void;
  /** The tensor's numbers themselves. On wasm valid until the next allocation: memory growth detaches them. */
  typedArrayFromHeap(tensor: TensorInfo): backend_util.TypedArray;
};

const hosts = new WeakMap<object, HostBackend>();

/** The wasm backend of a kernel call. Throws where another backend runs a kernel of ours. */
export function wasmBackend(backend: unknown): HostBackend {
  if (!(backend instanceof BackendWasm))
    throw new Error("This kernel is written for the wasm backend of TensorFlow.js.");
  const known = hosts.get(backend);
  if (known) return known;
  const host: HostBackend = {
    name: "wasm",
    kernelBackend: backend,
    makeOutput: (shape, dtype, offset, values) => backend.makeOutput(shape, dtype, offset, values),
    disposeData: (dataId) => void backend.disposeData(dataId),
    typedArrayFromHeap: (tensor) => backend.typedArrayFromHeap(tensor),
  };
  hosts.set(backend, host);
  return host;
}

/**
 * Calls a registered kernel without the bookkeeping of an op (no engine tape, no scope): the caller owns the result and
 * must release it with `backend.disposeData`.
 */
export function callKernel(
  backend: HostBackend,
  name: string,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap = {},
): TensorInfo {
  const kernel = getKernel(name, backend.name);
  if (!kernel) throw new Error(`Kernel ${name} is not registered for the ${backend.name} backend.`);
  const result = kernel.kernelFunc({ inputs, attrs, backend: backend.kernelBackend });
  const first = Array.isArray(result) ? result[0] : result;
  if (!first) throw new Error(`Kernel ${name} returned nothing.`);
  return first;
}

/** Float view of a tensor's numbers. On wasm valid until the next allocation: memory growth detaches it. */
export function floatView(backend: HostBackend, tensor: TensorInfo): Float32Array {
  const view = backend.typedArrayFromHeap(tensor);
  if (view instanceof Float32Array) return view;
  throw new Error(`Expected float32, got ${tensor.dtype}.`);
}

/** Integer view of a tensor's numbers, see {@link floatView}. */
export function intView(backend: HostBackend, tensor: TensorInfo): Int32Array {
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
