import { spawn } from "node:child_process";
import type { GpuSample } from "@reprise/contracts";
import { linesOf } from "../lines.js";
import { finite } from "../nvidia-smi.js";

const fields = "index,utilization.gpu,memory.used,memory.total,power.draw,temperature.gpu";
const mebibyte = 2 ** 20;

export type GpuReadings = {
  /** The latest reading of each of these GPUs; nulls of one that has not answered or not for three rounds. */
  read(indices: readonly number[]): GpuSample[];
  stop(): void;
};

/**
 * What some GPUs say of themselves, from one nvidia-smi that repeats itself until stopped. A machine without the program
 * gives nulls.
 */
export function followGpus(
  indices: readonly number[],
  { everyMs, command = "nvidia-smi" }: { everyMs: number; command?: string },
): GpuReadings {
  const latest = new Map<number, { sample: GpuSample; at: number }>();
  if (indices.length === 0) return { read: (wanted) => wanted.map(silent), stop: () => {} };
  const child = spawn(
    command,
    [
      `--id=${indices.join(",")}`,
      `--query-gpu=${fields}`,
      "--format=csv,noheader,nounits",
      `--loop-ms=${everyMs}`,
    ],
    { stdio: ["ignore", "pipe", "ignore"], windowsHide: true },
  );
  child.on("error", () => {});
  void (async () => {
    if (!child.stdout) return;
    for await (const { text } of linesOf(child.stdout, 1000)) {
      const sample = parseGpuReading(text);
      if (sample) latest.set(sample.index, { sample, at: performance.now() });
    }
  })().catch(() => {});
  return {
    read: (wanted) =>
      wanted.map((index) => {
        const known = latest.get(index);
        return known && performance.now() - known.at < 3 * everyMs + 1_000 ? known.sample : silent(index);
      }),
    stop() {
      // A child that could not be started has no process number, and a signal to it would reach this very process group.
      if (child.pid !== undefined) child.kill("SIGKILL");
    },
  };
}

const silent = (index: number): GpuSample => ({
  index,
  utilizationPercent: null,
  memoryUsedBytes: null,
  memoryBytes: null,
  powerWatts: null,
  temperatureCelsius: null,
});

/** One line of nvidia-smi; "[N/A]" and the like become null, a line that is no reading gives null. */
export function parseGpuReading(line: string): GpuSample | null {
  const [index = "", utilization = "", used = "", total = "", power = "", temperature = ""] = line
    .split(",")
    .map((cell) => cell.trim());
  if (!/^\d+$/.test(index)) return null;
  const mib = (cell: string) => {
    const value = finite(cell);
    return value === null ? null : value * mebibyte;
  };
  return {
    index: Number(index),
    utilizationPercent: finite(utilization),
    memoryUsedBytes: mib(used),
    memoryBytes: mib(total),
    powerWatts: finite(power),
    temperatureCelsius: finite(temperature),
  };
}
