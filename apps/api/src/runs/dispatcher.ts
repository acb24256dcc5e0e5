import { jobs, queueName } from "@reprise/contracts";
import {
  pruneIdempotencyKeys,
  pruneLiveEvents,
  pruneWorkers,
  recoverLostRuns,
  resetEnqueued,
  runsWithJobOut,
  takeDispatchable,
} from "@reprise/database";
import type { ApiContext } from "../context.js";
import { settleVerifications } from "../verifications/verifications.js";

export type Dispatcher = {
  /** Starts a round soon; calls in between are one call. */
  wake(): void;
  /** Ends after the round in hand. */
  stop(): Promise<void>;
};

export type DispatcherOptions = {
  intervalMs?: number;
  /** Jobs out per queue: enough to keep workers busy, few enough that priority and pause take effect soon. */
  limitPerQueue?: number;
  /** A job that the queue does not know this long after it was added is lost. */
  vanishedAfterMs?: number;
};

const keepEventsMs = 60 * 60 * 1000;
/** Workers that went away are shown, and idempotency keys honoured, for a day. */
const keepDayMs = 24 * 60 * 60 * 1000;
const pruneEveryMs = 5 * 60 * 1000;
/** Events come in bursts; one round serves the burst. */
const gatherMs = 25;

function byQueue<T extends { trainer: string; deviceClass: "cpu" | "gpu" }>(
  items: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = queueName(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

/**
 * Feeds the queue from the database, which decides what may run: takes back runs of lost workers, hands out what sweep
 * state, caps and order allow, adds again what the queue lost, and compares replicas that have ended. Several processes may do this at once: the database
 * lets one take at a time. A round that fails is logged and done again.
 */
export function startDispatcher(context: ApiContext, options: DispatcherOptions = {}): Dispatcher {
  const { db, queues, live, metrics } = context;
  const { intervalMs = 2000, limitPerQueue = 200, vanishedAfterMs = 10_000 } = options;
  const log = context.log.child({ part: "dispatcher" });
  let lastPruned = Date.now();
  let lastRecovered = 0;

  async function recover(): Promise<void> {
    const lost = await recoverLostRuns(db);
    metrics.recovered.inc(lost.length);
    for (const { runId, requeued } of lost) log.warn({ runId, requeued }, "worker lost its run");
  }

  async function resetVanished(): Promise<void> {
    const old = (await runsWithJobOut(db)).filter(
      (run) => Date.now() - run.enqueuedAt.getTime() > vanishedAfterMs,
    );
    for (const [queue, runs] of byQueue(old)) {
      const known = await queues.known(queue, runs.map(jobs["train-run"].jobId));
      const vanished = runs.filter((run) => !known.has(jobs["train-run"].jobId(run)));
      if (vanished.length === 0) continue;
      log.warn({ queue, runs: vanished.length }, "the queue lost jobs; they will be added again");
      await resetEnqueued(
        db,
        vanished.map((run) => run.runId),
      );
    }
  }

  async function dispatch(): Promise<void> {
    const taken = await takeDispatchable(db, { limitPerQueue });
    for (const [queue, runs] of byQueue(taken)) {
      try {
        await queues.enqueue(
          queue,
          runs.map(({ runId, attempt, priority }) => ({
            name: "train-run",
            payload: { runId, attempt },
            priority,
          })),
        );
        metrics.dispatched.inc(runs.length);
      } catch (error) {
        await resetEnqueued(
          db,
          runs.map((run) => run.runId),
        );
        throw error;
      }
    }
  }

  async function round(): Promise<void> {
    if (Date.now() - lastRecovered >= intervalMs) {
      lastRecovered = Date.now();
      await recover();
      await resetVanished();
    }
    await dispatch();
    await settleVerifications(db, log);
    if (Date.now() - lastPruned > pruneEveryMs) {
      lastPruned = Date.now();
      await pruneLiveEvents(db, new Date(Date.now() - keepEventsMs));
      await pruneWorkers(db, new Date(Date.now() - keepDayMs));
      await pruneIdempotencyKeys(db, new Date(Date.now() - keepDayMs));
    }
  }

  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  /** A round was asked for: while one runs, or while the burst is gathered. */
  let asked = false;
  let stopped = false;

  function schedule(delay: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(start, delay);
  }
  function start(): void {
    asked = false;
    running = round()
      .then(
        () => (asked ? gatherMs : intervalMs),
        (error: unknown) => {
          metrics.dispatcherErrors.inc();
          log.error({ err: error }, "round failed; it will be done again");
          return intervalMs;
        },
      )
      .then((delay) => {
        running = null;
        schedule(delay);
      });
  }
  function wake(): void {
    if (!asked && !running) schedule(gatherMs);
    asked = true;
  }

  const stopListening = [
    live.onControl((message) => {
      if (message.type === "runs-queued") wake();
    }),
    live.onEvent(({ event }) => {
      // A run that ends frees a place under its sweep's cap; a sweep that is created or resumed brings runs.
      if (event.type === "sweep" || (event.type === "run" && event.status !== "running")) wake();
    }),
  ];
  schedule(0);

  return {
    wake,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      for (const end of stopListening) end();
      await running;
    },
  };
}
