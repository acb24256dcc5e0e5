import { randomUUID } from "node:crypto";
import {
  anotherMayFollow,
  cancelRun,
  cancelSweep,
  claimRun,
  connectDatabase,
  type DatabasePool,
  finishAttempt,
  getAttempts,
  getRun,
  pauseSweep,
  queuedNeeds,
  recoverLostRuns,
  registerWorker,
  releaseAttempt,
  resetEnqueued,
  runsWithJobOut,
  takeDispatchable,
  updateSweep,
  waitingNeeds,
} from "@reprise/database";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  claim,
  firstRun,
  infrastructureFailure,
  newSweep,
  runIds,
  succeeded,
} from "../support/database-fixtures.js";
import { testDatabase } from "../support/postgres.js";

let db: DatabasePool;
let drop: () => Promise<void>;
beforeEach(async () => {
  const database = await testDatabase();
  drop = database.drop;
  db = connectDatabase({ url: database.url });
});
afterEach(async () => {
  await db.close();
  await drop();
});

const take = async (limitPerQueue = 1_000) =>
  (await takeDispatchable(db, { limitPerQueue })).map((job) => job.runId);
const later = () => new Date(Date.now() + 3_600_000);

test("runs are handed over by priority, then age of the sweep, then position, each once", async () => {
  const old = await newSweep(db, 2);
  const young = await newSweep(db, 2);
  const urgent = await newSweep(db, 1, { priority: 10 });
  const sweeps = [urgent.id, old.id, young.id];
  const expected = (await Promise.all(sweeps.map((id) => runIds(db, id)))).flat();
  expect(await take()).toEqual(expected);
  expect(await take()).toEqual([]);
  expect((await runsWithJobOut(db)).map((run) => run.runId).sort()).toEqual(expected.toSorted());
});

test("a raised priority counts for what is still waiting", async () => {
  const first = await newSweep(db, 2);
  const second = await newSweep(db, 2);
  await updateSweep(db, second.id, { priority: 1 });
  expect(await take(3)).toEqual([...(await runIds(db, second.id)), (await runIds(db, first.id))[0]]);
});

test("no more jobs are out than a queue may hold, and no more runs of a sweep than it allows", async () => {
  const narrow = await newSweep(db, 5, { maxParallelRuns: 2 });
  const wide = await newSweep(db, 5);
  const [n0, n1, n2] = await runIds(db, narrow.id);
  const wideRuns = await runIds(db, wide.id);
  expect(await take(4)).toEqual([n0, n1, wideRuns[0], wideRuns[1]]);
  expect(await take(4)).toEqual([]);
  const ref = await claim(db, n0 ?? "");
  expect(await take(4)).toEqual([wideRuns[2]]);
  await finishAttempt(db, ref, succeeded());
  expect(await take(5)).toEqual([n2]);

  // A worker waits for the jobs that are out, and for none of a study that has as many in training as it may.
  await cancelSweep(db, wide.id);
  const need = { trainer: "tfjs", deviceClass: "cpu", requires: {} };
  await claim(db, n1 ?? "");
  expect(await waitingNeeds(db)).toEqual([need]);
  await claim(db, n2 ?? "");
  expect(await waitingNeeds(db)).toEqual([]);
});

