import type { ChildProcess } from "node:child_process";

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

/** Kills whatever is left of a child's process group. */
export function killGroup(child: ChildProcess): void {
  signalGroup(child, "SIGKILL");
}

/** Asks a child's process group to end (SIGTERM) and kills it (SIGKILL) when it is still there after `graceMs`. */
export async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  if (gone()) return;
  signalGroup(child, "SIGTERM");
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      killGroup(child);
      resolve();
    }, graceMs);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
