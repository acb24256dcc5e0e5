import { type Machine, meets } from "@reprise/contracts";
import { type Database, reservedRuns } from "@reprise/database";
import type { RegisteredTrainer } from "../machine/trainers.js";
import type { Admission } from "./admission.js";
import type { TakeJob } from "./take-jobs.js";

/** Looks for replicas that only this worker may train, which are in no queue, and takes them. */
export function createReservedIntake(options: {
  db: Database;
  worker: { id: string; name: string };
  machine: Machine;
  trainers: readonly RegisteredTrainer[];
  admission: Admission;
  take: TakeJob;
  onError: (error: Error) => void;
}): () => Promise<void> {
  const { db, trainers } = options;
  const taking = new Set<string>();
  return async () => {
    if (!options.admission.isOpen()) return;
    const offered = trainers.map(({ capabilities }) => capabilities.name);
    const reserved = await reservedRuns(db, { ...options.worker, trainers: offered });
    for (const { trainer: name, requires, ...job } of reserved) {
      const { runId } = job;
      const trainer = trainers.find(({ capabilities }) => capabilities.name === name);
      if (!trainer || taking.has(runId) || !meets(options.machine, requires)) continue;
      taking.add(runId);
      options
        .take(trainer, requires, job)
        .catch(options.onError)
        .finally(() => taking.delete(runId));
    }
  };
}
