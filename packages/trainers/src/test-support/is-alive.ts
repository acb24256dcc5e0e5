import { readFileSync } from "node:fs";

/** A killed process that nobody has waited for is a zombie: its pid still takes signals, but it runs no more. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
