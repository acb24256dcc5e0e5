import { readFileSync } from "node:fs";

/** The value below which a share `p` of all lie; NaN of none. */
export const quantile = (values: readonly number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] ?? Number.NaN;

/** The upper one of the two in the middle. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Bytes of memory that a process has now, and had at most since the count was reset: proc(5), status and clear_refs. */
export function memoryOf(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? Number.NaN);
  return { now: of("VmRSS"), most: of("VmHWM") };
}