test("runs that nobody can take yet fill no queue but that of runs with the same requirements", async () => {
  const requires = { gpu: "H100", site: "basel" };
  const demanding = await newSweep(db, 5, { priority: 10, resources: { requires } });
  const plain = await newSweep(db, 2);
  const demanded = await runIds(db, demanding.id);
  expect(await take(3)).toEqual([...demanded.slice(0, 3), ...(await runIds(db, plain.id))]);
  expect(await take(3)).toEqual([]);
  const needs = (await queuedNeeds(db)).map((need) => need.requires);
  expect(needs.toSorted((a, b) => Object.keys(a).length - Object.keys(b).length)).toEqual([{}, requires]);

  // Whoever gets such a job all the same may not have it, and it is handed out again.
  const [first = ""] = demanded;
  const asked = (id: string, attempt = 1) =>
    claimRun(db, { runId: first, attempt, workerId: id, workerName: id, leaseMs: 20_000 });
  const worker = (labels: Record<string, string>, name: string) => {
    const id = randomUUID();
    const devices = [{ kind: "gpu" as const, name, index: 0 }];
    const rest = { host: "here", pid: 1, capabilities: [], leftOut: [] };
    return registerWorker(db, { id, name: id, labels, devices, ...rest }).then(() => id);
  };
  const refused = { ok: false, reason: "requirements" };
  expect(await asked(randomUUID())).toEqual(refused);
  expect(await take(3)).toEqual([first]);
  expect(await asked(await worker({ site: "basel" }, "NVIDIA A100"))).toEqual(refused);
  expect(await asked(await worker({ site: "zurich" }, "NVIDIA H100"))).toEqual(refused);
  expect(await asked(await worker({ site: "basel" }, "NVIDIA H100"))).toMatchObject({ ok: true });
});

test("runs of paused and cancelled sweeps and cancelled runs are not handed over", async () => {
  const paused = await newSweep(db, 1);
  const cancelled = await newSweep(db, 1);
  const single = await newSweep(db, 1);
  await pauseSweep(db, paused.id);
  await cancelSweep(db, cancelled.id);
  await cancelRun(db, await firstRun(db, single.id));
  expect(await take()).toEqual([]);
});

test("several dispatchers at a time hand over every run once", async () => {
  const sweep = await newSweep(db, 60);
  const pools = Array.from({ length: 4 }, () => connectDatabase({ url: db.url, maxConnections: 1 }));
  const taken: string[] = [];
  while (taken.length < 60) {
    const rounds = await Promise.all(
      pools.map((pool) => takeDispatchable(pool, { limitPerQueue: taken.length + 7 })),
    );
    taken.push(...rounds.flat().map((job) => job.runId));
  }
  await Promise.all(pools.map((pool) => pool.close()));
  expect(taken.toSorted()).toEqual((await runIds(db, sweep.id)).toSorted());
});

test("a run whose job could not be added is handed over again", async () => {
  const sweep = await newSweep(db, 2);
  const [first, second] = await take();
  await claim(db, second ?? "");
  await resetEnqueued(db, [first ?? "", second ?? ""]);
  expect(await take()).toEqual([(await runIds(db, sweep.id))[0]]);
});

test("an expired lease is recovered once, by whoever comes first, and a live one is left alone", async () => {
  const sweep = await newSweep(db, 2);
  const [dead, alive] = await runIds(db, sweep.id);
  await claim(db, dead ?? "", 1, 1);
  await claim(db, alive ?? "", 1, 7_200_000);
  const recovered = await Promise.all([recoverLostRuns(db, later()), recoverLostRuns(db, later())]);
  expect(recovered.flat()).toEqual([{ runId: dead, requeued: true }]);
  expect(await getAttempts(db, dead ?? "")).toMatchObject([
    { number: 1, status: "lost", error: { kind: "infrastructure" } },
  ]);
  expect(await getRun(db, dead ?? "")).toMatchObject({ status: "queued", attempt: 1, workerName: null });
  expect(await getRun(db, alive ?? "")).toMatchObject({ status: "running" });
  expect(await take()).toEqual([dead]);
});

test("a run that loses its worker three times has failed; one that was to be cancelled is cancelled", async () => {
  const sweep = await newSweep(db, 2);
  const [unlucky, unwanted] = await runIds(db, sweep.id);
  for (const attempt of [1, 2, 3]) {
    await claim(db, unlucky ?? "", attempt, 1);
    expect(await recoverLostRuns(db, later())).toEqual([{ runId: unlucky, requeued: attempt < 3 }]);
  }
  expect(await getRun(db, unlucky ?? "")).toMatchObject({
    status: "failed",
    error: { kind: "infrastructure" },
  });
  await claim(db, unwanted ?? "", 1, 1);
  await cancelRun(db, unwanted ?? "");
  expect(await recoverLostRuns(db, later())).toEqual([{ runId: unwanted, requeued: false }]);
  expect(await getRun(db, unwanted ?? "")).toMatchObject({ status: "cancelled" });
});

