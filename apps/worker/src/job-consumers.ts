import type { JobPayload } from "@reprise/contracts";
import { consumeRuns, type RunConsumer } from "@reprise/queue";
import type { WorkerConfig } from "./config.js";
import type { Slots } from "./slots.js";
import type { RegisteredTrainer } from "./trainers.js";

type Job = JobPayload<"train-run">;
export type JobConsumers = {
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
};

/** Takes jobs from the queue of every trainer, as many at a time as there are devices for it. */
export async function consumeJobs(options: {
  config: Pick<WorkerConfig, "databaseUrl" | "redisUrl" | "queuePrefix">;
  trainers: readonly RegisteredTrainer[];
  slots: Slots;
  handle: (trainer: RegisteredTrainer, job: Job) => Promise<void>;
  onError: (error: Error) => void;
}): Promise<JobConsumers> {
  const { config, slots } = options;
  const backend =
    config.redisUrl === null
      ? ({ kind: "postgres", url: config.databaseUrl } as const)
      : ({ kind: "redis", url: config.redisUrl } as const);
  const consumers: RunConsumer[] = [];
  for (const trainer of options.trainers) {
    consumers.push(
      await consumeRuns({
        backend,
        ...(config.queuePrefix !== null && { prefix: config.queuePrefix }),
        onError: options.onError,
        queue: trainer.queue,
        concurrency: slots.count(trainer.capabilities.deviceClass),
        handle: (job) => options.handle(trainer, job),
      }),
    );
  }
  const all = async (act: (consumer: RunConsumer) => Promise<void>) => {
    await Promise.all(consumers.map(act));
  };
  return {
    pause: () => all((consumer) => consumer.pause()),
    resume: () => all((consumer) => consumer.resume()),
    close: () => all((consumer) => consumer.close(true)),
  };
}
