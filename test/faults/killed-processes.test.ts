import { once } from "node:events";
import { afterAll, describe, expect, it } from "vitest";
import { type Api, apiAt, sweepUntil } from "../support/api.js";
import {
  dataFolder,
  processes,
  processTree,
  type RunningReprise,
  reprise,
  startReprise,
} from "../support/start-reprise.js";
import { smallWorkerFile } from "../support/worker-file.js";

const epochs = 40;
const spec = {
  name: "survives",
  dataset: "toy",
  base: { epochs, pauseMs: 40 },
  seeds: [0, 42],
  modes: { deterministic: { repeats: 5 } },
};

/** Every run succeeded exactly once, with each epoch's metric exactly once. */
async function expectWhole(api: Api, sweepId: string): Promise<void> {
  const runs = await api.runs(sweepId);
  expect(runs).toHaveLength(10);
  for (const { id } of runs) {
    const run = await api.run(id);
    expect(run.status).toBe("succeeded");
    expect(run.attempts.filter((attempt) => attempt.status === "succeeded")).toHaveLength(1);
    const { series } = await api.metrics(id);
    expect(series.validationAccuracy?.steps).toEqual(Array.from({ length: epochs }, (_, index) => index + 1));
    expect(run.summary.validationAccuracy?.count).toBe(epochs);
  }
  for (const seed of [0, 42]) {
    const deterministic = runs.filter((run) => run.seed === seed && run.arm === "det");
    expect(new Set(deterministic.map((run) => run.digest)).size).toBe(1);
  }
}

/** Kills a process, unless it has ended since it was listed, as trainers do. */
function killed(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

describe("a study whose processes are killed", () => {
  const data = dataFolder();
  let server: RunningReprise | undefined;
  afterAll(async () => {
    await server?.stop();
    data.remove();
  });
  const start = () =>
    startReprise(["--data", data.path], { REPRISE_WORKER_CONFIG: smallWorkerFile(data.path, 5) });
  const someDone = (count: number) => (sweep: { runCounts: { succeeded: number; running: number } }) =>
    sweep.runCounts.succeeded >= count && sweep.runCounts.running > 0;

  it("still ends with every run exactly once: first the worker, then the database, then the whole tree", async () => {
    server = await start();
    const api = apiAt(server.url);
    const sweep = await api.createSweep(spec);

    await sweepUntil(api, server.url, sweep.id, someDone(1));
    const [worker] = await api.workers();
    if (!worker) throw new Error("no worker is registered");
    process.kill(worker.pid, "SIGKILL");

    await sweepUntil(api, server.url, sweep.id, someDone(3));
    const database = processTree(server.process.pid ?? 0).find(({ command }) => /postgres -D/.test(command));
    process.kill(database?.pid ?? Number.NaN, "SIGKILL");

    await sweepUntil(api, server.url, sweep.id, someDone(4));
    expect(server.printed()).toMatch(/database +ended without having been told to/);
    const tree = processTree(server.process.pid ?? 0);
    expect(tree.map((row) => row.command).join("\n")).toMatch(/postgres/);
    const ended = once(server.process, "exit");
    for (const { pid } of tree) killed(pid);
    await ended;

    server = await start();
    const again = apiAt(server.url);
    expect(await sweepUntil(again, server.url, sweep.id)).toMatchObject({ status: "succeeded" });
    await expectWhole(again, sweep.id);
  }, 300_000);

  it("refuses a second instance on the same data directory, with its reason", async () => {
    const second = reprise(["start", "--data", data.path]);
    const [code] = await once(second.process, "exit");
    expect(code).toBe(2);
    expect(second.printed()).toMatch(/already|in use|running/);
    expect(second.printed()).toContain(String(server?.process.pid));
  });

  it("leaves no process behind when it is stopped", async () => {
    const tree = processTree(server?.process.pid ?? 0);
    expect(tree.length).toBeGreaterThan(3);
    expect(await server?.stop()).toBe(0);
    const left = processes().filter((row) =>
      tree.some((was) => was.pid === row.pid && was.command === row.command),
    );
    expect(left).toEqual([]);
    expect(processes().filter((row) => row.command.includes(data.path))).toEqual([]);
  });
});
