import { readFileSync } from "node:fs";

/** Linux tells programs of hundredths of a second. */
const tickMs = 10;

/** Processor time that the kernel counted so far, in its ticks: utime and stime of proc(5), after the name in brackets. */
function ticksOf(path: string): number {
  const [user = "", system = ""] =
    readFileSync(path, "utf8").split(") ").at(-1)?.split(" ").slice(11, 13) ?? [];
  return Number(user) + Number(system);
}

/** Milliseconds of processor time that the event loop's thread of a process has taken so far; counted by the kernel, on Linux alone. */
export const loopTimeOf = (pid: number): number => tickMs * ticksOf(`/proc/${pid}/task/${pid}/stat`);

/** The same of all threads of a process. */
export const processTimeOf = (pid: number): number => tickMs * ticksOf(`/proc/${pid}/stat`);

/** Where the kernel counts no thread apart, the event loop's own word: wall time, which a busy machine makes longer. */
function loopShare(): () => number {
  if (process.platform !== "linux") {
    const before = performance.eventLoopUtilization();
    return () => performance.eventLoopUtilization(before).utilization;
  }
  const now = () => [ticksOf(`/proc/self/task/${process.pid}/stat`), ticksOf("/proc/self/stat")] as const;
  const [loopBefore, allBefore] = now();
  return () => {
    const [loop, all] = now();
    return (loop - loopBefore) / (all - allBefore);
  };
}

/**
 * What `work` answers, and the share that the thread of the event loop has in the processor time that this process takes
 * meanwhile. It is nearly 1 where the loop does all of it, however slow or busy the machine is.
 */
export async function watched<T>(work: () => Promise<T>): Promise<{ answer: T; busy: number }> {
  const share = loopShare();
  const answer = await work();
  return { answer, busy: share() };
}
