import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { backend, ready, setBackend } from "@tensorflow/tfjs-core";
import { TrainerError } from "../errors.js";
import { registerConvolutionGradients } from "./convolution-gradients.js";
import { registerDepthwiseGradients } from "./depthwise-gradients.js";
import { registerMatMul } from "./mat-mul.js";
import { registerPoolingAndSegments } from "./pooling-and-segments.js";
import { wasmBackend } from "./wasm-context.js";

/**
 * Starts the wasm backend of this thread and registers the kernels and gradients that training needs. `wasmFolder` holds the .wasm files.
 * Call once per thread.
 */
export async function startBackend(wasmFolder: string): Promise<BackendWasm> {
  setWasmPaths(wasmFolder);
  if (!(await setBackend("wasm"))) {
    throw new TrainerError(
      "infrastructure",
      `The wasm backend does not start; its files should be in ${wasmFolder}.`,
    );
  }
  await ready();
  registerMatMul();
  registerConvolutionGradients();
  registerDepthwiseGradients();
  registerPoolingAndSegments();
  return wasmBackend(backend());
}
