import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import {
  BatchMatMul,
  getKernel,
  type KernelFunc,
  registerGradient,
  registerKernel,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { callKernel, dimension, input, runOp, savedTensor, single, wasmBackend } from "./wasm-context.js";

/** Swaps the last two axes; the caller releases the result. */
function swapLastTwo(tensor: TensorInfo, backend: BackendWasm): TensorInfo {
  const rank = tensor.shape.length;
  const perm = tensor.shape.map((_, axis) =>
    axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
  );
  return callKernel("Transpose", { x: tensor }, { perm }, backend);
}

/**
 * Replaces the wasm matrix product by one that transposes explicitly first: the stock kernel reaches its fast (XNNPACK)
 * path only for operands that are not transposed. Registers its gradient for two-dimensional operands.
 */
export function registerMatMul(): void {
  const stock = getKernel(BatchMatMul, "wasm");
  if (!stock) throw new Error("The wasm backend has no BatchMatMul kernel.");
  const product = stock.kernelFunc;
  const kernelFunc: KernelFunc = (args) => {
    const backend = wasmBackend(args.backend);
    const { transposeA, transposeB } = args.attrs ?? {};
    const a = transposeA ? swapLastTwo(input(args, "a"), backend) : input(args, "a");
    const b = transposeB ? swapLastTwo(input(args, "b"), backend) : input(args, "b");
    const result = product({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } });
    if (transposeA) backend.disposeData(a.dataId);
    if (transposeB) backend.disposeData(b.dataId);
    return result;
  };
  unregisterKernel(BatchMatMul, "wasm");
  registerKernel({ ...stock, kernelFunc });
  registerGradient({
    kernelName: BatchMatMul,
    inputsToSave: ["a", "b"],
    gradFunc: (dy, saved) => {
      const a = savedTensor(saved, 0);
      const b = savedTensor(saved, 1);
      dimension(a.shape, 1);
      const gradient = single(dy);
      return {
        a: () => runOp(BatchMatMul, { a: gradient, b }, { transposeA: false, transposeB: true }),
        b: () => runOp(BatchMatMul, { a, b: gradient }, { transposeA: true, transposeB: false }),
      };
    },
  });
}
