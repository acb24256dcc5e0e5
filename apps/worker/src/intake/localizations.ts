import { claimLocalization, type Database, queuedLocalizations } from "@reprise/database";
import type { WorkerConfig } from "../config.js";
import { runLocalization } from "../localization/run-localization.js";
import type { Logger } from "../logger.js";
import type { Slots } from "../machine/slots.js";
import type { RegisteredTrainer } from "../machine/trainers.js";
import type { RunningAttempts } from "../running-attempts.js";
import type { Admission } from "./admission.js";

/** Looks for runs that are to be located with a trainer of this worker, and takes them as devices become free. */
export function createLocalizationIntake(options: {
  db: Database;
  worker: { id: string; name: string };
  config: WorkerConfig;
  trainers: readonly RegisteredTrainer[];
  slots: Slots;
  admission: Admission;
  running: RunningAttempts;
  stopping: AbortSignal;
  log: Logger;
  onError: (error: Error) => void;
}): () => Promise<void> {
  const { db, worker, config, slots, admission, running, stopping } = options;
  const offered = new Map(
    options.trainers.flatMap((trainer): [string, RegisteredTrainer][] =>
      trainer.capabilities.locate === true ? [[trainer.capabilities.name, trainer]] : [],
    ),
  );
  const taking = new Set<string>();

  const take = async (id: string, trainer: RegisteredTrainer) => {
    const slot = await slots.acquire(trainer.capabilities.deviceClass, stopping).catch(() => null);
    try {
      if (!slot || !admission.isOpen()) return;
      const claim = { id, workerId: worker.id };
      const claimed = await claimLocalization(db, {
        ...claim,
        ...{ workerName: worker.name, leaseMs: config.leaseMs },
      });
      if (!claimed) return;
      const stop = new AbortController();
      const log = options.log.child({ localizationId: id, runId: claimed.wanted.runId });
      const work = runLocalization({ db, config, claim, ...claimed, trainer, slot, stop, log });
      await running.follow(id, stop, work);
    } finally {
      slot?.release();
    }
  };

  return async () => {
    if (offered.size === 0 || !admission.isOpen()) return;
    for (const { id, trainer: name } of await queuedLocalizations(db, [...offered.keys()])) {
      const trainer = offered.get(name);
      if (!trainer || taking.has(id)) continue;
      taking.add(id);
      take(id, trainer)
        .catch(options.onError)
        .finally(() => taking.delete(id));
    }
  };
}
