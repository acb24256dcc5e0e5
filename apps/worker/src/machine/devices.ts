import { availableParallelism, cpus, totalmem } from "node:os";
import type { Device } from "@reprise/contracts";
import { type Gpu, visibleGpus } from "@reprise/trainers";

/** Memory that may be used: a container's limit where it has one. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/**
 * What trainers can run on here: the processor as one device, whatever its cores, and every GPU that is visible.
 */
export function devicesOf(gpus: readonly Gpu[], variables: NodeJS.ProcessEnv): Device[] {
  return [
    {
      kind: "cpu",
      name: cpus()[0]?.model.trim() || "processor",
      index: 0,
      threads: availableParallelism(),
      memoryBytes: memoryHere(),
    },
    ...visibleGpus(gpus, variables.CUDA_VISIBLE_DEVICES).map(
      ({ name, index, memoryMiB }): Device => ({
        ...{ kind: "gpu", name, index },
        ...(memoryMiB === null ? {} : { memoryBytes: memoryMiB * 1024 ** 2 }),
      }),
    ),
  ];
}

/** Variables that show a trainer its own device and no other. */
export function deviceVariables(device: Device): Record<string, string> {
  return device.kind === "gpu"
    ? { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: String(device.index) }
    : { CUDA_VISIBLE_DEVICES: "" };
}
