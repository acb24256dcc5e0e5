import type { Execution } from "@reprise/contracts";
import type { Device } from "../device/device.js";
import { startBackend } from "../kernels/register.js";
import type { HostBackend } from "../kernels/wasm-context.js";
import type { BackendName } from "./backend-names.js";

/** What a compute thread starts. */
export type Compute = {
  backend: BackendName;
  algorithms: Execution["algorithms"];
};

/** What a thread computes on: numbers in this process's memory, or a device with its own. */
export type Engine = { kind: "host"; backend: HostBackend } | { kind: "device"; device: Device };

/** Starts the backend of a run in this thread. Throws a user error with the reason where it is not available. */
export async function startEngine({ backend, algorithms }: Compute, wasmFolder: string): Promise<Engine> {
  switch (backend) {
    case "wasm":
    case "cpu":
      return { kind: "host", backend: await startBackend(wasmFolder, backend) };
    case "node":
    case "node-gpu": {
      const { startNative } = await import("../device/native.js");
      return { kind: "device", device: await startNative(backend) };
    }
    case "webgpu": {
      const { startWebGpu } = await import("../device/webgpu.js");
      return { kind: "device", device: await startWebGpu(algorithms) };
    }
  }
}

/** The backend of a task that computes with loops of our own. */
export function hostOf(engine: Engine): HostBackend {
  if (engine.kind === "host") return engine.backend;
  throw new Error(`This task does not compute on ${engine.device.name}; planning should have refused it.`);
}
