import type { JobPayload } from "@reprise/contracts";
import { type Database, resetEnqueued } from "@reprise/database";
import type { EnvironmentCollector, Host } from "@reprise/trainers";
import { runAttempt } from "../attempt/run-attempt.js";
import type { WorkerConfig } from "../config.js";
import type { Logger } from "../logger.js";
import type { Slot, Slots } from "../machine/slots.js";
import type { RegisteredTrainer } from "../machine/trainers.js";
import type { RunningAttempts } from "../running-attempts.js";
import type { Admission } from "./admission.js";
import { claimJob } from "./claim-job.js";

/** Takes one job to its end: device, claim, training, and what its end tells about this worker. */
export type TakeJob = (trainer: RegisteredTrainer, job: JobPayload<"train-run">) => Promise<void>;

export function createJobTaker(options: {
  db: Database;
  config: WorkerConfig;
  workerId: string;
  slots: Slots;
  admission: Admission;
  running: RunningAttempts;
  collector: EnvironmentCollector;
  host: Host;
  stopping: AbortSignal;
  log: Logger;
}): TakeJob {
  const { db, config, slots, admission, running, collector, host, stopping, log } = options;

  const train = async (trainer: RegisteredTrainer, job: JobPayload<"train-run">, slot: Slot) => {
    const worker = { id: options.workerId, name: config.name };
    const claimed = await claimJob({ db, worker, leaseMs: config.leaseMs, trainer, job, stopping, log });
    if (!claimed) return;
    const { run, ref, request: stored, resume } = claimed;
    const stop = new AbortController();
    const work = runAttempt({
      db,
      config,
      attempt: { ref, run, stored, resume },
      trainer,
      slot,
      collector,
      host,
      stop,
      log: log.child({ sweepId: run.sweepId, runId: run.id, attempt: ref.attempt }),
    });
    const sign = await running.follow(run.id, stop, work);
    if (sign) await admission.consider(sign);
  };

  return async (trainer, job) => {
    const slot = await slots.acquire(trainer.capabilities.deviceClass, stopping).catch(() => null);
    try {
      if (slot && admission.isOpen()) await train(trainer, job, slot);
      else await resetEnqueued(db, [job.runId]).catch(() => {});
    } finally {
      slot?.release();
    }
  };
}
