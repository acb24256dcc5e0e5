import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Preset } from "@reprise/contracts";
import {
  announcedTrainers,
  connectDatabase,
  type DatabasePool,
  isReachable,
  type Live,
  openLive,
  queuedNeeds,
} from "@reprise/database";
import { openRunQueues, type QueueDepth, type QueueOptions, queueName, type RunQueues } from "@reprise/queue";
import { listPresets } from "@reprise/study";
import { openTracing, type Tracing } from "@reprise/tracing";
import type { FastifyBaseLogger } from "fastify";
import { type Compute, createCompute } from "./compute/compute.js";
import type { ApiConfig } from "./config.js";
import { type ApiMetrics, createMetrics } from "./http/metrics.js";
import type { InHand } from "./runs/beside.js";
import { serverVersion } from "./version.js";

/** What routes and the dispatcher work with. */
export type ApiContext = {
  config: ApiConfig;
  log: FastifyBaseLogger;
  metrics: ApiMetrics;
  db: DatabasePool;
  live: Live;
  queues: RunQueues;
  compute: Compute;
  tracing: Tracing;
  /**
   * Since when, of `performance.now()`, the dispatcher of this process has been in its present round, or in rounds that fail; null
   * between rounds. And what goes on beside it.
   */
  dispatching: { since: number | null; beside: InHand };
  /** The presets that ship with this version, read from their files at the first call. */
  presets(): Preset[];
  /** Whether database and queue answer, within a few seconds. */
  reachability(): Promise<{ database: boolean; queue: boolean }>;
  /** Jobs waiting and active, per queue of a known trainer. */
  queueDepths(): Promise<Record<string, QueueDepth>>;
  close(): Promise<void>;
};

const answerWithinMs = 3000;

/** The answer, or false when there is none in time. */
async function inTime(question: Promise<boolean>): Promise<boolean> {
  const waiting = new AbortController();
  const late = delay(answerWithinMs, false, { signal: waiting.signal }).catch(() => false);
  const answer = await Promise.race([question.catch(() => false), late]);
  waiting.abort();
  return answer;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Connects to the database and the queue. Whoever opens a context closes it. */
export async function openContext(config: ApiConfig, log: FastifyBaseLogger): Promise<ApiContext> {
  const report = (part: string) => (error: Error) => log.warn({ err: error }, `${part}: connection trouble`);
  const db = connectDatabase({ url: config.databaseUrl, onError: report("database") });
  const queueOptions: QueueOptions = {
    backend: config.redisUrl
      ? { kind: "redis", url: config.redisUrl }
      : { kind: "postgres", url: config.databaseUrl },
    onError: report("queue"),
  };
  const opened: Array<() => Promise<void>> = [() => db.close()];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const live = await openLive({ url: config.databaseUrl, onError: report("live events") });
    opened.push(() => live.close());
    const queues = await openRunQueues(queueOptions);
    opened.push(() => queues.close());
    const compute = createCompute(db, config.computeThreads, config.checkAnswers);
    opened.push(() => compute.close());
    const service = { name: "reprise-api", version: serverVersion, instanceId: randomUUID() };
    const tracing = await openTracing(service, report("traces"));
    opened.push(() => tracing.close());
    return {
      config,
      log,
      metrics: createMetrics(),
      db,
      live,
      queues,
      compute,
      tracing,
      dispatching: { since: null, beside: new Map() },
      presets: once(listPresets),
      reachability: async () => {
        const [database, queue] = await Promise.all([
          inTime(isReachable(db)),
          inTime(
            queues
              .states(queueName({ trainer: "none", deviceClass: "cpu", requires: {} }), ["none"])
              .then(() => true),
          ),
        ]);
        return { database, queue };
      },
      queueDepths: async () => {
        const [trainers, needs] = await Promise.all([announcedTrainers(db), queuedNeeds(db)]);
        const names = [
          ...trainers.map(({ capabilities: { name, deviceClass } }) =>
            queueName({ trainer: name, deviceClass, requires: {} }),
          ),
          ...needs.map(queueName),
        ];
        const depths = [...new Set(names)].map(async (name) => [name, await queues.depth(name)] as const);
        return Object.fromEntries(await Promise.all(depths));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
