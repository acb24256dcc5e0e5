import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  canonicalJson,
  type Parameters,
  queueName,
  type SweepSpecInput,
  sweepSpec,
} from "@reprise/contracts";
import {
  cancelRun,
  connectDatabase,
  createSweep,
  type Database,
  getAttempts,
  getEnvironment,
  getRun,
  getSweep,
  listWorkers,
  openLive,
  readLadder,
  readLogs,
  readMetrics,
  readPredictions,
  readSystemMetrics,
  recoverLostRuns,
  sendControl,
  setWorkerStatus,
  takeDispatchable,
} from "@reprise/database";
import { openRunQueues, type RunQueues } from "@reprise/queue";
import { createWorker, readWorkerConfig, type Worker, type WorkerConfig } from "@reprise/worker";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { tinyTrainer } from "../contract/trainers/battery.js";
import { testDatabase } from "../support/postgres.js";

let database: { url: string; drop(): Promise<void> };
let db: Database;
let queues: RunQueues;
let dataDirectory: string;
const running = new Set<{ stop(): Promise<void> }>();

beforeAll(async () => {
  database = await testDatabase();
  db = connectDatabase({ url: database.url });
  queues = await openRunQueues({ backend: { kind: "postgres", url: database.url } });
  dataDirectory = await mkdtemp(join(tmpdir(), "reprise-worker-test-"));
});
afterEach(async () => {
  await Promise.all([...running].map((part) => part.stop()));
  running.clear();
});
afterAll(async () => {
  await queues?.close();
  await db?.close();
  await database?.drop();
});

/** Does what the API's dispatcher does, until stopped. */
function dispatcher() {
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      for (const { trainer, deviceClass, priority, ...payload } of await takeDispatchable(db, {
        limitPerQueue: 20,
      })) {
        await queues.enqueue(queueName({ trainer, deviceClass }), [{ name: "train-run", payload, priority }]);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  running.add({
    stop: () => {
      stopped = true;
      return loop;
    },
  });
}

async function worker(changes: Partial<WorkerConfig> = {}): Promise<Worker> {
  const created = createWorker({
    ...readWorkerConfig({ DATABASE_URL: database.url, REPRISE_DATA_DIR: dataDirectory }),
    name: "one",
    logLevel: "silent",
    trainers: [tinyTrainer],
    heartbeatMs: 200,
    batchMs: 50,
    cancelGraceMs: 2_000,
    shutdownGraceMs: 0,
    ...changes,
  });
  running.add(created);
  await created.start();
  return created;
}

/** A sweep over seeds with one configuration of the small trainer. */
async function sweep(parameters: Parameters, seeds: number[], more: Partial<SweepSpecInput> = {}) {
  const spec = sweepSpec.parse({
    name: "tiny",
    trainer: "tiny",
    dataset: "toy",
    base: parameters,
    seeds,
    ...more,
  });
  const created = await createSweep(db, {
    spec,
    specDigest: "0".repeat(64),
    analysisPlanDigest: null,
    preset: null,
    deviceClass: "cpu",
    runs: seeds.map((seed, position) => ({
      key: `c/${seed}`,
      position,
      configurationKey: "c",
      configurationLabel: "C",
      params: parameters,
      seed,
      mode: "deterministic",
      arm: "det",
      execution: { order: "fixed", algorithms: "deterministic", autotune: false, tf32: false },
      noise: { init: "fixed", dataOrder: "fixed", augmentation: "fixed", dropout: "fixed", split: "fixed" },
      repeat: 0,
    })),
  });
  const rows = await db.prisma.run.findMany({ where: { sweepId: created.id }, orderBy: { position: "asc" } });
  return { id: created.id, runIds: rows.map((row) => row.id) };
}

/** Waits for a state, looking again at every live event. */
async function until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  const live = await openLive({ url: database.url });
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        const end = live.onEvent(() => {
          end();
          resolve();
        });
        setTimeout(resolve, 500);
      });
      const found = await look();
      if (found) return found;
      await changed;
    }
  } finally {
    await live.close();
  }
}
const ended = (sweepId: string) =>
  until(async () => {
    const now = await getSweep(db, sweepId);
    return now && ["succeeded", "failed", "cancelled"].includes(now.status) && now;
  });
