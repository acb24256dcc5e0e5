import { type Database, getSweep, pauseSweep, setWorkerStatus } from "@reprise/database";
import type { Logger } from "../logger.js";
import { createHealth, type HealthSign } from "./health.js";

/** Whether a worker takes runs: the server may drain it, and it may put itself under quarantine. */
export type Admission = {
  isOpen(): boolean;
  /** Begins to take runs, when all that is needed for it is there. */
  open(): void;
  set(wanted: boolean): Promise<void>;
  /** Draws the consequence from how an attempt ended here, for this worker or for the sweep. */
  consider(sign: HealthSign): Promise<void>;
};

/** Closed at first, and for good once `stopping` is aborted. */
export function createAdmission(options: {
  db: Database;
  workerId: string;
  quarantineAfter: number;
  stopping: AbortSignal;
  log: Logger;
  onChange: (open: boolean) => Promise<void> | undefined;
}): Admission {
  const { db, workerId, stopping, log } = options;
  let open = false;
  const health = createHealth({
    limit: options.quarantineAfter,
    succeededRuns: async (sweepId) =>
      (await getSweep(db, sweepId).catch(() => null))?.runCounts.succeeded ?? null,
  });
  const set = async (wanted: boolean) => {
    if (open === wanted || stopping.aborted) return;
    open = wanted;
    if (wanted) health.reset();
    log.info(wanted ? "takes runs" : "takes no more runs");
    await options.onChange(wanted);
  };
  return {
    isOpen: () => open && !stopping.aborted,
    open() {
      open = true;
    },
    set,
    async consider(sign) {
      const verdict = await health.judge(sign);
      if (verdict.action === "none") return;
      log.error({ verdict }, verdict.reason);
      if (verdict.action === "pause-sweep") {
        await pauseSweep(db, verdict.sweepId);
        return;
      }
      if (verdict.action === "quarantine") await setWorkerStatus(db, workerId, "quarantined", verdict.reason);
      await set(false);
    },
  };
}
