import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import type { HostSample, WorkerSystem } from "@reprise/contracts";
import { followGpus, type GpuReadings } from "./gpu-readings.js";

/** The machine of a worker, looked at by its heartbeat and by every attempt. */
export type Host = {
  /** A reader of its own for everybody who samples: processor use is counted since the reader's last look. */
  reader(): () => HostSample;
  gpus: GpuReadings;
  stop(): void;
};

/** Opens the machine's figures: from /proc, the file system of `dataDirectory`, and nvidia-smi where there are GPUs. */
export function openHost(options: {
  dataDirectory: string;
  gpuIndices: readonly number[];
  gpuEveryMs: number;
  nvidiaSmi?: string;
}): Host {
  const disk = followFreeSpace(options.dataDirectory);
  const gpus = followGpus(options.gpuIndices, { everyMs: options.gpuEveryMs, command: options.nvidiaSmi });
  return {
    gpus,
    reader: () => {
      const used = processorUse();
      return () => ({
        processors: availableParallelism(),
        hostCpuPercent: used(),
        hostAvailableMemoryBytes: process.availableMemory(),
        hostMemoryBytes: installedMemory(),
        diskFreeBytes: disk(),
      });
    },
    stop: () => gpus.stop(),
  };
}

/** A sample as heartbeats carry it. */
export function workerSample(
  host: Host,
  read: () => HostSample,
  gpuIndices: readonly number[],
): WorkerSystem {
  return {
    at: new Date().toISOString(),
    ...read(),
    // Windows has no such thing and says 0.
    loadAverage1m: process.platform === "win32" ? null : (loadavg()[0] ?? null),
    gpus: host.gpus.read(gpuIndices),
  };
}

/** Of the container where it has a limit, else of the machine. */
function installedMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/**
 * Free bytes for this user on the file system of a folder, as of the look before: a file server that does not answer
 * must not hold the worker up. Null while unknown.
 */
function followFreeSpace(folder: string): () => number | null {
  let free: number | null = null;
  let asking = false;
  const ask = () => {
    if (asking) return;
    asking = true;
    statfs(folder)
      .then(({ bavail, bsize }) => bavail * bsize)
      .catch(() => null)
      .then((bytes) => {
        free = bytes;
        asking = false;
      });
  };
  ask();
  return () => {
    ask();
    return free;
  };
}

function processorUse(): () => number | null {
  let before = processorTimes();
  return () => {
    const now = processorTimes();
    const total = now.total - before.total;
    const busy = now.busy - before.busy;
    before = now;
    return total > 0 ? Math.min(100, Math.max(0, (100 * busy) / total)) : null;
  };
}

/**
 * Working and all time of the machine's processors, in any unit. Linux: the first line of /proc/stat (proc(5)), because
 * `os.cpus()` asks every processor for its clock rate, which takes milliseconds each on some.
 */
function processorTimes(): { busy: number; total: number } {
  if (process.platform === "linux") {
    try {
      const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
      // user nice system idle iowait irq softirq steal; guest times are part of user and nice.
      const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
      const total = times.reduce((sum, time) => sum + time, 0);
      const idle = (times[3] ?? 0) + (times[4] ?? 0);
      return { busy: total - idle, total };
    } catch {
      // Not to be read: the way of all other systems.
    }
  }
  return cpus().reduce(
    (sum, { times }) => {
      const busy = times.user + times.nice + times.sys + times.irq;
      return { busy: sum.busy + busy, total: sum.total + busy + times.idle };
    },
    { busy: 0, total: 0 },
  );
}
