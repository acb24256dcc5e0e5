import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiAt, sweepUntil } from "../support/api.js";
import { testDatabase } from "../support/postgres.js";
import { redisMissing, startRedis, type TestRedis } from "../support/redis.js";
import { dataFolder, type RunningReprise, reprise, startReprise } from "../support/start-reprise.js";

const missing = redisMissing();
const spec = {
  name: "two workers",
  dataset: "wdbc",
  base: { model: "mlp", batchNorm: true, epochs: 10, batchSize: 32, optimizer: "adam", learningRate: 0.01 },
  seeds: [0, 42],
  modes: { deterministic: { repeats: 3 }, nondeterministic: { repeats: 3 } },
};

describe("with DATABASE_URL and REDIS_URL set", () => {
  const data = dataFolder();
  let database: { url: string; drop(): Promise<void> } | undefined;
  let redis: TestRedis | undefined;
  let server: RunningReprise | undefined;
  const workers: ReturnType<typeof reprise>[] = [];
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    if (missing) return;
    [database, redis] = await Promise.all([testDatabase(), startRedis()]);
    environment = { DATABASE_URL: database.url, REDIS_URL: redis.url, REPRISE_DATA_DIR: data.path };
    server = await startReprise(["--data", data.path, "--no-worker"], environment);
  });
  afterAll(async () => {
    for (const { process: child } of workers) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    await server?.stop();
    await redis?.stop();
    await database?.drop();
    data.remove();
  });

  it("two worker processes finish one sweep, equal to the bit across workers", async ({ skip }) => {
    if (missing) skip(missing);
    if (!server) throw new Error("the server did not start");
    const api = apiAt(server.url);
    const sweep = await api.createSweep(spec);
    expect((await api.sweep(sweep.id)).blockedReason).toMatch(/worker/);
    for (const name of ["first", "second"]) {
      workers.push(reprise(["worker"], { ...environment, REPRISE_WORKER_NAME: name }));
    }
    expect(await sweepUntil(api, server.url, sweep.id)).toMatchObject({
      status: "succeeded",
      blockedReason: null,
    });
    const runs = await api.runs(sweep.id);
    expect(new Set(runs.map((run) => run.workerName))).toEqual(new Set(["first", "second"]));
    for (const seed of [0, 42]) {
      const deterministic = runs.filter((run) => run.seed === seed && run.arm === "det");
      expect(new Set(deterministic.map((run) => run.digest)).size).toBe(1);
    }
  });
});
