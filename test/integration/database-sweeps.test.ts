import type { FilterClause, FilterOperator, RunField } from "@reprise/contracts";
import {
  addRuns,
  cancelRun,
  cancelSweep,
  claimRun,
  finishAttempt,
  getRun,
  getSweep,
  heartbeat,
  InvalidCursorError,
  listRuns,
  listSweeps,
  pauseSweep,
  releaseAttempt,
  resumeSweep,
  retryFailedRuns,
  retryRun,
  runsForAnalysis,
  sweepStrip,
  takeDispatchable,
  UnknownAttributeError,
  updateRun,
  updateSweep,
  writeBatch,
} from "@reprise/database";
import { expect, test } from "vitest";
import {
  batchOf,
  claim,
  databaseOfFile,
  newSweep,
  plannedRuns,
  runIds,
  specOf,
  stretch,
  succeeded,
  userFailure,
  workerId,
} from "../support/database-fixtures.js";

const db = await databaseOfFile();

/** Sweep and ids of its runs; more ids than runs is a mistake of the test. */
async function sweepOf(count: number) {
  const sweep = await newSweep(db, count);
  const ids = await runIds(db, sweep.id);
  const run = (index: number) => {
    const id = ids[index];
    if (!id) throw new Error(`no run ${index}`);
    return id;
  };
  return { id: sweep.id, ids, run };
}
const tryClaim = (runId: string, attempt = 1) =>
  claimRun(db, { runId, attempt, workerId, workerName: "w", leaseMs: 20_000 });
const statusOf = async (id: string) => (await getSweep(db, id))?.status;

test("a paused sweep starts nothing more, lets running runs finish, and goes on when resumed", async () => {
  const { id, run } = await sweepOf(3);
  const ref = await claim(db, run(0));
  const handedOver = await takeDispatchable(db, { limitPerQueue: 1_000 });
  expect(handedOver.map((job) => job.runId)).toEqual([run(1), run(2)]);
  expect(await pauseSweep(db, id)).toMatchObject({
    ok: true,
    value: { status: "paused", runCounts: { running: 1 } },
  });
  expect(await tryClaim(run(1))).toEqual({ ok: false, reason: "paused" });
  await finishAttempt(db, ref, succeeded());
  expect(await statusOf(id)).toBe("paused");
  expect((await takeDispatchable(db, { limitPerQueue: 1_000 })).map((job) => job.runId)).toEqual([]);
  expect(await resumeSweep(db, id)).toMatchObject({ ok: true, value: { status: "running" } });
  expect((await takeDispatchable(db, { limitPerQueue: 1_000 })).map((job) => job.runId)).toEqual([run(1)]);
  expect(await resumeSweep(db, id)).toMatchObject({ ok: false, reason: "conflict" });
  expect(await cancelSweep(db, id)).toMatchObject({ ok: true });
});

test("runs of a cancelled sweep never start, and running ones are asked to stop", async () => {
  const { id, run } = await sweepOf(3);
  const ref = await claim(db, run(0));
  expect(await heartbeat(db, ref, 20_000)).toEqual({ cancelRequested: false });
  expect(await cancelSweep(db, id)).toMatchObject({
    ok: true,
    value: { status: "running", runCounts: { running: 1, cancelled: 2 } },
  });
  expect(await heartbeat(db, ref, 20_000)).toEqual({ cancelRequested: true });
  expect(await tryClaim(run(1))).toEqual({ ok: false, reason: "not-queued" });
  expect(await takeDispatchable(db, { limitPerQueue: 1_000 })).toEqual([]);
  await finishAttempt(db, ref, { status: "cancelled" });
  expect(await statusOf(id)).toBe("cancelled");
  expect(await cancelSweep(db, id)).toMatchObject({ ok: true });
  expect(await pauseSweep(db, id)).toMatchObject({ ok: false, reason: "conflict" });
});

test("an attempt given back by a cancelled sweep is cancelled, not queued", async () => {
  const { id, run } = await sweepOf(1);
  const ref = await claim(db, run(0));
  await cancelSweep(db, id);
  await releaseAttempt(db, ref, "The worker shuts down.");
  expect(await getRun(db, run(0))).toMatchObject({ status: "cancelled" });
  expect(await statusOf(id)).toBe("cancelled");
});

test("cancelling and claiming at the same time: every run is either running and asked to stop, or cancelled", async () => {
  const { id, ids } = await sweepOf(8);
  const [, ...claims] = await Promise.all([cancelSweep(db, id), ...ids.map((runId) => tryClaim(runId))]);
  const rows = await db.prisma.run.findMany({ where: { sweepId: id }, orderBy: { position: "asc" } });
  expect(rows.map((row) => row.status)).toEqual(
    claims.map((claimed) => (claimed.ok ? "running" : "cancelled")),
  );
  expect(rows.every((row) => row.cancelRequestedAt !== null)).toBe(true);
});

