import { BoundedClient, connectionSettings, type Waits } from "@reprise/database";
import {
  createPostgresBackend,
  DEFAULT_SCHEMA,
  type JobsOptions,
  type Processor,
  Queue,
  runMigrations,
  Worker,
  type WorkerOptions,
  withBackend,
} from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { limitErrors, QueueUnreachableError, withoutPassword } from "./errors.js";

/** Where jobs are stored: in the database itself, or in Redis for many workers. */
export type QueueBackend = { kind: "postgres"; url: string } | { kind: "redis"; url: string };

export type QueueOptions = {
  backend: QueueBackend;
  /** Keeps queues of several installations (or tests) apart in one server. */
  prefix?: string;
  /** Told of lost connections and other trouble in the background, the same at most every ten seconds. */
  onError?: (error: Error) => void;
  /** On PostgreSQL, where it is to wait otherwise than queues do. */
  waits?: Partial<Waits>;
};

/** What is used of BullMQ's queue, whose type depends on the backend. */
export type JobQueue = Pick<
  Queue<unknown, unknown, string>,
  "addBulk" | "getJob" | "getJobState" | "getJobCounts" | "remove" | "close"
>;
type JobWorker = Pick<Worker, "pause" | "resume" | "close" | "waitUntilReady">;
type JobHandler = Processor<unknown, void, string>;

/** Connections to one backend, and the two things they are for. */
export type Connection = {
  queue(name: string): JobQueue;
  worker(name: string, concurrency: number, handler: JobHandler): JobWorker;
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** The database owns retries, and what is done is of no use: its id must be free for the next time. */
export const jobOptions: JobsOptions = {
  attempts: 1,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
};

/**
 * A job whose worker died is given out again after the lock has run out and the next check has found it: 20 s at
 * most. It may happen often, since a claim in the database decides what is done with it.
 */
const workerSettings = {
  lockDuration: 15_000,
  stalledInterval: 5_000,
  maxStalledCount: 1_000,
  // After a lost connection. The default of 15 s would let the lock run out before the first new try.
  runRetryDelay: 1_000,
  ...{ removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } },
} as const satisfies Partial<WorkerOptions>;

const answerWithinMs = 10_000;

/** On PostgreSQL, for all queues together; each that is consumed listens on one more. */
const sharedConnections = 8;

async function within<T>(work: Promise<T>, address: string, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), limitMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new QueueUnreachableError(`The queue at ${withoutPassword(address)} cannot be used: ${reason}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Connects to the backend; on PostgreSQL the queue's own schema is made or brought up to date.
 *
 * @param limitMs how long the server may take to answer
 * @throws QueueUnreachableError
 */
export function connectQueue(options: QueueOptions, limitMs = answerWithinMs): Promise<Connection> {
  return options.backend.kind === "postgres"
    ? connectPostgres(options, limitMs)
    : connectRedis(options, limitMs);
}

/** Ends once, however often it is called. */
function once(end: () => Promise<void>): () => Promise<void> {
  let ending: Promise<void> | null = null;
  return () => {
    ending ??= end();
    return ending;
  };
}

async function connectPostgres(options: QueueOptions, limitMs: number): Promise<Connection> {
  const report = limitErrors(options.onError);
  const address = options.backend.url;
  const pool = new pg.Pool({
    ...connectionSettings({ url: address, kind: "queue", waits: options.waits, searchPath: DEFAULT_SCHEMA }),
    max: sharedConnections,
    connectionTimeoutMillis: limitMs,
    Client: BoundedClient,
  });
  pool.on("error", report);
  // A connection that breaks while it is lent reports to itself alone.
  pool.on("connect", (client) => client.on("error", report));
  const migrated = async () => {
    const client = await pool.connect();
    try {
      await runMigrations(client);
    } finally {
      client.release();
    }
  };
  try {
    await within(migrated(), address, limitMs);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const classes = withBackend(createPostgresBackend);
  const nameOf = (name: string) => (options.prefix === undefined ? name : `${options.prefix}-${name}`);
  /** The library has every queue listen to the pool, and go on after it was closed: what the pool says is reported once. */
  const alone = <T>(opened: T): T => {
    pool.removeAllListeners("error");
    pool.on("error", report);
    return opened;
  };
  return {
    queue(name) {
      const queue = alone(new classes.Queue<unknown, unknown, string>(nameOf(name), { connection: pool }));
      queue.on("error", report);
      return queue;
    },
    worker(name, concurrency, handler) {
      const settings = { ...workerSettings, connection: pool, concurrency };
      pool.options.max = (pool.options.max ?? sharedConnections) + 1;
      const worker = alone(new classes.Worker<unknown, void, string>(nameOf(name), handler, settings));
      worker.on("error", report);
      worker.once("closed", () => {
        pool.options.max = (pool.options.max ?? sharedConnections) - 1;
      });
      return worker;
    },
    async ping() {
      await within(pool.query("SELECT 1"), address, limitMs);
    },
    close: once(() => pool.end()),
  };
}

async function connectRedis(options: QueueOptions, limitMs: number): Promise<Connection> {
  const report = limitErrors(options.onError);
  const address = options.backend.url;
  const connect = (maxRetriesPerRequest: number | null) => {
    const client = new Redis(address, {
      maxRetriesPerRequest,
      connectTimeout: limitMs,
      retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 10), 5_000),
    });
    client.on("error", report);
    return client;
  };
  // Adding a job gives up after some tries, so that its caller can do it later; taking jobs waits as long as it must.
  const producer = connect(5);
  let consumer: Redis | null = null;
  // In braces: all keys of one installation live on the same node of a cluster.
  const prefix = `{${options.prefix ?? "reprise"}}`;
  try {
    await within(producer.ping(), address, limitMs);
  } catch (error) {
    producer.disconnect();
    throw error;
  }
  return {
    queue(name) {
      const queue = new Queue<unknown, unknown, string>(name, { connection: producer, prefix });
      queue.on("error", report);
      return queue;
    },
    worker(name, concurrency, handler) {
      consumer ??= connect(null);
      const settings = { ...workerSettings, connection: consumer, prefix, concurrency };
      const worker = new Worker<unknown, void, string>(name, handler, settings);
      worker.on("error", report);
      return worker;
    },
    async ping() {
      await within(producer.ping(), address, limitMs);
    },
    close: once(async () => {
      producer.disconnect();
      consumer?.disconnect();
    }),
  };
}
