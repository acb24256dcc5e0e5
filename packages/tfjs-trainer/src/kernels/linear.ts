import { BatchMatMul, registerGradient, registerKernel, type Tensor } from "@tensorflow/tfjs-core";
import { callKernel, input, runOp, savedTensor, single, wasmBackend } from "./wasm-context.js";

const linearKernel = "RepriseLinear";

/**
 * x · weight. Shapes: x [rows, inputs], weight [inputs, outputs], transposed [outputs, inputs].
 * The transposed weight serves the gradient towards x: it is made once per step instead of once per shard.
 */
export function linear(x: Tensor, weight: Tensor, transposed: Tensor): Tensor {
  return runOp(linearKernel, { x, weight, transposed });
}

/** The same product for evaluation. */
export function linearInference(x: Tensor, weight: Tensor): Tensor {
  return runOp(BatchMatMul, { a: x, b: weight }, { transposeA: false, transposeB: false });
}

export function registerLinear(): void {
  registerKernel({
    kernelName: linearKernel,
    backendName: "wasm",
    kernelFunc: (args) =>
      callKernel(
        BatchMatMul,
        { a: input(args, "x"), b: input(args, "weight") },
        { transposeA: false, transposeB: false },
        wasmBackend(args.backend),
      ),
  });
  registerGradient({
    kernelName: linearKernel,
    inputsToSave: ["x", "transposed"],
    gradFunc: (dy, saved) => ({
      x: () => linearInference(single(dy), savedTensor(saved, 1)),
      weight: () =>
        runOp(
          BatchMatMul,
          { a: savedTensor(saved, 0), b: single(dy) },
          { transposeA: true, transposeB: false },
        ),
    }),
  });
}
