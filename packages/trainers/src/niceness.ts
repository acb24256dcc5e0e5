import { writeFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** Linux takes one such write in a tenth of a second from all who are not root; of as many slots as a machine has, all get their turn. */
const tries = 50;
const againAfterMs = 110;

/**
 * Lets the other programs of the machine compute first (`nice`, POSIX: 0 as this process, 19 last). Linux may share out its processors by
 * sessions and not by processes (sched_autogroup), so the session that the process leads is told the same, as soon as that can be. What
 * the system refuses, or does not know, stays as it is.
 */
export function letOthersFirst(pid: number, niceness: number): void {
  if (niceness === 0) return;
  const wanted = Math.min(19, getPriority() + niceness);
  try {
    setPriority(pid, wanted);
  } catch {
    // It has ended, or may not.
  }
  if (process.platform === "linux") tellSession(pid, wanted, tries);
}

function tellSession(pid: number, wanted: number, left: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(wanted));
  } catch (error) {
    const isTooSoon = error instanceof Error && "code" in error && error.code === "EAGAIN";
    // Within these seconds hardly another process has the number; of other accounts it would be refused.
    if (isTooSoon && left > 1) setTimeout(() => tellSession(pid, wanted, left - 1), againAfterMs).unref();
  }
}
