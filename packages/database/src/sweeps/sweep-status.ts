import type { RunCounts, SweepStatus } from "@reprise/contracts";

/**
 * The status of a sweep, from nothing but its study runs and what was asked of it:
 *
 * - no run yet, because they are logged or asked for: `queued`;
 * - all runs ended, but a sequential study has not looked at them yet: as if one were left;
 * - all runs ended: `cancelled` if a run was cancelled and the sweep's cancellation was asked for, or no run failed;
 *   else `failed` if a run failed; else `succeeded`: runs that were pruned have ended as their sampler wanted;
 * - runs are left, `paused`: asked for, not cancelled, and at least one run is queued, that is held (runs that were
 *   already running finish; `runCounts.running` tells how many). A lost run of a paused sweep is held as well;
 * - else `running` once the first run has started, also while a cancelled sweep's last runs are being stopped;
 * - else `queued`.
 */
export function deriveSweepStatus(sweep: {
  counts: RunCounts;
  paused: boolean;
  cancelRequested: boolean;
  started: boolean;
  /** A sequential study that has not stopped: what has ended is followed by a look. */
  looksAgain?: boolean;
}): SweepStatus {
  const { queued, running, failed, cancelled } = sweep.counts;
  if (Object.values(sweep.counts).every((count) => count === 0)) {
    return sweep.cancelRequested ? "cancelled" : "queued";
  }
  if (queued + running === 0 && (!sweep.looksAgain || sweep.cancelRequested)) {
    if (cancelled > 0 && (sweep.cancelRequested || failed === 0)) return "cancelled";
    return failed > 0 ? "failed" : "succeeded";
  }
  if (sweep.paused && !sweep.cancelRequested && queued > 0) return "paused";
  return sweep.started || running > 0 ? "running" : "queued";
}

export const endedStatuses: ReadonlySet<SweepStatus> = new Set<SweepStatus>([
  "succeeded",
  "failed",
  "cancelled",
]);

export const noRuns: RunCounts = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, pruned: 0 };
