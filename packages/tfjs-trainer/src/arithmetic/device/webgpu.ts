import { engine, env, setBackend } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { userError } from "../../program/errors.js";
import type { Device } from "./device.js";

const adapterInfo = z.object({
  vendor: z.string(),
  architecture: z.string(),
  description: z.string(),
  isFallbackAdapter: z.boolean().optional(),
});

/** The adapter that Dawn offers first, and whether it is a program rather than a piece of hardware. */
export type Adapter = {
  label: string;
  software: boolean;
};

/**
 * Loads Dawn and makes its WebGPU known to this thread, as a browser's would be. Throws a user error naming the reason
 * where there is none: the package is optional, and an adapter needs a driver.
 */
export async function openWebGpu(): Promise<Adapter> {
  const refuse = (reason: string) =>
    userError(
      `Backend webgpu is not available here: ${reason}.`,
      "Use another backend; a run that asks for one is never moved silently.",
    );
  let dawn: typeof import("webgpu");
  try {
    dawn = await import("webgpu");
  } catch (error) {
    throw refuse(
      `the package webgpu cannot be loaded (${error instanceof Error ? error.message.split("\n")[0] : error})`,
    );
  }
  Object.assign(globalThis, dawn.globals);
  const offered = dawn.create([]);
  Object.defineProperty(globalThis, "navigator", { value: { gpu: offered }, configurable: true });
  const adapter = await offered.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw refuse("no adapter: a Vulkan, Metal or Direct3D 12 driver is needed");
  const { vendor, architecture, description, isFallbackAdapter } = adapterInfo.parse(adapter.info);
  return {
    label: [vendor, architecture, description].filter((part) => part !== "").join(" "),
    software: isFallbackAdapter ?? false,
  };
}

/** Program 3 multiplies tile by tile and adds in a fixed order; -1 lets the backend choose, also a split-K program. */
const matMulProgram = { deterministic: 3, default: -1 } as const;
/** Programs that add with float atomics, in the order in which workgroups happen to finish. */
const unordered = /^(matMulSplitK|unsortedSegmentSum|scatter|sparseSegment)/;

const runsPrograms = z.looseObject({ runWebGPUProgram: z.function() });

/** Starts TensorFlow.js on WebGPU, with the matrix products that the arm asks for. */
export async function startWebGpu(algorithms: keyof typeof matMulProgram): Promise<Device> {
  const { label, software } = await openWebGpu();
  // It looks for WebGPU when it is loaded, therefore only now.
  await import("@tensorflow/tfjs-backend-webgpu");
  const { version } = await import("@tensorflow/tfjs-backend-webgpu/dist/version.js");
  env().set("WEBGPU_MATMUL_PROGRAM_TYPE", matMulProgram[algorithms]);
  if (!(await setBackend("webgpu"))) throw new Error("the WebGPU backend could not be initialised");
  const seen = new Set<string>();
  const backend = engine().backend;
  const { runWebGPUProgram } = runsPrograms.parse(backend);
  Object.assign(backend, {
    runWebGPUProgram(program: { shaderKey: string }, ...rest: unknown[]) {
      if (unordered.test(program.shaderKey)) seen.add(program.shaderKey);
      return Reflect.apply(runWebGPUProgram, backend, [program, ...rest]);
    },
  });
  return {
    name: "webgpu",
    facts: {
      tfjsBackendWebgpu: version,
      webgpuAdapter: label,
      webgpuSoftwareAdapter: software,
      webgpuMatMulProgram: algorithms,
    },
    unorderedPrograms: () => seen,
  };
}
