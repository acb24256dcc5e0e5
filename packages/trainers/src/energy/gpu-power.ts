import { spawn } from "node:child_process";
import { linesOf } from "../lines.js";

export type GpuPower = {
  /** Readings so far. */
  samples(): number;
  stop(): Promise<{ joules: number; samples: number } | null>;
};

const sampleMs = 500;

/**
 * Samples the power draw of some GPUs with nvidia-smi until stopped; the result is null when it gave no reading.
 */
export function sampleGpuPower(gpuIndices: readonly number[], command = "nvidia-smi"): GpuPower {
  const args = [
    `--id=${gpuIndices.join(",")}`,
    "--query-gpu=index,power.draw",
    "--format=csv,noheader,nounits",
    `--loop-ms=${sampleMs}`,
  ];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"], windowsHide: true });
  child.on("error", () => {});
  const startedAt = performance.now();
  const last = new Map<string, { watts: number; at: number }>();
  let joules = 0;
  let samples = 0;
  const account = (index: string, watts: number, at: number) => {
    const before = last.get(index);
    // Trapezoids between samples; before the first one, the first.
    const mean = before ? (before.watts + watts) / 2 : watts;
    joules += (mean * (at - (before?.at ?? startedAt))) / 1000;
    last.set(index, { watts, at });
  };
  const reading = (async () => {
    if (!child.stdout) return;
    for await (const { text } of linesOf(child.stdout, 1000)) {
      const [index = "", draw = ""] = text.split(",").map((cell) => cell.trim());
      const watts = draw === "" ? Number.NaN : Number(draw);
      if (!Number.isFinite(watts)) continue;
      samples += 1;
      account(index, watts, performance.now());
    }
  })().catch(() => {});
  return {
    samples: () => samples,
    async stop() {
      const endedAt = performance.now();
      // A child that could not be started has no process number, and a signal to it would reach this very process group.
      if (child.pid !== undefined) child.kill("SIGKILL");
      await reading;
      if (samples === 0) return null;
      for (const [index, { watts }] of [...last]) account(index, watts, endedAt);
      return { joules, samples };
    },
  };
}
