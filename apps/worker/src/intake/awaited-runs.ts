import { type Machine, meets } from "@reprise/contracts";
import { type Database, reservedRuns, waitingNeeds } from "@reprise/database";
import type { RegisteredTrainer } from "../machine/trainers.js";
import type { Admission } from "./admission.js";

/** Whether a run is queued that this worker could train; none while it takes no runs. */
export async function isRunAwaited(options: {
  db: Database;
  worker: { id: string; name: string };
  machine: Machine;
  trainers: readonly RegisteredTrainer[];
  admission: Admission;
}): Promise<boolean> {
  const { db, worker, machine, admission } = options;
  if (!admission.isOpen()) return false;
  const offered = options.trainers.map(({ capabilities }) => capabilities);
  const reserved = await reservedRuns(db, { ...worker, trainers: offered.map(({ name }) => name) });
  if (reserved.some(({ requires }) => meets(machine, requires))) return true;
  return (await waitingNeeds(db)).some(
    ({ trainer, deviceClass, requires }) =>
      meets(machine, requires) &&
      offered.some((offer) => offer.name === trainer && offer.deviceClass === deviceClass),
  );
}