test("failed and cancelled runs are queued again, with a clean slate", async () => {
  const { id, run } = await sweepOf(3);
  await finishAttempt(db, await claim(db, run(0)), userFailure);
  expect(await cancelRun(db, run(1))).toMatchObject({ ok: true, value: { status: "cancelled" } });
  await finishAttempt(db, await claim(db, run(2)), succeeded());
  expect(await statusOf(id)).toBe("failed");
  expect(await retryRun(db, run(2))).toMatchObject({ ok: false, reason: "conflict" });
  expect(await retryRun(db, run(0))).toMatchObject({
    ok: true,
    value: { status: "queued", error: null, attempt: 1 },
  });
  expect(await retryFailedRuns(db, id)).toMatchObject({
    ok: true,
    value: { runCounts: { queued: 2, succeeded: 1 } },
  });
  expect(await retryFailedRuns(db, id)).toMatchObject({ ok: false, reason: "conflict" });
  await finishAttempt(db, await claim(db, run(0), 2), succeeded());
  await finishAttempt(db, await claim(db, run(1), 1), succeeded());
  expect(await statusOf(id)).toBe("succeeded");
  expect((await getSweep(db, id))?.endedAt).not.toBeNull();
});

test("a cancelled sweep is open again when its runs are retried", async () => {
  const { id, run } = await sweepOf(2);
  await cancelSweep(db, id);
  expect(await retryFailedRuns(db, id)).toMatchObject({
    ok: true,
    value: { status: "queued", endedAt: null },
  });
  expect(await tryClaim(run(0))).toMatchObject({ ok: true });
});

test("what does not exist is not found", async () => {
  const nowhere = "018f0000-0000-7000-8000-00000000eeee";
  const missing = { ok: false, reason: "not-found" };
  for (const change of [pauseSweep, resumeSweep, cancelSweep, retryFailedRuns, cancelRun, retryRun]) {
    expect(await change(db, nowhere)).toMatchObject(missing);
  }
  expect(await getSweep(db, nowhere)).toBeNull();
  expect(await getRun(db, nowhere)).toBeNull();
  expect(await updateSweep(db, nowhere, { name: "x" })).toMatchObject({ ok: false, reason: "not-found" });
  expect(await updateRun(db, nowhere, { notes: "x" })).toBeNull();
  expect(await addRuns(db, nowhere, [], { spec: specOf(), specDigest: "1", labels: new Map() })).toBeNull();
  expect(await tryClaim(nowhere)).toEqual({ ok: false, reason: "not-found" });
});

test("a sweep is extended behind its runs, which stay as they are", async () => {
  const { id, run, ids } = await sweepOf(2);
  await finishAttempt(db, await claim(db, run(0)), succeeded());
  const more = plannedRuns(4).reverse();
  expect(
    await addRuns(db, id, more, {
      spec: specOf({ seeds: [0, 1, 2, 3] }),
      specDigest: "1",
      labels: new Map(),
    }),
  ).toMatchObject({
    specDigest: "1",
    totalRuns: 4,
    runCounts: { queued: 3, succeeded: 1 },
    spec: { seeds: [0, 1, 2, 3] },
  });
  const strip = await sweepStrip(db, id);
  expect(strip.slice(0, 2).map((item) => item.id)).toEqual(ids);
  expect(strip).toHaveLength(4);
  expect(new Set((await runsForAnalysis(db, id)).map((item) => item.position))).toEqual(
    new Set([0, 1, 2, 3]),
  );
});

test("pages of sweeps and runs stay whole while new ones arrive", async () => {
  await Promise.all([newSweep(db, 1), newSweep(db, 1), newSweep(db, 1)]);
  const before = (await listSweeps(db, { limit: 1_000 })).items.map((sweep) => sweep.id);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listSweeps(db, { limit: 2, cursor });
    seen.push(...page.items.map((sweep) => sweep.id));
    cursor = page.nextCursor ?? undefined;
    await newSweep(db, 1);
  } while (cursor);
  expect(seen).toEqual(before);

  for (const orderBy of [
    "position",
    "-position",
    "createdAt",
    "-createdAt",
    "durationMs",
    "-durationMs",
  ] as const) {
    const query = { orderBy, purpose: "study" as const };
    const all = (await listRuns(db, { ...query, limit: 1_000 })).items.map((run) => run.id);
    const paged: string[] = [];
    let next: string | undefined;
    do {
      const page = await listRuns(db, { ...query, limit: 7, cursor: next });
      paged.push(...page.items.map((run) => run.id));
      next = page.nextCursor ?? undefined;
    } while (next);
    expect(paged).toEqual(all);
  }
  await expect(
    listRuns(db, { orderBy: "position", purpose: "study", limit: 1, cursor: "x" }),
  ).rejects.toThrow(InvalidCursorError);
  const { nextCursor } = await listRuns(db, { orderBy: "position", purpose: "study", limit: 1 });
  await expect(
    listRuns(db, { orderBy: "-position", purpose: "study", limit: 1, cursor: nextCursor ?? "" }),
  ).rejects.toThrow(InvalidCursorError);
});