test.each([
  [60, 20],
  [20, 20],
  [3, 3],
])(
  "a lease of %i s that was given before a restart of the database gets %i s to be renewed",
  async (lease, grace) => {
    const sweep = await newSweep(db, 1);
    const runId = await firstRun(db, sweep.id);
    await claim(db, runId, 1, 1);
    const [{ restart }] = await db.prisma.$queryRaw<
      [{ restart: Date }]
    >`SELECT pg_postmaster_start_time() AS restart`;
    const after = (seconds: number) => new Date(restart.getTime() + 1000 * seconds);
    await db.prisma.attempt.updateMany({ where: { runId }, data: { heartbeatAt: after(-100) } });
    await db.prisma.run.update({ where: { id: runId }, data: { leaseExpiresAt: after(-100 + lease) } });
    expect(await recoverLostRuns(db, after(grace - 1))).toEqual([]);
    expect(await recoverLostRuns(db, after(grace + 1))).toEqual([{ runId, requeued: true }]);
  },
);

test("an attempt given back is not counted against its run", async () => {
  const sweep = await newSweep(db, 1);
  const runId = await firstRun(db, sweep.id);
  for (const attempt of [1, 2, 3, 4])
    await releaseAttempt(db, await claim(db, runId, attempt), "Shutting down.");
  expect(await getRun(db, runId)).toMatchObject({ status: "queued", attempt: 4, error: null });
  expect(await take()).toEqual([runId]);
});

test("the energy of a run is that of all its attempts", async () => {
  const sweep = await newSweep(db, 1);
  const runId = await firstRun(db, sweep.id);
  const energy = (kWh: number) => ({ kWh, gCO2e: kWh * 400, method: "rapl", factors: { gCO2ePerKWh: 400 } });
  await finishAttempt(db, await claim(db, runId, 1), { ...infrastructureFailure, energy: energy(0.25) });
  await finishAttempt(db, await claim(db, runId, 2), { ...succeeded(), energy: energy(0.5) });
  expect(await getRun(db, runId)).toMatchObject({ energy: { kWh: 0.75, gCO2e: 300, method: "rapl" } });
});

test("a run may follow that is queued beside it, or that a sampler or a next look may queue; none that is held", async () => {
  const study = async (count: number, more: Parameters<typeof newSweep>[2] = {}) => {
    const { id } = await newSweep(db, count, more);
    const [first = "", ...others] = await runIds(db, id);
    await claim(db, first);
    return { id, follows: () => anotherMayFollow(db, first), others };
  };
  const single = await study(1);
  const pair = await study(2);
  expect([await single.follows(), await pair.follows()]).toEqual([false, true]);

  // Those of another study follow once their job is out: not beyond its cap, in a pause, or started otherwise.
  const capped = await study(2, { maxParallelRuns: 1 });
  await pauseSweep(db, pair.id);
  expect(await take()).toEqual([]);
  expect([await single.follows(), await pair.follows(), await capped.follows()]).toEqual([
    false,
    false,
    true,
  ]);
  const beside = await newSweep(db, 1);
  const [runId = ""] = await take();
  expect(await single.follows()).toBe(true);
  await pauseSweep(db, beside.id);
  expect(await single.follows()).toBe(false);
  await db.prisma.sweep.update({ where: { id: beside.id }, data: { paused: false } });
  await db.prisma.run.update({ where: { id: runId }, data: { execution: { order: "free" } } });
  expect(await single.follows()).toBe(false);

  const sampled = await study(1, { search: { method: "external" } });
  expect(await sampled.follows()).toBe(true);
  await cancelSweep(db, sampled.id);
  expect(await sampled.follows()).toBe(false);
  const sequential = (end: object | null) =>
    db.prisma.sweep.update({ where: { id: single.id }, data: { sequential: { looks: [], end } } });
  await sequential(null);
  expect(await single.follows()).toBe(true);
  await sequential({ why: "maximum" });
  expect(await single.follows()).toBe(false);
});
