import type { Sweep } from "@reprise/contracts";

/** How far a sweep is, in one line. */
export function statusLine(sweep: Sweep): string {
  const { runCounts } = sweep;
  const counts = Object.entries(runCounts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  return `${sweep.name}: ${sweep.status} (${counts.join(", ")})`;
}
