import { hostname } from "node:os";
import { type Device, fullDiskBytes, type LeftOutTrainer } from "@reprise/contracts";
import { type Database, registerWorker, touchWorker } from "@reprise/database";
import { type Host, workerSample } from "@reprise/trainers";
import type { RegisteredTrainer } from "./machine/trainers.js";

/** The worker's entry among those that the server knows. */
export type Registration = {
  /** Makes the entry, or makes it anew. */
  announce(): Promise<void>;
  /**
   * Says that the worker lives, and how loaded its machine is; false when the server wants it to take no runs, or its disk has
   * no room for one.
   */
  renew(): Promise<boolean>;
};

export function createRegistration(options: {
  db: Database;
  worker: { id: string; name: string };
  machine: { devices: Device[]; labels: Record<string, string> };
  trainers: readonly RegisteredTrainer[];
  leftOut: LeftOutTrainer[];
  host: Host;
  gpuIndices: readonly number[];
}): Registration {
  const { db, worker, machine, host, gpuIndices } = options;
  const readMachine = host.reader();
  const announce = () =>
    registerWorker(db, {
      ...worker,
      host: hostname(),
      pid: process.pid,
      ...machine,
      capabilities: options.trainers.map((trainer) => trainer.capabilities),
      leftOut: options.leftOut,
    });
  return {
    announce,
    async renew() {
      const sample = workerSample(host, readMachine, gpuIndices);
      const hasRoom = sample.diskFreeBytes === null || sample.diskFreeBytes >= fullDiskBytes;
      const state = await touchWorker(db, worker.id, sample);
      if (state !== null) return state.status === "ready" && hasRoom;
      // Forgotten, because it was silent for long.
      await announce();
      return hasRoom;
    },
  };
}
