import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { backend, ready, setBackend } from "@tensorflow/tfjs-core";
import { TrainerError } from "../../program/errors.js";
import { registerConvolutionGradients } from "./convolution-gradients.js";
import { startCpuBackend } from "./cpu-backend.js";
import { registerDepthwiseGradients } from "./depthwise-gradients.js";
import { registerMatMul } from "./mat-mul.js";
import { registerPoolingAndSegments } from "./pooling-and-segments.js";
import { type HostBackend, wasmBackend } from "./wasm-context.js";

/**
 * Starts a backend of this thread that computes in its own memory. On wasm, registers the kernels that training needs and
 * that are missing, wrong or slow there; `wasmFolder` holds the .wasm files. Call once per thread.
 */
export async function startBackend(
  wasmFolder: string,
  name: HostBackend["name"] = "wasm",
): Promise<HostBackend> {
  if (name === "cpu") return startCpuBackend();
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
