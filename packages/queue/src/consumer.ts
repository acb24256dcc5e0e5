import { type JobPayload, jobs } from "@reprise/contracts";
import { WaitingError } from "bullmq";
import { type Connection, connectQueue, type QueueOptions } from "./backend.js";
import { limitErrors } from "./errors.js";

export type RunConsumer = {
  /** Takes no further jobs; those in hand go on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Waits for the jobs in hand, unless `force`: then they are given out again when their lock has run out. */
  close(force?: boolean): Promise<void>;
};

/** Puts the job in hand back, before all that are as urgent, for whoever asks next. */
export type GiveBack = () => Promise<void>;

/** Takes jobs from any number of queues over one connection. */
export type RunConsumers = {
  consume(options: QueueToConsume): Promise<RunConsumer>;
  /** To be called once every consumer is closed. */
  close(): Promise<void>;
};

type QueueToConsume = {
  queue: string;
  /** Jobs in hand at a time: the slots of this worker. */
  concurrency: number;
  handle: (payload: JobPayload<"train-run">, giveBack: GiveBack) => Promise<void>;
};

/**
 * Connects to a backend for taking jobs.
 *
 * A job is done when `handle` returns. What became of the run is written to the database, so `handle` does not throw
 * for a failed run; if it throws all the same, the error is reported and the job is done: recovery finds its run. A job that
 * was given back is not done; a consumer that would not take it again has to be paused before.
 *
 * @throws QueueUnreachableError
 */
export async function openRunConsumers(options: QueueOptions): Promise<RunConsumers> {
  const connection = await connectQueue(options);
  const report = limitErrors(options.onError);
  return {
    consume: (wanted) => consumeQueue(connection, report, wanted),
    close: connection.close,
  };
}

/** Takes jobs from one queue, over a connection of its own. @throws QueueUnreachableError */
export async function consumeRuns(options: QueueOptions & QueueToConsume): Promise<RunConsumer> {
  const consumers = await openRunConsumers(options);
  const consumer = await consumers.consume(options);
  return {
    ...consumer,
    async close(force) {
      await consumer.close(force);
      await consumers.close();
    },
  };
}

async function consumeQueue(
  connection: Connection,
  report: (error: unknown) => void,
  options: QueueToConsume,
): Promise<RunConsumer> {
  const worker = connection.worker(options.queue, options.concurrency, async (job, token) => {
    let isBack = false;
    const giveBack = async () => {
      await job.moveToWait(token);
      isBack = true;
    };
    try {
      await options.handle(jobs["train-run"].payload.parse(job.data), giveBack);
    } catch (error) {
      report(error);
    }
    // By this the library knows that the job is no longer this one's to end.
    if (isBack) throw new WaitingError();
  });
  try {
    await worker.waitUntilReady();
  } catch (error) {
    await worker.close(true).catch(report);
    throw error;
  }
  return {
    pause: () => worker.pause(true),
    resume: () => worker.resume(),
    close: (force = false) => worker.close(force),
  };
}
