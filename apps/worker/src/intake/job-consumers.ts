import type { Device } from "@reprise/contracts";
import { consumeRuns, type RunConsumer } from "@reprise/queue";
import type { WorkerConfig } from "../config.js";
import type { Slots } from "../machine/slots.js";
import type { RegisteredTrainer } from "../machine/trainers.js";
import type { TakeJob } from "./take-jobs.js";

export type JobConsumers = {
  /** Takes jobs, or none, from now on; jobs in hand go on. */
  accept(wanted: boolean): Promise<void>;
  /** To be called when a device was taken or given back. */
  slotsChanged(): void;
  close(): Promise<void>;
};

/**
 * Takes jobs from the queue of every trainer, as many at a time as there are devices for it. Where several queues
 * share the devices of a class, all of them pause while none is free, and each while a run was refused that does not fit: a job that
 * waits here could be trained by another worker.
 */
export async function consumeJobs(options: {
  config: Pick<WorkerConfig, "databaseUrl" | "redisUrl" | "queuePrefix">;
  trainers: readonly RegisteredTrainer[];
  slots: Slots;
  take: TakeJob;
  onError: (error: Error) => void;
}): Promise<JobConsumers> {
  const { config, slots, onError } = options;
  const backend =
    config.redisUrl === null
      ? ({ kind: "postgres", url: config.databaseUrl } as const)
      : ({ kind: "redis", url: config.redisUrl } as const);
  const entries: Array<{ consumer: RunConsumer; device: Device["kind"]; paused: boolean }> = [];
  for (const trainer of options.trainers) {
    const device = trainer.capabilities.deviceClass;
    const consumer = await consumeRuns({
      backend,
      ...(config.queuePrefix !== null && { prefix: config.queuePrefix }),
      onError,
      queue: trainer.queue,
      concurrency: slots.count(device),
      handle: (job, giveBack) => options.take(trainer, job, giveBack),
    });
    entries.push({ consumer, device, paused: false });
  }

  let accepting = true;
  let changes: Promise<void> = Promise.resolve();
  const apply = () => {
    changes = changes
      .then(async () => {
        for (const entry of entries) {
          const alone = entries.filter((other) => other.device === entry.device).length === 1;
          const isFull =
            slots.refused(entry.device) !== undefined || (!alone && slots.free(entry.device) === 0);
          const paused = !accepting || isFull;
          if (paused === entry.paused) continue;
          entry.paused = paused;
          await (paused ? entry.consumer.pause() : entry.consumer.resume());
        }
      })
      .catch((error) => onError(error instanceof Error ? error : new Error(String(error))));
    return changes;
  };

  return {
    accept(wanted) {
      accepting = wanted;
      return apply();
    },
    slotsChanged: () => void apply(),
    async close() {
      await changes;
      await Promise.all(entries.map((entry) => entry.consumer.close(true)));
    },
  };
}
