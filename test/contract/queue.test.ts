import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type JobPayload, jobs } from "@reprise/contracts";
import { connectDatabase, startEmbeddedPostgres } from "@reprise/database";
import {
  consumeRuns,
  type GiveBack,
  isQueueReachable,
  openRunConsumers,
  openRunQueues,
  type QueueOptions,
  QueueUnreachableError,
  queueDepths,
  type RunConsumer,
  type RunQueues,
} from "@reprise/queue";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/database-fixtures.js";
import { redisMissing, startRedis, type TestRedis } from "../support/redis.js";

type Payload = JobPayload<"train-run">;
type Server = { options: QueueOptions; stop(): Promise<void>; restart(): Promise<void> };

const uuidOf = (number: number) => `018f0000-0000-7000-8000-${String(number).padStart(12, "0")}`;
const item = (number: number, priority = 0, attempt = 1) => ({
  name: "train-run" as const,
  payload: { runId: uuidOf(number), attempt },
  priority,
});
const idOf = (number: number, attempt = 1) => jobs["train-run"].jobId({ runId: uuidOf(number), attempt });

/** A promise and its end, and a list that can be awaited up to a length. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
function recorder() {
  const seen: Payload[] = [];
  const waiters: Array<{ count: number; resolve: () => void }> = [];
  return {
    seen,
    add(payload: Payload) {
      seen.push(payload);
      for (const waiter of waiters) if (seen.length >= waiter.count) waiter.resolve();
    },
    until: (count: number) =>
      new Promise<void>((resolve) => {
        if (seen.length >= count) resolve();
        else waiters.push({ count, resolve });
      }),
  };
}

/** What every backend must do: the same tests for each. */
function battery(start: () => Promise<Server>) {
  const queue = "runs-tfjs-cpu";
  let server: Server;
  let options: QueueOptions;
  let queues: RunQueues;
  let consumers: RunConsumer[] = [];
  let number = 0;

  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    number += 1;
    options = { ...server.options, prefix: `t${number}` };
    queues = await openRunQueues(options);
  });
  afterEach(async () => {
    await Promise.all(consumers.map((consumer) => consumer.close(true)));
    consumers = [];
    await queues.close();
  });
  const consume = async (
    handle: (payload: Payload, giveBack: GiveBack) => Promise<void>,
    concurrency = 1,
  ) => {
    const consumer = await consumeRuns({ ...options, queue, concurrency, handle });
    consumers.push(consumer);
    return consumer;
  };

  test("jobs come by priority, higher first, and in the order of adding among equals", async () => {
    await queues.enqueue(queue, [item(1), item(2), item(3, -1000), item(4, 5), item(5, 1000), item(6, 5)]);
    await queues.enqueue(queue, [item(7, 1000)]);
    const { seen, add, until } = recorder();
    await consume(async (payload) => add(payload));
    await until(7);
    expect(seen.map((payload) => payload.runId)).toEqual([5, 7, 4, 6, 1, 2, 3].map(uuidOf));
  });

  test("a job added twice, waiting or in hand, is one job", async () => {
    await queues.enqueue(queue, [item(1)]);
    await queues.enqueue(queue, [item(1), item(1)]);
    expect(await queues.depth(queue)).toEqual({ waiting: 1, active: 0 });
    const { seen, add, until } = recorder();
    const { open, opened } = gate();
    await consume(async (payload) => {
      add(payload);
      await opened;
    });
    await until(1);
    await queues.enqueue(queue, [item(1)]);
    await queues.enqueue(queue, [item(2)]);
    open();
    await until(2);
    expect(seen.map((payload) => payload.runId)).toEqual([uuidOf(1), uuidOf(2)]);
  });

  test("the next attempt of a run is another job, and a finished id can be used again", async () => {
    const { seen, add, until } = recorder();
    const consumer = await consume(async (payload) => add(payload));
    await queues.enqueue(queue, [item(1, 0, 1), item(1, 0, 2)]);
    await until(2);
    await consumer.pause();
    await eventually(() => queues.states(queue, [idOf(1, 1), idOf(1, 2)])).toEqual(new Map());
    await queues.enqueue(queue, [item(1, 0, 2)]);
    await consumer.resume();
    await until(3);
    expect(seen.map((payload) => payload.attempt)).toEqual([1, 2, 2]);
  });

  test("the state of a job is known while it waits and while it is in hand, until it is done", async () => {
    const { open, opened } = gate();
    const { add, until } = recorder();
    await queues.enqueue(queue, [item(1, 7), item(2), item(3, 3)]);
    await consume(async (payload) => {
      add(payload);
      await opened;
    });
    await until(1);
    const asked = [idOf(1), idOf(2), idOf(3), idOf(4), idOf(1, 2)];
    expect(await queues.states(queue, asked)).toEqual(
      new Map([
        [idOf(1), "taken"],
        [idOf(2), "waiting"],
        [idOf(3), "waiting"],
      ]),
    );
    expect(await queueDepths(options, [queue, "runs-other-gpu"])).toEqual({
      [queue]: { waiting: 2, active: 1 },
      "runs-other-gpu": { waiting: 0, active: 0 },
    });
    open();
    await until(3);
    await eventually(() => queues.states(queue, asked)).toEqual(new Map());
  });

  test("a removed job is not taken; removing one in hand or none at all changes nothing", async () => {
    const { open, opened } = gate();
    const { seen, add, until } = recorder();
    await queues.enqueue(queue, [item(1), item(2), item(3)]);
    await consume(async (payload) => {
      add(payload);
      await opened;
    });
    await until(1);
    await queues.remove(queue, idOf(2));
    await queues.remove(queue, idOf(1));
    await queues.remove(queue, idOf(9));
    open();
    await until(2);
    expect(seen.map((payload) => payload.runId)).toEqual([uuidOf(1), uuidOf(3)]);
  });

  test("a paused consumer finishes what it has and takes nothing new until it is resumed", async () => {
    const { open, opened } = gate();
    const { seen, add, until } = recorder();
    const consumer = await consume(async (payload) => {
      add(payload);
      if (payload.runId === uuidOf(1)) await opened;
    });
    await queues.enqueue(queue, [item(1), item(2)]);
    await until(1);
    await consumer.pause();
    open();
    await eventually(() => queues.states(queue, [idOf(1)])).toEqual(new Map());
    expect(await queues.depth(queue)).toEqual({ waiting: 1, active: 0 });
    expect(seen).toHaveLength(1);
    await consumer.resume();
    await until(2);
  });

  test("a consumer that waited for a job when it was paused does not take the next one", async () => {
    const { seen, add, until } = recorder();
    const consumer = await consume(async (payload) => add(payload));
    await queues.enqueue(queue, [item(1)]);
    await until(1);
    await consumer.pause();
    await queues.enqueue(queue, [item(2)]);
    const other = recorder();
    await consume(async (payload) => other.add(payload));
    await other.until(1);
    expect(seen).toHaveLength(1);
  });

  test("a job that is given back is the next of another consumer, and known all the time", async () => {
    await queues.enqueue(queue, [item(1), item(2), item(3)]);
    const paused = gate();
    const consumer = await consume(async (_payload, giveBack) => {
      await paused.opened;
      await giveBack();
    });
    await eventually(() => queues.depth(queue)).toEqual({ waiting: 2, active: 1 });
    await consumer.pause();
    paused.open();
    await eventually(() => queues.depth(queue)).toEqual({ waiting: 3, active: 0 });
    expect(await queues.states(queue, [idOf(1)])).toEqual(new Map([[idOf(1), "waiting"]]));
    const { seen, add, until } = recorder();
    await consume(async (payload) => add(payload));
    await until(3);
    expect(seen.map((payload) => payload.runId)).toEqual([1, 2, 3].map(uuidOf));
  });

  test("a job that is taken back is given to another, whoever holds it; one that waits stays where it is", async () => {
    await queues.enqueue(queue, [item(1), item(2)]);
    const held = recorder();
    const { open, opened } = gate();
    const consumer = await consume(async (payload) => {
      held.add(payload);
      await opened;
    });
    await held.until(1);
    await consumer.pause();
    await queues.takeBack(queue, idOf(2));
    await queues.takeBack(queue, idOf(9));
    await queues.takeBack(queue, idOf(1));
    const { seen, add, until } = recorder();
    await consume(async (payload) => add(payload));
    await until(2);
    expect(seen.map((payload) => payload.runId)).toEqual([1, 2].map(uuidOf));
    open();
  });

  test("one connection serves ever more queues, which leave nothing behind when they are closed", async () => {
    const warnings: string[] = [];
    const warn = ({ message }: Error) => warnings.push(message);
    process.on("warning", warn);
    const names = Array.from({ length: 12 }, (_, at) => `runs-${at}-cpu`);
    const open = await openRunConsumers(options);
    const { seen, add, until } = recorder();
    for (const round of [1, 2]) {
      const consumed = await Promise.all(
        names.map((name) => open.consume({ queue: name, concurrency: 1, handle: async (job) => add(job) })),
      );
      await Promise.all(names.map((name, at) => queues.enqueue(name, [item(at, 0, round)])));
      await until(round * names.length);
      await Promise.all(consumed.map((consumer) => consumer.close()));
    }
    await open.close();
    expect(new Set(seen.map(({ runId }) => runId))).toHaveProperty("size", 12);
    // Of more than are kept open, the first is opened again.
    await queues.enqueue(names[0] ?? "", [item(1)]);
    for (let at = 0; at < 70; at += 1) await queues.depth(`runs-other${at}-cpu`);
    expect(await queues.depth(names[0] ?? "")).toEqual({ waiting: 1, active: 0 });
    process.off("warning", warn);
    expect(warnings).toEqual([]);
  });

  test("closing waits for the job in hand", async () => {
    const { open, opened } = gate();
    const { add, until } = recorder();
    let finished = false;
    const consumer = await consume(async (payload) => {
      add(payload);
      await opened;
      finished = true;
    });
    await queues.enqueue(queue, [item(1)]);
    await until(1);
    const closing = consumer.close().then(() => finished);
    open();
    expect(await closing).toBe(true);
    expect(await queues.depth(queue)).toEqual({ waiting: 0, active: 0 });
  });

  test("as many jobs are in hand at a time as the consumer has slots", async () => {
    const { open, opened } = gate();
    const { seen, add, until } = recorder();
    await queues.enqueue(queue, [item(1), item(2), item(3), item(4)]);
    await consume(async (payload) => {
      add(payload);
      await opened;
    }, 3);
    await until(3);
    expect(await queues.depth(queue)).toEqual({ waiting: 1, active: 3 });
    expect(seen).toHaveLength(3);
    open();
    await until(4);
  });

  test("480 jobs added in one go are each taken once, by two consumers together", async () => {
    const { seen, add, until } = recorder();
    await queues.enqueue(
      queue,
      Array.from({ length: 480 }, (_, index) => item(index, index % 3)),
    );
    expect(await queues.states(queue, [idOf(0), idOf(479)])).toHaveProperty("size", 2);
    await consume(async (payload) => add(payload), 4);
    await consume(async (payload) => add(payload), 4);
    await until(480);
    expect(new Set(seen.map((payload) => payload.runId))).toHaveProperty("size", 480);
    expect(seen).toHaveLength(480);
  });

  test("a handler that throws is reported, and its job is done", async () => {
    const errors: string[] = [];
    options = { ...options, onError: (error) => errors.push(error.message) };
    await consume(async () => {
      throw new Error("out of order");
    });
    await queues.enqueue(queue, [item(1)]);
    await eventually(() => errors).toEqual(["out of order"]);
    await eventually(() => queues.states(queue, [idOf(1)])).toEqual(new Map());
  });

  test("the job of a consumer that was killed is given to another", async () => {
    const { kind, url } = options.backend;
    await queues.enqueue(queue, [item(1)]);
    const script = path.resolve("test/support/queue-consumer.ts");
    const child = spawn(
      process.execPath,
      ["--import", "tsx", script, kind, url, options.prefix ?? "", queue],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [printed] = await once(child.stdout, "data");
    expect(String(printed).trim()).toBe(uuidOf(1));
    const { seen, add, until } = recorder();
    await consume(async (payload) => add(payload));
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(seen).toHaveLength(0);
    await until(1);
    expect(seen).toEqual([{ runId: uuidOf(1), attempt: 1 }]);
  });

  test("reachable is what answers", async () => {
    expect(await isQueueReachable(options)).toBe(true);
    const nowhere =
      options.backend.kind === "redis"
        ? "redis://:secret@127.0.0.1:1"
        : "postgresql://u:secret@127.0.0.1:1/x";
    const backend = { ...options.backend, url: nowhere };
    expect(await isQueueReachable({ backend })).toBe(false);
    const failure = await openRunQueues({ backend }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(QueueUnreachableError);
    expect(String(failure)).not.toContain("secret");
  });

  test("after a restart of the server, jobs are added and taken again", async () => {
    const { seen, add, until } = recorder();
    await consume(async (payload) => add(payload));
    await queues.enqueue(queue, [item(1)]);
    await until(1);
    await server.restart();
    await queues.enqueue(queue, [item(2)]);
    await until(2);
    expect(seen.map((payload) => payload.runId)).toEqual([uuidOf(1), uuidOf(2)]);
  });
}

describe("the queue on PostgreSQL", () => {
  let address = "";

  test("a session that fell silent while it held the jobs keeps nobody for ever", async () => {
    const silent = connectDatabase({ url: address, maxConnections: 1 });
    const waits = { lockMs: 200 };
    const queues = await openRunQueues({
      backend: { kind: "postgres", url: address },
      prefix: "silent",
      waits,
    });
    await queues.enqueue("runs-a-cpu", [item(1)]);
    await silent.prisma.$transaction(async (sql) => {
      await sql.$executeRaw`LOCK TABLE bullmq.job`;
      await expect(queues.enqueue("runs-a-cpu", [item(2)])).rejects.toThrow(/lock timeout/);
    });
    await queues.enqueue("runs-a-cpu", [item(2)]);
    expect(await queues.depth("runs-a-cpu")).toEqual({ waiting: 2, active: 0 });
    await queues.close();
    await silent.close();
  });

  battery(async () => {
    const dataDirectory = await mkdtemp(path.join(tmpdir(), "reprise-queue-"));
    await chmod(dataDirectory, 0o755);
    const start = (port?: number) => startEmbeddedPostgres({ dataDirectory, port });
    let postgres = await start();
    address = postgres.url;
    return {
      options: { backend: { kind: "postgres", url: address } },
      async stop() {
        await postgres.stop();
        await rm(dataDirectory, { recursive: true, force: true });
      },
      async restart() {
        await postgres.stop();
        postgres = await start(postgres.port);
      },
    };
  });
});

const missing = redisMissing();
if (missing) console.warn(missing);
describe.skipIf(missing)("the queue on Redis", () => {
  let redis: TestRedis;
  battery(async () => {
    redis = await startRedis();
    return {
      options: { backend: { kind: "redis", url: redis.url } },
      stop: redis.stop,
      restart: redis.restart,
    };
  });
});
