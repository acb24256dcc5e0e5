import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Parameters, type SweepSpecInput, sweepSpec } from "@reprise/contracts";
import {
  connectDatabase,
  createSweep,
  getSweep,
  openLive,
  readMetrics,
  takeDispatchable,
} from "@reprise/database";
import { openRunQueues, queueName } from "@reprise/queue";
import { createWorker, readWorkerConfig, type Worker, type WorkerConfig } from "@reprise/worker";
import { afterAll, afterEach } from "vitest";
import { tinyTrainer } from "../contract/trainers/battery.js";
import { plannedRun } from "./database-fixtures.js";
import { testDatabase } from "./postgres.js";

/**
 * Database and queue for the workers of one test file. What a test starts is stopped when it ends, the rest after the
 * last one.
 */
export async function workersOfFile() {
  const database = await testDatabase();
  const db = connectDatabase({ url: database.url });
  const queues = await openRunQueues({ backend: { kind: "postgres", url: database.url } });
  const dataDirectory = await mkdtemp(join(tmpdir(), "reprise-worker-test-"));
  const running = new Set<{ stop(): Promise<void> }>();
  const stopAll = async () => {
    await Promise.all([...running].map((part) => part.stop()));
    running.clear();
  };
  afterEach(stopAll);
  afterAll(async () => {
    await queues.close();
    await db.close();
    await database.drop();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  /** Does what the API's dispatcher does, until stopped. */
  function dispatcher() {
    let stopped = false;
    const loop = (async () => {
      while (!stopped) {
        for (const { trainer, deviceClass, requires, priority, ...payload } of await takeDispatchable(db, {
          limitPerQueue: 20,
        })) {
          await queues.enqueue(queueName({ trainer, deviceClass, requires }), [
            { name: "train-run", payload, priority },
          ]);
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
      runs: seeds.map((seed, position) =>
        plannedRun(position, {
          ...{ key: `c/${seed}`, configurationKey: "c", configurationLabel: "C" },
          ...{ params: parameters, seed },
        }),
      ),
    });
    const rows = await db.prisma.run.findMany({
      where: { sweepId: created.id },
      orderBy: { position: "asc" },
    });
    return { id: created.id, runIds: rows.map((row) => row.id) };
  }

  /** A worker as a process of its own, configured by a file; resolves `trainerPid` when it has started a trainer. */
  async function workerProcess(
    trainer: typeof tinyTrainer = tinyTrainer,
    shutdownGraceSeconds = 0,
  ): Promise<{ child: ChildProcess; trainerPid: Promise<number> }> {
    const configFile = join(dataDirectory, "worker.yaml");
    const { name, command, args } = trainer;
    await writeFile(
      configFile,
      JSON.stringify({ name: "doomed", shutdownGraceSeconds, trainers: [{ name, command, args }] }),
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
  const sawEpoch = (runId: string, epoch: number) =>
    until(async () => ((await lossSteps(runId))?.at(-1) ?? 0) >= epoch);

  return {
    databaseUrl: database.url,
    db,
    dispatcher,
    worker,
    workerProcess,
    sweep,
    until,
    ended,
    lossSteps,
    sawEpoch,
    stopAll,
  };
}

export const firstOf = (ids: string[]): string => ids[0] ?? "";
