import type { WorkerSystem } from "@reprise/contracts";
import { memorySize } from "./bytes.js";
import { count } from "./numbers.js";

/** What a worker's machine does now, a phrase for each part that could be read. */
export function loadWords(system: WorkerSystem): string[] {
  return [...machineWords(system), ...system.gpus.flatMap((gpu) => gpuWords(gpu))];
}

/** Processors, memory and disk. */
function machineWords(system: WorkerSystem): string[] {
  const { hostCpuPercent, processors, hostAvailableMemoryBytes, hostMemoryBytes, diskFreeBytes } = system;
  return [
    ...(hostCpuPercent === null
      ? []
      : [`${hostCpuPercent.toFixed(0)} % of ${count(processors, "processor")} busy`]),
    `${memorySize(hostAvailableMemoryBytes)} of ${memorySize(hostMemoryBytes)} memory available`,
    ...(diskFreeBytes === null ? [] : [`${memorySize(diskFreeBytes)} of disk free`]),
  ];
}

function gpuWords(gpu: WorkerSystem["gpus"][number]): string[] {
  const parts = [
    gpu.utilizationPercent === null ? null : `${gpu.utilizationPercent.toFixed(0)} % busy`,
    gpu.memoryUsedBytes === null || gpu.memoryBytes === null
      ? null
      : `${memorySize(gpu.memoryUsedBytes)} of ${memorySize(gpu.memoryBytes)} in use`,
    gpu.powerWatts === null ? null : `${gpu.powerWatts.toFixed(0)} W`,
    gpu.temperatureCelsius === null ? null : `${gpu.temperatureCelsius.toFixed(0)} °C`,
  ].filter((part) => part !== null);
  return [`GPU ${gpu.index}: ${parts.join(", ") || "no reading"}`];
}
