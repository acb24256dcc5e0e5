import { availableParallelism } from "node:os";
import {
  cancelRun,
  cancelSweep,
  getAttempts,
  getEnvironment,
  getRun,
  getSweep,
  listWorkers,
  readLadder,
  readLogs,
  readPredictions,
} from "@reprise/database";
import { expect, test } from "vitest";
import { tinyTrainer } from "../contract/trainers/battery.js";
import { firstOf, workersOfFile } from "../support/worker-fixtures.js";

const { db, dispatcher, worker, sweep, until, ended, lossSteps, sawEpoch } = await workersOfFile();

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
    { kind: "environment", position: 0, digest: run?.environmentId, algorithm: "sha256" },
  ]);
  expect(rungs.find((rung) => rung.kind === "finalWeights")?.digest).toBe(run?.digest);

  const predictions = await readPredictions(db, firstOf(runIds));
  expect(predictions?.map((entry) => [entry.split, entry.classes, entry.positiveClass])).toEqual(
    expect.arrayContaining([["test", ["left", "right"], 1]]),
  );
  const logs = await readLogs(db, firstOf(runIds), { after: -1, limit: 100 });
  expect(logs?.items.filter((entry) => entry.stream === "stdout")).toHaveLength(3);
  expect(
    new Set((await Promise.all(runIds.map((run) => getRun(db, run)))).map((run) => run?.environmentId)).size,
  ).toBe(1);
});

test("runs with requirements are trained by a worker that meets them, the others by any", async () => {
  dispatcher();
  await worker({ name: "plain" });
  const requires = { site: "basel", memory: "1 MiB" };
  const demanding = await sweep({ epochs: 1 }, [0, 1], { resources: { requires } });
  const plain = await sweep({ epochs: 1 }, [0]);
  expect(await ended(plain.id)).toMatchObject({ status: "succeeded" });
  const blockedReason = "no ready worker that offers trainer tiny has site: basel";
  const waiting = { status: "queued", blockedReason };
  expect(await getSweep(db, demanding.id)).toMatchObject(waiting);
  await worker({ name: "other", labels: { site: "zurich" } });
  await worker({ name: "labelled", labels: { site: "basel", rack: "7" } });
  expect(await ended(demanding.id)).toMatchObject({ status: "succeeded", blockedReason: null });
  for (const runId of demanding.runIds)
    expect(await getRun(db, runId)).toMatchObject({ workerName: "labelled", attempt: 1 });

  // Each study has a queue of its own: of however many, a worker listens to eight at a time, each by a session named after it.
  const many = [];
  for (let mib = 1; mib <= 10; mib += 1)
    many.push(
      await sweep({ epochs: 1 }, [0], { resources: { requires: { ...requires, memory: `${mib + 1} MiB` } } }),
    );
  for (const { id } of many) expect(await ended(id)).toMatchObject({ status: "succeeded" });
  const listening = await db.prisma.$queryRaw<Array<{ name: string }>>`
    SELECT application_name AS name FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'runs-tiny-cpu%'`;
  // Of three workers: the queue without requirements each, and those of the last.
  expect(listening.length).toBeGreaterThan(3);
  expect(listening.length).toBeLessThanOrEqual(3 + 8);
});

