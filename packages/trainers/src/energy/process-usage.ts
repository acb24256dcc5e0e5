import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Clock ticks per second of /proc; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
/** Usual but on some ARM kernels, whose pages hold 16 or 64 KiB. */
const leastPageBytes = 4096;

export type ProcessUsage = { cpuSeconds: number; residentBytes: number; threads: number; processes: number };

/**
 * CPU time (ended children included), resident memory and threads of a process and its living descendants; null where
 * /proc does not tell. Memory that several processes share counts in each.
 */
export function readProcessTree(pid: number): ProcessUsage | null {
  const own = readStat(pid);
  if (!own) return null;
  for (const child of childrenOf(pid)) {
    const usage = readProcessTree(child);
    if (!usage) continue;
    own.cpuSeconds += usage.cpuSeconds;
    own.residentBytes += usage.residentBytes;
    own.threads += usage.threads;
    own.processes += usage.processes;
  }
  return own;
}

function readStat(pid: number): ProcessUsage | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, second field, stands in brackets and may contain spaces; field 3 follows the last bracket.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const field = (number: number) => fields[number - 3] ?? 0;
    const ticks = field(14) + field(15) + field(16) + field(17);
    return {
      cpuSeconds: ticks / ticksPerSecond,
      residentBytes: field(24) * pageBytes(),
      threads: field(20),
      processes: 1,
    };
  } catch {
    return null;
  }
}

let knownPageBytes: number | undefined;

/** The page size that this process's own memory, told in pages and in bytes, comes out at. */
function pageBytes(): number {
  if (knownPageBytes === undefined) {
    const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]);
    const power = Math.round(Math.log2(process.memoryUsage.rss() / pages));
    knownPageBytes = Number.isFinite(power) ? Math.max(leastPageBytes, 2 ** power) : leastPageBytes;
  }
  return knownPageBytes;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** Seconds that all processors of the machine have worked since it started. */
export function machineBusySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}
