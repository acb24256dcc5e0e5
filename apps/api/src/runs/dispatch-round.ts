import { jobs, type RunNeeds } from "@reprise/contracts";
import {
  type Database,
  failLostLocalizations,
  pruneIdempotencyKeys,
  pruneLiveEvents,
  pruneWorkers,
  recoverLostRuns,
  resetEnqueued,
  runsWithJobOut,
  takeDispatchable,
} from "@reprise/database";
import { queueName } from "@reprise/queue";
import { errorType, messageAttributes, runAttributes } from "@reprise/tracing";
import type { FastifyBaseLogger } from "fastify";
import type { ApiContext } from "../context.js";
import { createLooks } from "../sweeps/sequential-looks.js";
import { settleVerifications } from "../verifications/verifications.js";
import { goesOnBeside } from "./beside.js";

const storeEventsMs = 60 * 60 * 1000;
/** Workers that went away are shown, and idempotency keys honoured, for a day. */
const dayMs = 24 * 60 * 60 * 1000;
const pruneEveryMs = 5 * 60 * 1000;

function byQueue<T extends RunNeeds>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = queueName(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

type RoundOptions = {
  /** Where what must not wait for long goes; anything else goes where requests do. */
  rounds: Database;
  /** Lost runs and jobs are looked for at most this often. */
  recoverEveryMs: number;
  limitPerQueue: number;
  vanishedAfterMs: number;
  strandedAfterMs: number;
  longRoundMs: number;
  log: FastifyBaseLogger;
};

/**
 * One round of the dispatcher: hands out what sweep state, caps and order allow. Beside it, each by itself, runs of lost workers are
 * taken back, what the queue lost or holds for nobody is added again, replicas that have ended are compared, sequential studies are
 * looked at, and now and then what is old is removed.
 */
export function createRound(
  { db, queues, metrics, compute, tracing, dispatching }: ApiContext,
  { rounds, recoverEveryMs, limitPerQueue, vanishedAfterMs, strandedAfterMs, longRoundMs, log }: RoundOptions,
): { round: () => Promise<void>; stop: () => Promise<void> } {
  const looks = createLooks({ db, compute, log });
  const part = (
    name: string,
    work: () => Promise<void>,
    everyMs: number,
    undone: string,
    beginsLater = false,
  ) =>
    goesOnBeside(name, work, {
      ...{ undone, everyMs, beginsLater, longMs: longRoundMs, inHand: dispatching.beside, log },
      onFailure: () => metrics.dispatcherErrors.inc(),
    });

  async function recover(): Promise<void> {
    const lost = await recoverLostRuns(rounds);
    metrics.recovered.inc(lost.length);
    for (const { runId, requeued } of lost) log.warn({ runId, requeued }, "worker lost its run");
    const located = await failLostLocalizations(rounds);
    if (located > 0) log.warn({ located }, "workers lost localizations");
  }

  /** Jobs that somebody has taken and whose runs nobody has claimed, and since when, of a clock that nobody sets. */
  let unclaimed = new Map<string, number>();

  /**
   * A queue finds the jobs of a taker that is gone by its takers' clocks: one of them that went fast for a while leaves them held
   * until that hour. Whoever still has such a job may claim its run all the same: the database lets one.
   */
  async function takeBackStranded(queue: string, taken: readonly string[]): Promise<Map<string, number>> {
    const now = performance.now();
    const since = new Map(taken.map((job) => [job, unclaimed.get(job) ?? now] as const));
    for (const [job, first] of since) {
      if (now - first < strandedAfterMs) continue;
      log.warn({ queue, job }, "a job was taken and its run not claimed; it is given out again");
      await queues.takeBack(queue, job);
      since.delete(job);
    }
    return since;
  }

  async function resetVanished(): Promise<void> {
    const old = await runsWithJobOut(rounds, { sinceMs: vanishedAfterMs });
    const stillUnclaimed = new Map<string, number>();
    for (const [queue, runs] of byQueue(old)) {
      const states = await queues.states(queue, runs.map(jobs["train-run"].jobId));
      const taken = [...states].filter(([, state]) => state === "taken").map(([job]) => job);
      for (const [job, since] of await takeBackStranded(queue, taken)) stillUnclaimed.set(job, since);
      const vanished = runs.filter((run) => !states.has(jobs["train-run"].jobId(run)));
      if (vanished.length === 0) continue;
      log.warn({ queue, runs: vanished.length }, "the queue lost jobs; they will be added again");
      await resetEnqueued(
        rounds,
        vanished.map((run) => run.runId),
      );
    }
    unclaimed = stillUnclaimed;
  }

  async function dispatch(): Promise<void> {
    const taken = await takeDispatchable(rounds, { limitPerQueue });
    for (const [queue, runs] of byQueue(taken)) {
      const spans = runs.map((run) => {
        const message = { queue, id: jobs["train-run"].jobId(run) };
        const attributes = { ...messageAttributes("send", message), ...runAttributes(run) };
        return tracing.start(`send ${queue}`, { kind: "producer", parent: run.traceparent, attributes });
      });
      try {
        await queues.enqueue(
          queue,
          runs.map(({ runId, attempt, priority }, at) => ({
            name: "train-run",
            payload: { runId, attempt, traceparent: spans[at]?.traceparent ?? undefined },
            priority,
          })),
        );
        metrics.dispatched.inc(runs.length);
      } catch (error) {
        for (const span of spans) span.fail(errorType(error));
        await resetEnqueued(
          rounds,
          runs.map((run) => run.runId),
        );
        throw error;
      } finally {
        for (const span of spans) span.end();
      }
    }
  }

  async function prune(): Promise<void> {
    await pruneLiveEvents(db, storeEventsMs);
    await pruneWorkers(db, dayMs);
    await pruneIdempotencyKeys(db, dayMs);
  }

  /** What may have to wait for somebody's lock: a run that could be handed out waits for none of it, nor does one for another. */
  const beside = [
    part("recovery", recover, recoverEveryMs, "runs of lost workers are not handed out again"),
    part("search for lost jobs", resetVanished, recoverEveryMs, "what the queue lost is not added again"),
    part(
      "settling of verifications",
      () => settleVerifications(db, log, compute.verificationEnd),
      0,
      "other replicas wait to be compared with their runs",
    ),
    part("looks at sequential studies", looks, 0, "other sequential studies wait to be looked at"),
    // Later: workers that were away for as long as the server was must be able to say that they live.
    part("removal of what is old", prune, pruneEveryMs, "old events are kept", true),
  ];
  return {
    // What recovery queues again wakes the next round.
    round: async () => {
      try {
        await dispatch();
      } finally {
        for (const { take } of beside) take();
      }
    },
    stop: async () => {
      await Promise.all(beside.map(({ settled }) => settled()));
    },
  };
}