const lossSteps = async (runId: string) =>
  (await readMetrics(db, runId, { keys: ["trainLoss"] }))?.series.trainLoss?.steps;
const firstOf = (ids: string[]): string => ids[0] ?? "";
const sawEpoch = (runId: string, epoch: number) =>
  until(async () => ((await lossSteps(runId))?.at(-1) ?? 0) >= epoch);

describe("a worker", () => {
  test("trains a sweep and records everything needed to repeat it", async () => {
    dispatcher();
    await worker();
    const { id, runIds } = await sweep({ epochs: 3, print: true }, [0, 1, 2]);
    expect(await ended(id)).toMatchObject({ status: "succeeded", runCounts: { succeeded: 3 } });

    const run = await getRun(db, firstOf(runIds));
    expect(run).toMatchObject({
      attempt: 1,
      workerName: "one",
      backendUsed: "cpu",
      selectedEpoch: 3,
      effectiveParams: { epochs: 3, print: true, learningRate: 0.5 },
      progress: { done: 3, total: 3, unit: "epochs" },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(run?.energy?.kWh).toBeGreaterThan(0);
    expect(run?.energy?.factors).toMatchObject({ pue: 1, carbonPlace: "World" });
    expect(await lossSteps(firstOf(runIds))).toEqual([1, 2, 3]);
    expect(run?.summary.validationAccuracy).toMatchObject({ count: 3, best: expect.any(Number) });
    expect(run?.summary.trainLoss?.best).toBeNull();

    const environment = await getEnvironment(db, run?.environmentId ?? "");
    expect(environment?.values).toMatchObject({
      "tiny.runtime": `node ${process.versions.node}`,
      "variable.CUBLAS_WORKSPACE_CONFIG": ":4096:8",
      "code.files": expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const rungs = (await readLadder(db, firstOf(runIds)))?.rungs ?? [];
    expect(rungs.filter((rung) => rung.kind === "environment")).toEqual([
      { kind: "environment", position: 0, digest: run?.environmentId },
    ]);
    expect(rungs.find((rung) => rung.kind === "finalWeights")?.digest).toBe(run?.digest);

    const predictions = await readPredictions(db, firstOf(runIds));
    expect(predictions?.map((entry) => [entry.split, entry.classes, entry.positiveClass])).toEqual(
      expect.arrayContaining([["test", ["left", "right"], 1]]),
    );
    const logs = await readLogs(db, firstOf(runIds), { after: -1, limit: 100 });
    expect(logs?.items.filter((entry) => entry.stream === "stdout")).toHaveLength(3);
    expect(
      new Set((await Promise.all(runIds.map((run) => getRun(db, run)))).map((run) => run?.environmentId))
        .size,
    ).toBe(1);
  });

  test("tells an error of the run from one of its surroundings", async () => {
    dispatcher();
    await worker();
    const bad = await sweep({ momentun: 0.9 }, [0]);
    const once = await sweep({ epochs: 3, fault: "once" }, [0]);
    expect(await ended(bad.id)).toMatchObject({ status: "failed" });
    expect(await getRun(db, firstOf(bad.runIds))).toMatchObject({
      attempt: 1,
      error: { kind: "user", message: expect.stringContaining("momentun") },
    });
    expect(await ended(once.id)).toMatchObject({ status: "succeeded" });
    expect(await getAttempts(db, firstOf(once.runIds))).toMatchObject([
      {
        number: 1,
        status: "failed",
        error: { kind: "infrastructure", message: expect.stringContaining("SIGKILL") },
      },
      { number: 2, status: "succeeded" },
    ]);
    expect(await lossSteps(firstOf(once.runIds))).toEqual([1, 2, 3]);
  });

  test("ends a run on request", async () => {
    dispatcher();
    await worker();
    const { runIds } = await sweep({ epochs: 100_000, pauseMs: 10 }, [0]);
    const runId = firstOf(runIds);
    await sawEpoch(runId, 2);
    expect(await cancelRun(db, runId)).toMatchObject({ ok: true });
    await until(async () => (await getRun(db, runId))?.status === "cancelled");
    expect((await getRun(db, runId))?.energy?.kWh).toBeGreaterThan(0);
  });

  test("stopped in mid-run it gives the run back, which counts as no failure", async () => {
    dispatcher();
    const first = await worker();
    const { id, runIds } = await sweep({ epochs: 50, pauseMs: 100 }, [0]);
    const runId = firstOf(runIds);
    await sawEpoch(runId, 2);
    await first.stop();
    expect(await getAttempts(db, runId)).toMatchObject([{ number: 1, status: "lost" }]);
    expect((await listWorkers(db)).find((known) => known.id === first.id)?.status).toBe("gone");
    await worker({ name: "two" });
    expect(await ended(id)).toMatchObject({ status: "succeeded" });
    expect(await getRun(db, runId)).toMatchObject({ attempt: 2, workerName: "two" });
    expect((await db.prisma.run.findUniqueOrThrow({ where: { id: runId } })).infrastructureFailures).toBe(0);
    expect(await lossSteps(runId)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  });

  test("two workers share a sweep, each run once", async () => {
    dispatcher();
    await Promise.all([worker({ name: "one" }), worker({ name: "two" })]);
    const { id, runIds } = await sweep({ epochs: 3, pauseMs: 30 }, [0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await ended(id)).toMatchObject({ runCounts: { succeeded: 8 } });
    const runs = await Promise.all(runIds.map((runId) => getRun(db, runId)));
    expect(new Set(runs.map((run) => run?.workerName))).toEqual(new Set(["one", "two"]));
    expect(runs.map((run) => run?.attempt)).toEqual(Array(8).fill(1));
    for (const runId of runIds) expect(await lossSteps(runId)).toEqual([1, 2, 3]);
  });

  test("drains on request, and takes runs again when it may", async () => {
    dispatcher();
    const drained = await worker();
    await setWorkerStatus(db, drained.id, "draining", "maintenance");
    await sendControl(db, { type: "drain-worker", workerId: drained.id });
    const { id, runIds } = await sweep({ epochs: 1 }, [0]);
    const other = await worker({ name: "other" });
    expect(await ended(id)).toMatchObject({ status: "succeeded" });
    expect((await getRun(db, firstOf(runIds)))?.workerName).toBe("other");
    await other.stop();
    await setWorkerStatus(db, drained.id, "ready", null);
    const next = await sweep({ epochs: 1 }, [0]);
    expect(await ended(next.id)).toMatchObject({ status: "succeeded" });
    expect((await getRun(db, firstOf(next.runIds)))?.workerName).toBe("one");
  });

  test("leaves out a trainer that cannot be used, and does not start without any", async () => {
    const broken = { name: "broken", command: "/nonexistent/trainer" };
    const partly = await worker({ trainers: [broken, tinyTrainer] });
    expect((await listWorkers(db)).find((known) => known.id === partly.id)?.trainers).toEqual(["tiny"]);
    await expect(worker({ trainers: [broken] })).rejects.toThrow(/None of the configured trainers/);
    await expect(worker({ trainers: [] })).rejects.toThrow(/No trainer is configured/);
  });
});

describe("quarantine", () => {
  const capabilities = fileURLToPath(new URL("../contract/trainers/capabilities.json", import.meta.url));

  test("a worker that cannot start its trainer takes no more runs", async () => {
    dispatcher();
    const broken = await worker({
      trainers: [{ name: "tiny", command: "/nonexistent/trainer", capabilities }],
    });
    const { id, runIds } = await sweep({ epochs: 1 }, [0, 1, 2, 3, 4, 5]);
    const self = await until(async () =>
      (await listWorkers(db)).find((known) => known.id === broken.id && known.status === "quarantined"),
    );
    expect(self.statusReason).toContain("could not be started 3 times");
    await worker({ name: "sound" });
    await ended(id);
    const runs = await Promise.all(runIds.map((runId) => getRun(db, runId)));
    // One run at most was burnt; all others found a sound worker.
    expect(runs.filter((run) => run?.status === "succeeded").length).toBeGreaterThanOrEqual(5);
  });

  test("one bad sweep is paused and does not stop the worker", async () => {
    dispatcher();
    const crasher = { name: "crasher", command: "sh", args: ["-c", "kill -9 $$"], capabilities };
    const { id: workerId } = await worker({ trainers: [crasher, tinyTrainer] });
    const bad = await sweep({ epochs: 1 }, [0, 1, 2, 3, 4, 5], { trainer: "crasher" });
    const paused = await until(async () => {
      const now = await getSweep(db, bad.id);
      return now?.status === "paused" && now;
    });
    expect(paused.runCounts.failed).toBeLessThanOrEqual(1);
    const good = await sweep({ epochs: 1 }, [0]);
    expect(await ended(good.id)).toMatchObject({ status: "succeeded" });
    expect((await listWorkers(db)).find((known) => known.id === workerId)?.status).toBe("ready");
  });
});

describe("when the database is away", () => {
  test("training goes on, and nothing is lost or doubled", async () => {
    dispatcher();
    const proxy = await tcpProxy(database.url);
    const { id, runIds } = await sweep({ epochs: 60, pauseMs: 50 }, [0]);
    const { id: workerId } = await worker({ databaseUrl: proxy.url });
    const runId = firstOf(runIds);
    await sawEpoch(runId, 3);
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    proxy.restore();
    expect(await ended(id)).toMatchObject({ status: "succeeded" });
    expect(await getRun(db, runId)).toMatchObject({ attempt: 1 });
    expect(await lossSteps(runId)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
    const looks = await db.prisma.systemSample.findMany({ where: { runId }, orderBy: { index: "asc" } });
    expect(looks.map(({ index }) => index)).toEqual(looks.map((_, place) => place));
    expect(looks.length).toBeGreaterThanOrEqual(2);
    const system = await readSystemMetrics(db, runId);
    expect(system?.hostMemoryBytes).toBeGreaterThan(0);
    if (process.platform === "linux") {
      const { cpuSeconds = [], residentMemoryBytes = [], threads = [] } = system?.series ?? {};
      expect(cpuSeconds.at(-1)).toBeGreaterThan(cpuSeconds[0] ?? Number.POSITIVE_INFINITY);
      expect(residentMemoryBytes.every((bytes) => (bytes ?? 0) > 10 * 2 ** 20)).toBe(true);
      expect(threads.every((number) => (number ?? 0) > 1)).toBe(true);
      const run = await getRun(db, runId);
      expect(run?.peakResidentMemoryBytes).toBe(Math.max(...residentMemoryBytes.map((bytes) => bytes ?? 0)));
      expect(run?.meanCpuPercent).toBeGreaterThan(0);
    }
    // The machine is told of with every heartbeat, but is no metric of the run.
    const known = (await listWorkers(db)).find((each) => each.id === workerId);
    expect(known?.system).toMatchObject({ processors: expect.any(Number), gpus: [] });
    expect(Object.keys((await readMetrics(db, runId, {}))?.series ?? {})).not.toContain("cpuPercent");
    await Promise.all([...running].map((part) => part.stop()));
    running.clear();
    await proxy.close();
  });
});

describe("when a worker is killed", () => {
  test("its trainer ends, and another worker goes on from the checkpoint to the same result", async () => {
    dispatcher();
    const parameters = { epochs: 30, pauseMs: 60 };
    const undisturbed = await sweep(parameters, [5]);
    const reference = await worker();
    await ended(undisturbed.id);
    await reference.stop();

    const { id, runIds } = await sweep(parameters, [5], { checkpointEveryEpochs: 2 });
    const runId = firstOf(runIds);
    const doomed = await workerProcess();
    const trainerPid = await doomed.trainerPid;
    await until(async () => (await db.prisma.checkpoint.count({ where: { runId } })) >= 2);
    process.kill(doomed.child.pid ?? 0, "SIGKILL");
    await once(doomed.child, "exit");
    await expect.poll(() => isRunning(trainerPid), { timeout: 10_000 }).toBe(false);

    expect((await getRun(db, runId))?.status).toBe("running");
    expect(await recoverLostRuns(db, new Date(Date.now() + 60_000))).toEqual([{ runId, requeued: true }]);
    await worker({ name: "rescuer" });
    expect(await ended(id)).toMatchObject({ status: "succeeded" });

    const [expected, run] = await Promise.all([getRun(db, firstOf(undisturbed.runIds)), getRun(db, runId)]);
    expect(run).toMatchObject({ attempt: 2, workerName: "rescuer", digest: expected?.digest });
    expect(await getAttempts(db, runId)).toMatchObject([{ status: "lost" }, { status: "succeeded" }]);
    expect(await lossSteps(runId)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
    const series = async (of: string) =>
      canonicalJson((await readMetrics(db, of, {}))?.series.trainLoss?.values);
    expect(await series(runId)).toBe(await series(firstOf(undisturbed.runIds)));
    const resumed = await readLogs(db, runId, { attempt: 2, after: -1, limit: 10 });
    expect(resumed?.items[0]?.text).toMatch(/resumed at step [1-9]/);
  });
});

describe("as a process of its own", () => {
  test("SIGTERM gives the run back and ends it with exit code 0", async () => {
    dispatcher();
    const { runIds } = await sweep({ epochs: 1_000, pauseMs: 50 }, [0]);
    const { child, trainerPid } = await workerProcess();
    const pid = await trainerPid;
    await sawEpoch(firstOf(runIds), 1);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(isRunning(pid)).toBe(false);
    expect(await getRun(db, firstOf(runIds))).toMatchObject({ status: "queued", attempt: 1 });
    expect(await cancelRun(db, firstOf(runIds))).toMatchObject({ ok: true });
  });
});

/** A process that has ended but that nobody has waited for still takes signals: on Linux its state tells. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** A worker as a process of its own, configured by a file; resolves `trainerPid` when it has started a trainer. */
async function workerProcess(): Promise<{ child: ChildProcess; trainerPid: Promise<number> }> {
  const configFile = join(dataDirectory, "worker.yaml");
  const { name, command, args } = tinyTrainer;
  await writeFile(
    configFile,
    JSON.stringify({ name: "doomed", shutdownGraceSeconds: 0, trainers: [{ name, command, args }] }),
  );
  const main = fileURLToPath(new URL("../../apps/worker/src/main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main], {
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      REPRISE_WORKER_CONFIG: configFile,
      REPRISE_DATA_DIR: dataDirectory,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add({
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    },
  });
  const trainerPid = new Promise<number>((resolve) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      const found = /"pid":(\d+),"msg":"trainer started"/.exec(text);
      if (found) resolve(Number(found[1]));
    });
  });
  return { child, trainerPid };
}

/** A way to the database that can be cut. */
async function tcpProxy(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((inward) => {
    if (!open) return inward.destroy();
    const outward = connectTcp(Number(port), hostname);
    for (const [from, to] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(typeof address === "object" ? address?.port : "");
  return {
    url: url.toString(),
    cut() {
      open = false;
      for (const socket of sockets) socket.destroy();
    },
    restore() {
      open = true;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
