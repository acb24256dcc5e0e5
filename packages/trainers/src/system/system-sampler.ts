import type { SystemSample } from "@reprise/contracts";
import { readProcessTree } from "../energy/process-usage.js";
import type { Host } from "./host.js";

/** Between two samples of an attempt. */
export const sampleEveryMs = 2_000;
/** The first comes soon, so that a run of a second has one. */
const firstAfterMs = 250;

export type SystemSampler = {
  /** Names the trainer's process as soon as it runs; sampling begins. */
  watch(pid: number): void;
  /** One more sample, now: the trainer has just begun, or is about to end. */
  now(): void;
  stop(): void;
};

/**
 * Looks at the trainer's process tree and at its machine every two seconds and hands each look to `onSample`, numbered
 * from 0. Costs a fraction of a millisecond a look: some files of /proc. Where the system does not tell processes apart
 * (anything but Linux) the trainer's own figures are null.
 *
 * @param options.gpuIndices GPUs of the run's slot; empty when it has none
 */
export function createSystemSampler(options: {
  host: Host;
  gpuIndices: readonly number[];
  onSample: (sample: SystemSample) => void;
}): SystemSampler {
  const { host, gpuIndices, onSample } = options;
  const readHost = host.reader();
  let trainer: { pid: number; startedAt: number; before: number } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let index = 0;
  let cpuSeconds = 0;

  const look = () => {
    if (!trainer) return;
    const usage = readProcessTree(trainer.pid);
    const tells = process.platform === "linux";
    // It has ended, and nobody has waited for it yet.
    if (tells && (usage === null || usage.residentBytes === 0)) return;
    // A child that nobody waited for takes its time along: what was seen once is not taken back.
    cpuSeconds = Math.max(cpuSeconds, (usage?.cpuSeconds ?? 0) - trainer.before);
    onSample({
      index: index++,
      wallTime: (performance.now() - trainer.startedAt) / 1000,
      cpuSeconds: usage ? cpuSeconds : null,
      residentMemoryBytes: usage?.residentBytes ?? null,
      threads: usage?.threads ?? null,
      processes: usage?.processes ?? null,
      ...readHost(),
      gpus: gpuIndices.length === 0 ? null : host.gpus.read(gpuIndices),
    });
  };
  return {
    watch(pid) {
      clearTimeout(timer);
      // What it computed before belongs to no run: it was started for whichever came next.
      const before = readProcessTree(pid)?.cpuSeconds ?? 0;
      trainer = { pid, startedAt: performance.now(), before };
      const goOn = () => {
        look();
        timer = setTimeout(goOn, sampleEveryMs);
        timer.unref();
      };
      timer = setTimeout(goOn, firstAfterMs);
      timer.unref();
    },
    now: look,
    stop() {
      clearTimeout(timer);
      trainer = null;
    },
  };
}
