import { jobs, type RunNeeds } from "@reprise/contracts";
import {
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
  /** Lost runs and jobs are looked for at most this often. */
  recoverEveryMs: number;
  limitPerQueue: number;
  vanishedAfterMs: number;
  strandedAfterMs: number;
  log: FastifyBaseLogger;
};

/**
 * One round of the dispatcher: takes back runs of lost workers, adds again what the queue lost or holds for nobody, hands out what sweep
 * state, caps and order allow, compares replicas that have ended, has sequential studies looked at, and now and then removes
 * what is old.
 */
export function createRound(
  { db, queues, metrics, compute, tracing }: ApiContext,
  { recoverEveryMs, limitPerQueue, vanishedAfterMs, strandedAfterMs, log }: RoundOptions,
): { round: () => Promise<void>; stop: () => Promise<void> } {
  const looks = createLooks({ db, compute, log });
  // Of a clock that nobody sets: one that was an hour ahead for a while must not cost an hour without recovery.
  let lastPruned = performance.now();
  let lastRecovered = Number.NEGATIVE_INFINITY;

  async function recover(): Promise<void> {
    const lost = await recoverLostRuns(db);
    metrics.recovered.inc(lost.length);
    for (const { runId, requeued } of lost) log.warn({ runId, requeued }, "worker lost its run");
    const located = await failLostLocalizations(db);
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
    const old = await runsWithJobOut(db, { sinceMs: vanishedAfterMs });
    const stillUnclaimed = new Map<string, number>();
    for (const [queue, runs] of byQueue(old)) {
      const states = await queues.states(queue, runs.map(jobs["train-run"].jobId));
      const taken = [...states].filter(([, state]) => state === "taken").map(([job]) => job);
      for (const [job, since] of await takeBackStranded(queue, taken)) stillUnclaimed.set(job, since);
      const vanished = runs.filter((run) => !states.has(jobs["train-run"].jobId(run)));
      if (vanished.length === 0) continue;
      log.warn({ queue, runs: vanished.length }, "the queue lost jobs; they will be added again");
      await resetEnqueued(
        db,
        vanished.map((run) => run.runId),
      );
    }
    unclaimed = stillUnclaimed;
  }

  async function dispatch(): Promise<void> {
    const taken = await takeDispatchable(db, { limitPerQueue });
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
          db,
          runs.map((run) => run.runId),
        );
        throw error;
      } finally {
        for (const span of spans) span.end();
      }
    }
  }

  /** Each part by itself: where one fails, because what it needs is held, the others are done all the same. */
  async function doAll(parts: ReadonlyArray<() => Promise<void>>): Promise<void> {
    const failures: unknown[] = [];
    for (const part of parts) await part().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  const round = async () => {
    const recovers = performance.now() - lastRecovered >= recoverEveryMs;
    if (recovers) lastRecovered = performance.now();
    // What recovery queues again wakes the next round: nobody waits for it here.
    await doAll([
      dispatch,
      ...(recovers ? [recover, resetVanished] : []),
      () => settleVerifications(db, log),
      async () => looks.take(),
    ]);
    if (performance.now() - lastPruned > pruneEveryMs) {
      lastPruned = performance.now();
      await pruneLiveEvents(db, storeEventsMs);
      await pruneWorkers(db, dayMs);
      await pruneIdempotencyKeys(db, dayMs);
    }
  };
  return { round, stop: looks.settled };
}