test("runs are found by metrics, hyperparameters and attributes", async () => {
  const { id, run } = await sweepOf(4);
  const values = [0.5, 0.95, Number.NaN];
  for (const [index, value] of values.entries()) {
    const ref = await claim(db, run(index));
    await writeBatch(db, ref, batchOf(0, { metrics: [stretch("validation accuracy", 1, [value])] }));
    await finishAttempt(db, ref, succeeded());
  }
  const where = async (clause: FilterClause) =>
    (
      await listRuns(db, {
        sweepId: id,
        purpose: "study",
        orderBy: "position",
        limit: 100,
        where: { all: [clause] },
      })
    ).items.map((item) => item.position);
  const find = (kind: RunField["kind"], name: string, op: FilterOperator, value: string | number | boolean) =>
    where({ field: { kind, name }, op, value });
  expect(await find("metric", "validation accuracy", ">", 0.9)).toEqual([1]);
  expect(await where({ field: { kind: "metric", name: "validation accuracy" }, op: "is nan" })).toEqual([2]);
  expect(await find("metric", "'; DROP TABLE runs; --", ">", 0)).toEqual([]);
  expect(await find("param", "learningRate", "<", 0.01)).toEqual([0, 1, 2, 3]);
  expect(await find("param", "learningRate", "=", 0.001)).toHaveLength(4);
  expect(await find("param", "optimizer", "=", "adam")).toHaveLength(4);
  expect(await find("param", "optimizer", ">", 3)).toEqual([]);
  expect(await find("param", "dropout", "=", "x")).toEqual([]);
  expect(await find("attribute", "seed", ">=", 2)).toEqual([2, 3]);
  expect(await find("attribute", "status", "!=", "succeeded")).toEqual([3]);
  expect(await find("attribute", "key", "like", "c1/s1/%")).toEqual([1]);
  expect(await find("attribute", "createdAt", "<", "2000-01-01")).toEqual([]);
  await expect(find("attribute", "constructor", "=", 1)).rejects.toThrow(UnknownAttributeError);
});

test("names, notes and tags are changed; a reason excludes a run and null takes it back", async () => {
  const { id, run } = await sweepOf(1);
  expect(await updateSweep(db, id, { name: "New\0", tags: ["a"], priority: 7 })).toMatchObject({
    ok: true,
    value: { name: "New\uFFFD", tags: ["a"], priority: 7, notes: "" },
  });
  expect(await updateRun(db, run(0), { excludedReason: "wrong data", notes: "n" })).toMatchObject({
    excludedReason: "wrong data",
  });
  expect(await sweepStrip(db, id)).toMatchObject([{ excluded: true }]);
  expect(await updateRun(db, run(0), { tags: ["t"] })).toMatchObject({
    excludedReason: "wrong data",
    tags: ["t"],
  });
  expect(await updateRun(db, run(0), { excludedReason: null })).toMatchObject({
    excludedReason: null,
    notes: "n",
  });
});

test("a sweep says what stands in its way, and how long it will take", async () => {
  const { id, run } = await sweepOf(3);
  expect(await getSweep(db, id)).toMatchObject({
    blockedReason: "no worker is connected",
    estimatedRemainingMs: null,
  });
  // Runs that fail take time, too: one of them has told how long, and two are still to come.
  await finishAttempt(db, await claim(db, run(0)), { ...userFailure, durationMs: 7000 });
  expect((await getSweep(db, id))?.estimatedRemainingMs).toBe(14_000);
  await finishAttempt(db, await claim(db, run(1)), succeeded());
  expect((await getSweep(db, id))?.estimatedRemainingMs).toBeGreaterThanOrEqual(0);

  // Most fail at once: the successes take what they take, and a run that goes on is measured by them.
  const often = await sweepOf(11);
  for (const index of Array(10).keys()) {
    const ended = index < 6 ? { ...userFailure, durationMs: 1000 } : { ...succeeded(), durationMs: 600_000 };
    await finishAttempt(db, await claim(db, often.run(index)), ended);
  }
  const left = async () => (await getSweep(db, often.id))?.estimatedRemainingMs;
  expect(await left()).toBeGreaterThan(240_000);
  await claim(db, often.run(10));
  expect(await left()).toBeGreaterThan(590_000);
});