test("null is unset: a program that spreads what is requested over its defaults trains with these", async () => {
  dispatcher();
  await worker();
  const { id, runIds } = await sweep({ epochs: 2, learningRate: null, print: null }, [0]);
  expect(await ended(id)).toMatchObject({ status: "succeeded" });
  expect(await getRun(db, firstOf(runIds))).toMatchObject({
    params: { epochs: 2, learningRate: null, print: null },
    effectiveParams: { epochs: 2, learningRate: 0.5, print: false },
  });
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

test("a trainer that hands over what is not its own, or names too many metrics, has failed by itself, and nothing is given out", async () => {
  dispatcher();
  await worker();
  const { id, runIds } = await sweep({ epochs: 3, fault: "other-file" }, [0]);
  expect(await ended(id)).toMatchObject({ status: "failed" });
  expect(await getRun(db, firstOf(runIds))).toMatchObject({
    attempt: 1,
    error: { kind: "user", message: expect.stringMatching(/handed over .*stolen.*, which is a link/) },
  });
  expect(await db.prisma.checkpoint.count({ where: { runId: firstOf(runIds) } })).toBe(0);

  const naming = await sweep({ epochs: 3, fault: "names" }, [0]);
  expect(await ended(naming.id)).toMatchObject({ status: "failed" });
  expect(await getRun(db, firstOf(naming.runIds))).toMatchObject({
    attempt: 1,
    error: { kind: "user", message: expect.stringMatching(/^A run may have 10000 metrics;/) },
  });
});

test("names of an earlier attempt count: a run that goes on from its checkpoint with too many others has failed by itself", async () => {
  dispatcher();
  await worker();
  const { id, runIds } = await sweep({ epochs: 4, fault: "names-by-attempt" }, [0], {
    checkpointEveryEpochs: 1,
  });
  expect(await ended(id)).toMatchObject({ status: "failed" });
  expect(await getRun(db, firstOf(runIds))).toMatchObject({
    attempt: 2,
    error: { kind: "user", message: expect.stringMatching(/^A run may have 10000 metrics;/) },
  });
  expect(await getAttempts(db, firstOf(runIds))).toMatchObject([
    { number: 1, error: { kind: "infrastructure" } },
    { number: 2, error: { kind: "user" } },
  ]);
  expect(await db.prisma.metricSummary.count({ where: { runId: firstOf(runIds) } })).toBe(9_992);
});

test("a trainer that is killed twice is not started a third time", async () => {
  dispatcher();
  await worker({ quarantineAfter: 5 });
  const { id, runIds } = await sweep({ epochs: 3, fault: "killed" }, [0]);
  expect(await ended(id)).toMatchObject({ status: "failed" });
  expect(await getRun(db, firstOf(runIds))).toMatchObject({
    attempt: 2,
    error: {
      kind: "user",
      message: expect.stringContaining("killed by SIGKILL twice"),
      hint: expect.stringContaining("batch size"),
    },
  });
});

test("a GPU without memory is met twice before it is an error of the run", async () => {
  dispatcher();
  await worker({ quarantineAfter: 5 });
  const { id, runIds } = await sweep({ epochs: 3, fault: "device-memory" }, [0]);
  expect(await ended(id)).toMatchObject({ status: "failed" });
  expect(await getAttempts(db, firstOf(runIds))).toMatchObject([
    {
      number: 1,
      error: {
        kind: "infrastructure",
        message: "The device had no memory left for the trainer: it asked for 20.00 GiB.",
      },
    },
    {
      number: 2,
      error: {
        kind: "user",
        message: "The trainer ran out of the device's memory twice: it asked for 20.00 GiB.",
      },
    },
  ]);
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

// Two runs of one thread need two threads.
test.runIf(availableParallelism() > 1)(
  "two runs of one thread share a processor with two slots",
  async () => {
    dispatcher();
    await worker({ slots: 2 });
    const one = { resources: { threads: 1 } };
    const { id, runIds } = await sweep({ epochs: 100_000, pauseMs: 20 }, [0, 1, 2], one);
    const statuses = async () =>
      Promise.all(runIds.map(async (runId) => (await getRun(db, runId))?.status ?? ""));
    await until(async () => (await statuses()).join() === "running,running,queued");
    for (const runId of runIds.slice(0, 2)) await sawEpoch(runId, 2);
    await cancelRun(db, firstOf(runIds));
    await until(async () => (await statuses()).join() === "cancelled,running,running");
    await cancelSweep(db, id);
    expect(await ended(id)).toMatchObject({ status: "cancelled" });
  },
);

// Needs two threads, as above.
test.runIf(availableParallelism() > 1)(
  "a run that does not fit beside another is left to a worker that is idle, and those behind it go on",
  async () => {
    dispatcher();
    await worker({ slots: 2 });
    const one = { resources: { threads: 1 } };
    const long = { epochs: 100_000, pauseMs: 20 };
    const [small, whole, behind] = [
      await sweep(long, [0], one),
      await sweep(long, [1], { resources: { threads: "auto" } }),
      await sweep(long, [2], one),
    ];
    const shown = async () => {
      const runs = await Promise.all([small, whole, behind].map(({ runIds }) => getRun(db, firstOf(runIds))));
      return runs.map((run) => (run?.status === "running" ? run.workerName : run?.status));
    };
    await until(async () => (await shown())[0] === "one");
    await worker({ name: "two" });
    await until(async () => (await shown()).join() === "one,two,one");
    for (const { id } of [small, whole, behind]) await cancelSweep(db, id);
    for (const { id } of [small, whole, behind])
      expect(await ended(id)).toMatchObject({ status: "cancelled" });
  },
);

test("leaves out a trainer that cannot be used, with its reason, and does not start without any", async () => {
  const broken = { name: "broken", command: "/nonexistent/trainer" };
  const partly = await worker({ trainers: [broken, tinyTrainer] });
  expect((await listWorkers(db)).find((known) => known.id === partly.id)?.trainers).toEqual(["tiny"]);
  const none = await worker({ name: "none", trainers: [broken] });
  expect((await listWorkers(db)).find((known) => known.id === none.id)).toMatchObject({
    trainers: [],
    leftOut: [
      { name: "broken", reason: "did not describe itself: spawn /nonexistent/trainer ENOENT", lastLines: [] },
    ],
  });
  await expect(worker({ trainers: [] })).rejects.toThrow(/No trainer is configured/);
});
