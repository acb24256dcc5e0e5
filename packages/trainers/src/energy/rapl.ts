import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

type Counter = { path: string; kind: "package" | "dram"; rangeMicrojoules: number };

export type RaplReading = { packageJoules: number; dramJoules: number | null };

/**
 * Running Average Power Limit: the processor's own energy counters, read from `/sys/class/powercap` (Linux kernel
 * documentation, "Power Capping Framework"). Null where there are none or they may not be read: most kernels keep
 * them for root, and virtual machines have none.
 */
export function openRapl(root = "/sys/class/powercap"): { read(): RaplReading } | null {
  const counters = findCounters(root);
  if (!counters.some((counter) => counter.kind === "package")) return null;
  const last = new Map(counters.map((counter) => [counter.path, readMicrojoules(counter.path)]));
  const total = { package: 0, dram: 0 };
  return {
    read() {
      for (const counter of counters) {
        const now = readMicrojoules(counter.path);
        const difference = now - (last.get(counter.path) ?? now);
        // The counter starts again from 0 at its range.
        total[counter.kind] += difference >= 0 ? difference : difference + counter.rangeMicrojoules;
        last.set(counter.path, now);
      }
      const hasDram = counters.some((counter) => counter.kind === "dram");
      return { packageJoules: total.package / 1e6, dramJoules: hasDram ? total.dram / 1e6 : null };
    },
  };
}

function findCounters(root: string): Counter[] {
  try {
    return readdirSync(root)
      .filter((name) => /^intel-rapl:\d+(:\d+)?$/.test(name))
      .flatMap((name): Counter[] => {
        const folder = join(root, name);
        const label = readFileSync(join(folder, "name"), "utf8").trim();
        const kind = label.startsWith("package") ? "package" : label === "dram" ? "dram" : null;
        if (!kind) return [];
        const path = join(folder, "energy_uj");
        readMicrojoules(path);
        const rangeMicrojoules = Number(readFileSync(join(folder, "max_energy_range_uj"), "utf8"));
        return [{ path, kind, rangeMicrojoules }];
      });
  } catch {
    return [];
  }
}

function readMicrojoules(path: string): number {
  return Number(readFileSync(path, "utf8"));
}
