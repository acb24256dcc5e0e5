import { readFileSync } from "node:fs";
import { readdir, readlink } from "node:fs/promises";

/** State and start (clock ticks since boot) of a process from Linux's /proc; null elsewhere and for the dead. */
function readProcess(pid: number): { state: string; start: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command in parentheses may contain spaces: count from behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", start: fields[19] ?? "" };
  } catch {
    return null;
  }
}

/** Whether a process with this number runs; one that has ended and only waits for its parent does not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return readProcess(pid)?.state !== "Z";
}

/** When a process started, in the system's own unit; null where that is not known. */
export const processStart = (pid: number) => readProcess(pid)?.start ?? null;

/** Whether a process of that number is listed at all, be it one that has ended and waits for its parent. */
export function isListed(pid: number): boolean {
  return isProcessAlive(pid) || readProcess(pid) !== null;
}

/** Processes that work in a folder, as PostgreSQL's do in its data; none where the system does not tell. */
export async function processesIn(folder: string): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.map(Number).filter((pid) => pid > 0);
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => null)));
  return pids.filter((_, index) => folders[index] === folder);
}
