import { once } from "node:events";
import { type Execution, type SweepSpecInput, sweepSpec } from "@reprise/contracts";
import { cancelSweep, createSweep, getEnvironment, getRun, setWorkerStatus } from "@reprise/database";
import { expect, onTestFinished, test } from "vitest";
import { aheadTrainer } from "../contract/trainers/battery.js";
import { startCollector, traceparentOf } from "../support/collector.js";
import { plannedRun } from "../support/database-fixtures.js";
import { processTree } from "../support/start-reprise.js";
import { workersOfFile } from "../support/worker-fixtures.js";

const { db, dispatcher, worker, workerProcess, until, ended } = await workersOfFile();

const arms: Record<string, Execution> = {
  det: { order: "fixed", algorithms: "deterministic", autotune: false, tf32: false },
  free: { order: "free", algorithms: "default", autotune: true, tf32: true },
};

/** A sweep of runs in these arms, one after another. */
async function sweepOf(names: string[], params = { pauseMs: 300 }, more: Partial<SweepSpecInput> = {}) {
  const created = await createSweep(db, {
    spec: sweepSpec.parse({ name: "ahead", trainer: "ahead", dataset: "toy", base: params, ...more }),
    specDigest: "0".repeat(64),
    analysisPlanDigest: null,
    preset: null,
    deviceClass: "cpu",
    runs: names.map((arm, position) =>
      plannedRun(position, {
        ...{ key: `c/${position}`, params, seed: position, arm },
        ...{ mode: arm === "det" ? "deterministic" : "nondeterministic", execution: arms[arm] },
      }),
    ),
  });
  const rows = await db.prisma.run.findMany({
    where: { sweepId: created.id },
    orderBy: { position: "asc" },
  });
  return { id: created.id, runIds: rows.map((row) => row.id) };
}

/** What a run's process told of how it was started. */
async function startOf(runId: string) {
  const run = await getRun(db, runId);
  const values = (await getEnvironment(db, run?.environmentId ?? ""))?.values ?? {};
  const waited = Number(values.bornAt) < Date.parse(run?.startedAt ?? "");
  const { pid, variables, traceparent } = values;
  return { arm: run?.arm, pid, waited, variables, traceparent };
}

/** Processes of the trainer below one of ours. */
const trainersBelow = (pid: number) =>
  processTree(pid).filter(({ command }) => command.includes("ahead-trainer.mjs"));

test("runs are trained by processes that waited for them, each once, with the variables of their arm", async () => {
  // Each belongs to a trace of its own, which changes nothing of how it is started.
  const collector = await startCollector();
  onTestFinished(() => collector.close());
  dispatcher();
  await worker({ trainers: [aheadTrainer] });
  const { id, runIds } = await sweepOf(["det", "free", "det", "free", "det", "free", "det", "free"]);
  expect(await ended(id)).toMatchObject({ runCounts: { succeeded: runIds.length } });
  const starts = await Promise.all(runIds.map(startOf));
  expect(new Set(starts.map(({ pid }) => pid)).size).toBe(runIds.length);
  for (const arm of ["det", "free"]) {
    const [first, ...later] = starts.filter((start) => start.arm === arm);
    expect(first?.waited, arm).toBe(false);
    expect(
      later.map(({ waited }) => waited),
      arm,
    ).toEqual([true, true, true]);
    for (const { variables } of later) expect(variables).toBe(first?.variables);
  }
  const [det, free] = starts.map(({ variables }) => new Map(JSON.parse(String(variables))));
  expect(det?.get("TF_DETERMINISTIC_OPS")).toBe("1");
  expect(free?.has("TF_DETERMINISTIC_OPS")).toBe(false);
  expect([det, free].map((variables) => variables?.get("PYTHONHASHSEED"))).toEqual(["0", "0"]);
  for (const { traceparent } of starts)
    await collector.until((span) => span.name === "trainer ahead" && traceparentOf(span) === traceparent);
  expect(new Set(starts.map(({ traceparent }) => traceparent)).size).toBe(runIds.length);
  // None is started for a run that nobody has queued.
  await expect.poll(() => trainersBelow(process.pid), { timeout: 20_000 }).toEqual([]);
});

test("one waits for what a sampler asks next; a worker that is to take no more runs keeps none waiting", async () => {
  dispatcher();
  const { id: workerId } = await worker({ trainers: [aheadTrainer] });
  const { id } = await sweepOf(["det"], { pauseMs: 60_000 }, { search: { method: "external" } });
  await until(async () => trainersBelow(process.pid).length === 2);
  await setWorkerStatus(db, workerId, "draining", "maintenance");
  await expect.poll(() => trainersBelow(process.pid).length, { timeout: 20_000 }).toBe(1);
  await cancelSweep(db, id);
});

test.each(["SIGTERM", "SIGKILL"] as const)(
  "a trainer that waits ends with its worker (%s)",
  async (signal) => {
    dispatcher();
    const { child, trainerPid } = await workerProcess(aheadTrainer);
    const { id } = await sweepOf(["det", "det"], { pauseMs: 60_000 });
    const pid = await trainerPid;
    const pidOf = child.pid ?? 0;
    const waiting = await until(async () => trainersBelow(pidOf).find((row) => row.pid !== pid));
    child.kill(signal);
    expect(await once(child, "exit")).toEqual(signal === "SIGTERM" ? [0, null] : [null, "SIGKILL"]);
    await expect
      .poll(() => processTree(waiting.pid).filter(({ command }) => command.includes("ahead-trainer")), {
        timeout: 20_000,
      })
      .toEqual([]);
    await cancelSweep(db, id);
  },
);
