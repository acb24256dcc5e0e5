import { availableParallelism, cpus, totalmem } from "node:os";
import type { Energy } from "@reprise/contracts";
import { carbonIntensity } from "./carbon-intensity.js";
import { sampleGpuPower } from "./gpu-power.js";
import { machineBusySeconds, readProcessTree } from "./process-usage.js";
import { openRapl } from "./rapl.js";
import type { EnergySettings } from "./settings.js";

/** What CodeCarbon assumes for a processor it does not know, per hardware thread. */
const assumedWattsPerThread = 4;
const sampleMs = 250;
const joulesPerKWh = 3.6e6;

export type EnergyMeter = {
  /** Names the trainer's process as soon as it runs. */
  watch(pid: number): void;
  stop(): Promise<Energy>;
};

/**
 * Measures one run, from now to `stop`. `kWh` is what the machine used; kg CO2e = PUE × kWh × intensity / 1000 (as
 * CodeCarbon).
 *
 * - Processor: RAPL where it can be read, times the trainer's share of the machine's working time; else thermal
 *   design power × utilisation by the trainer's process tree (whole machine where the system does not tell
 *   processes apart).
 * - Memory: RAPL's dram counter, else watts per GiB × resident memory of the tree.
 * - GPUs of the slot: power draw sampled by nvidia-smi.
 *
 * `method` says which of these it was; `factors` has every number that went in.
 */
export function startEnergyMeter(options: {
  settings: EnergySettings;
  gpuIndices: readonly number[];
}): EnergyMeter {
  const { settings, gpuIndices } = options;
  const startedAt = performance.now();
  const busyAtStart = machineBusySeconds();
  const rapl = openRapl();
  const gpu = gpuIndices.length > 0 ? sampleGpuPower(gpuIndices) : null;
  const tree = { cpuSeconds: 0, gibSeconds: 0, lastAt: startedAt, sampled: false };
  /** What the process had computed before it was watched: it was started for whichever run came next. */
  let before = 0;
  let timer: NodeJS.Timeout | undefined;

  const sample = (pid: number) => {
    const usage = readProcessTree(pid);
    if (!usage) return;
    const now = performance.now();
    tree.cpuSeconds = Math.max(tree.cpuSeconds, usage.cpuSeconds - before);
    tree.gibSeconds += (usage.residentBytes / 2 ** 30) * ((now - tree.lastAt) / 1000);
    tree.lastAt = now;
    tree.sampled = true;
    // Also keeps long runs within one turn of the counter.
    rapl?.read();
  };

  return {
    watch(pid) {
      clearInterval(timer);
      before = readProcessTree(pid)?.cpuSeconds ?? 0;
      timer = setInterval(() => sample(pid), sampleMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      const seconds = (performance.now() - startedAt) / 1000;
      const gpuResult = gpu ? await gpu.stop() : null;
      const busy = Math.max(0, machineBusySeconds() - busyAtStart);
      // What ran after the last sample is assumed to go on as before it.
      const covered = (tree.lastAt - startedAt) / 1000;
      const own = tree.sampled ? Math.min(busy, tree.cpuSeconds * (seconds / covered)) : busy;
      const whose = tree.sampled ? "the trainer's processes" : "the whole machine";
      const parts = [
        rapl
          ? raplPart(rapl.read(), busy > 0 ? own / busy : 1, whose)
          : tdpPart(settings, own, seconds, whose),
      ];
      const dram = rapl?.read().dramJoules ?? null;
      if (dram === null) parts.push(memoryPart(settings, tree.gibSeconds, seconds, tree.sampled));
      if (gpu) parts.push(gpuPart(gpuResult));
      return assemble(parts, settings, seconds);
    },
  };
}

type Part = { joules: number; method: string; factors: Energy["factors"] };

function raplPart(
  reading: { packageJoules: number; dramJoules: number | null },
  share: number,
  whose: string,
): Part {
  const { packageJoules, dramJoules } = reading;
  const memory = dramJoules === null ? "" : " and memory";
  return {
    joules: (packageJoules + (dramJoules ?? 0)) * share,
    method: `processor${memory}: RAPL counters × share of working time of ${whose}`,
    factors: { raplPackageJoules: packageJoules, raplDramJoules: dramJoules ?? "none", cpuShare: share },
  };
}

function tdpPart(settings: EnergySettings, cpuSeconds: number, seconds: number, whose: string): Part {
  const threads = cpus().length || availableParallelism();
  const watts = settings.cpuTdpWatts ?? assumedWattsPerThread * threads;
  const utilisation = seconds > 0 ? Math.min(1, cpuSeconds / (seconds * threads)) : 0;
  const origin =
    settings.cpuTdpWatts === undefined
      ? `thermal design power unknown, ${assumedWattsPerThread} W per hardware thread assumed`
      : "configured thermal design power";
  return {
    joules: watts * utilisation * seconds,
    method: `processor: ${origin} × utilisation by ${whose}`,
    factors: { cpuWatts: watts, cpuUtilisation: utilisation, cpuThreads: threads },
  };
}

function memoryPart(settings: EnergySettings, gibSeconds: number, seconds: number, sampled: boolean): Part {
  const gib = sampled && seconds > 0 ? gibSeconds / seconds : totalmem() / 2 ** 30;
  return {
    joules: settings.ramWattsPerGib * gib * seconds,
    method: `memory: watts per GiB × ${sampled ? "resident memory" : "installed memory"}`,
    factors: { ramWattsPerGib: settings.ramWattsPerGib, ramGib: gib },
  };
}

function gpuPart(result: { joules: number; samples: number } | null): Part {
  if (!result) return { joules: 0, method: "GPU: no reading, not counted", factors: { gpuSamples: 0 } };
  const { joules, samples } = result;
  return {
    joules,
    method: "GPU: power draw sampled by nvidia-smi",
    factors: { gpuJoules: joules, gpuSamples: samples },
  };
}

function assemble(parts: readonly Part[], settings: EnergySettings, seconds: number): Energy {
  const intensity = carbonIntensity(settings);
  const kWh = parts.reduce((sum, part) => sum + part.joules, 0) / joulesPerKWh;
  return {
    kWh,
    gCO2e: settings.pue * kWh * intensity.gramsPerKWh,
    method: parts.map((part) => part.method).join("; "),
    factors: {
      seconds,
      ...Object.assign({}, ...parts.map((part) => part.factors)),
      pue: settings.pue,
      carbonGramsPerKWh: intensity.gramsPerKWh,
      carbonPlace: intensity.place,
      carbonYear: intensity.year ?? "not stated",
      carbonSource: intensity.source,
    },
  };
}
