/** What one attempt tells about the worker it ran on. */
export type HealthSign = {
  sweepId: string | null;
  /** `no-room`: the disk of this worker is full; the run was given back. */
  result: "succeeded" | "user" | "infrastructure" | "no-room";
  /** False when the trainer could not even be started here. */
  started: boolean;
};

export type Verdict =
  | { action: "none" }
  | { action: "quarantine"; reason: string }
  /** No more runs until a heartbeat finds room on the disk. */
  | { action: "wait"; reason: string }
  /** The failures speak against the sweep rather than against this worker. */
  | { action: "pause-sweep"; sweepId: string; reason: string };

/**
 * Decides when a worker stops trusting itself.
 *
 * - N infrastructure failures in a row, from more than one sweep, or without even a start: the worker is to blame.
 * - N failures of any kind of one sweep that succeeds elsewhere: likewise.
 * - N infrastructure failures in a row, all from one sweep that has succeeded nowhere else: one bad sweep must not
 *   stop every worker one after the other, and a lone broken worker must not burn the whole queue. The sweep is
 *   paused, the worker stays.
 */
export function createHealth(options: {
  limit: number;
  /** Runs of a sweep that have succeeded, on any worker; null when that cannot be told now. */
  succeededRuns: (sweepId: string) => Promise<number | null>;
}): { judge(sign: HealthSign): Promise<Verdict>; reset(): void } {
  const { limit } = options;
  let streak: HealthSign[] = [];
  const ownSuccesses = new Map<string, number>();
  const failuresInRow = new Map<string, number>();

  const succeedsElsewhere = async (sweepId: string) => {
    const all = await options.succeededRuns(sweepId);
    return all !== null && all > (ownSuccesses.get(sweepId) ?? 0);
  };

  return {
    reset() {
      streak = [];
      failuresInRow.clear();
    },
    async judge(sign) {
      const { sweepId, result } = sign;
      if (result === "no-room") return { action: "wait", reason: "the disk of this worker is full" };
      if (result === "infrastructure") streak.push(sign);
      else streak = [];
      if (sweepId !== null) {
        failuresInRow.set(sweepId, result === "succeeded" ? 0 : (failuresInRow.get(sweepId) ?? 0) + 1);
        if (result === "succeeded") ownSuccesses.set(sweepId, (ownSuccesses.get(sweepId) ?? 0) + 1);
      }
      if (result === "succeeded") return { action: "none" };

      if (
        sweepId !== null &&
        (failuresInRow.get(sweepId) ?? 0) >= limit &&
        (await succeedsElsewhere(sweepId))
      ) {
        return {
          action: "quarantine",
          reason: `${limit} runs in a row of a sweep failed here that succeeds on other workers`,
        };
      }
      if (streak.length < limit) return { action: "none" };
      const last = streak.slice(-limit);
      if (last.every((entry) => !entry.started)) {
        return { action: "quarantine", reason: `trainers could not be started ${limit} times in a row` };
      }
      const sweeps = new Set(last.map((entry) => entry.sweepId));
      if (sweeps.size > 1 || sweepId === null) {
        return { action: "quarantine", reason: `${limit} infrastructure failures in a row` };
      }
      streak = [];
      return {
        action: "pause-sweep",
        sweepId,
        reason: `${limit} infrastructure failures in a row, all of this sweep, which has succeeded on no other worker`,
      };
    },
  };
}
