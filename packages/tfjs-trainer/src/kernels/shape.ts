import { Multiply, Reshape, registerGradient, registerKernel, type Tensor } from "@tensorflow/tfjs-core";
import { callKernel, input, runOp, savedTensor, single, sizeOf, wasmBackend } from "./wasm-context.js";

const flattenKernel = "RepriseFlatten";
const maskKernel = "RepriseMask";

/** [rows, a, b, …] to [rows, a·b·…]. */
export function flatten(x: Tensor): Tensor {
  const [rows = 0, ...rest] = x.shape;
  return runOp(flattenKernel, { x }, { shape: [rows, sizeOf(rest)], inputShape: x.shape });
}

/** x · mask of the same shape; the mask carries no gradient (dropout). */
export function applyMask(x: Tensor, mask: Tensor): Tensor {
  return runOp(maskKernel, { x, mask });
}

export function registerShapeOps(): void {
  registerKernel({
    kernelName: flattenKernel,
    backendName: "wasm",
    kernelFunc: (args) =>
      callKernel(Reshape, { x: input(args, "x") }, { shape: args.attrs?.shape }, wasmBackend(args.backend)),
  });
  registerGradient({
    kernelName: flattenKernel,
    gradFunc: (dy, _saved, attrs) => ({
      x: () => runOp(Reshape, { x: single(dy) }, { shape: attrs.inputShape }),
    }),
  });
  registerKernel({
    kernelName: maskKernel,
    backendName: "wasm",
    kernelFunc: (args) =>
      callKernel(Multiply, { a: input(args, "x"), b: input(args, "mask") }, {}, wasmBackend(args.backend)),
  });
  registerGradient({
    kernelName: maskKernel,
    inputsToSave: ["mask"],
    gradFunc: (dy, saved) => ({ x: () => runOp(Multiply, { a: single(dy), b: savedTensor(saved, 0) }) }),
  });
}
