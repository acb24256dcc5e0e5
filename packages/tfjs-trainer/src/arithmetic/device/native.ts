import { createRequire } from "node:module";
import util from "node:util";
import { engine, setBackend } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { userError } from "../../program/errors.js";
import type { Device } from "./device.js";
import { missingNative, type NativeName, nativePackages } from "./native-files.js";

const require = createRequire(import.meta.url);

const nativeModule = z.object({ version: z.record(z.string(), z.string()) });
const nativeBackend = z.object({
  binding: z.object({ TF_Version: z.string() }),
  isUsingGpuDevice: z.boolean(),
});

/**
 * Loads TensorFlow's C library, on this machine's processor or on CUDA. A failed require would still register kernels,
 * therefore the file is looked for first. Throws a user error where it is not there, or finds no GPU.
 */
export async function startNative(name: NativeName): Promise<Device> {
  const refuse = (reason: string) =>
    userError(
      `Backend ${name} is not available here: ${reason}.`,
      "Use another backend; a run that asks for one is never moved silently.",
    );
  const missing = missingNative(name);
  if (missing) throw refuse(missing);
  // Removed in Node 23, and called whenever a tensor is made.
  if (!("isNullOrUndefined" in util)) {
    Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  }
  const { version } = nativeModule.parse(require(nativePackages[name]));
  if (!(await setBackend("tensorflow"))) throw refuse("TensorFlow could not be initialised");
  const { binding, isUsingGpuDevice } = nativeBackend.parse(engine().backend);
  if (name === "node-gpu" && !isUsingGpuDevice) throw refuse("TensorFlow finds no CUDA device");
  return {
    name,
    facts: {
      tfjsNode: version["tfjs-node"] ?? null,
      libtensorflow: binding.TF_Version,
      tensorflowDeterministicOps: process.env.TF_DETERMINISTIC_OPS ?? null,
      tensorflowAutotune: process.env.TF_CUDNN_USE_AUTOTUNE ?? null,
    },
    unorderedPrograms: () => null,
  };
}
