import { writeFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/**
 * Lets the other programs of the machine compute first (`nice`, POSIX: 0 as this process, 19 last). Linux may share out its processors by sessions
 * and not by processes (sched_autogroup), so the session that the process leads is told the same. What the system refuses, or does not
 * know, stays as it is.
 */
export function letOthersFirst(pid: number, niceness: number): void {
  if (niceness === 0) return;
  const wanted = Math.min(19, getPriority() + niceness);
  tried(() => setPriority(pid, wanted));
  if (process.platform === "linux") tried(() => writeFileSync(`/proc/${pid}/autogroup`, String(wanted)));
}

function tried(change: () => void): void {
  try {
    change();
  } catch {
    // It has ended, or may not.
  }
}
