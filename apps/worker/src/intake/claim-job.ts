import type { JobPayload } from "@reprise/contracts";
import { type Claim, claimRun, type Database } from "@reprise/database";
import type { Logger } from "../logger.js";
import { fileIsWhole } from "../machine/artifact-store.js";
import type { RegisteredTrainer } from "../machine/trainers.js";
import { backoffMs, pause } from "../pause.js";

/**
 * Claims the run of a job for this worker, asking again while the database does not answer. Null when the run is not
 * to be had, or when `stopping` is aborted first.
 */
export async function claimJob(options: {
  db: Database;
  worker: { id: string; name: string };
  leaseMs: number;
  trainer: RegisteredTrainer;
  job: JobPayload<"train-run">;
  stopping: AbortSignal;
  log: Logger;
}): Promise<Extract<Claim, { ok: true }> | null> {
  const { db, worker, trainer, job, stopping, log } = options;
  for (let failures = 1; !stopping.aborted; failures++) {
    try {
      const result = await claimRun(db, {
        ...job,
        workerId: worker.id,
        workerName: worker.name,
        leaseMs: options.leaseMs,
        resumable: ({ path, bytes }) => trainer.capabilities.resume && fileIsWhole(path, bytes),
      });
      if (result.ok) return result;
      log.debug({ ...job, reason: result.reason }, "not claimed");
      return null;
    } catch (error) {
      if (failures === 1) log.warn({ ...job, err: error }, "claiming failed; trying again");
      await pause(backoffMs(failures), stopping);
    }
  }
  return null;
}
