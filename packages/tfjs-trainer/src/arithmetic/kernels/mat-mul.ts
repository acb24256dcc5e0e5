import {
  BatchMatMul,
  getKernel,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
  Transpose,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { attributesOf } from "./attributes.js";
import { callKernel, type HostBackend, input, wasmBackend } from "./wasm-context.js";

/** Swaps the last two axes; the caller releases the result. */
export function swapLastTwo(backend: HostBackend, tensor: TensorInfo): TensorInfo {
  const last = tensor.shape.length - 1;
  const perm = tensor.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis));
  return callKernel(backend, Transpose, { x: tensor }, { perm });
}

/**
 * Replaces the wasm matrix product by one that transposes explicitly first: the stock kernel reaches its fast (XNNPACK)
 * path only for operands that are not transposed.
 */
export function registerMatMul(): void {
  const stock = getKernel(BatchMatMul, "wasm");
  if (!stock) throw new Error("The wasm backend has no BatchMatMul kernel.");
  const product = stock.kernelFunc;
  const kernelFunc: KernelFunc = (args) => {
    const backend = wasmBackend(args.backend);
    const attribute = attributesOf(args);
    const [transposeA, transposeB] = [attribute.flag("transposeA"), attribute.flag("transposeB")];
    const a = transposeA ? swapLastTwo(backend, input(args, "a")) : input(args, "a");
    const b = transposeB ? swapLastTwo(backend, input(args, "b")) : input(args, "b");
    const result = product({
      inputs: { a, b },
      backend: args.backend,
      attrs: { transposeA: false, transposeB: false },
    });
    if (transposeA) backend.disposeData(a.dataId);
    if (transposeB) backend.disposeData(b.dataId);
    return result;
  };
  unregisterKernel(BatchMatMul, "wasm");
  // The stock set-up function must stay, or the kernel loses its link into the wasm module.
  registerKernel({ ...stock, kernelFunc });
}

/** a · b, optionally with an operand transposed; the caller releases the result. */
export function matMul(
  backend: HostBackend,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA = false, transposeB = false } = {},
): TensorInfo {
  return callKernel(backend, BatchMatMul, { a, b }, { transposeA, transposeB });
}
