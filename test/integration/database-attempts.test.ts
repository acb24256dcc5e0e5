import {
  claimRun,
  connectDatabase,
  finishAttempt,
  getRun,
  getSweep,
  heartbeat,
  LeaseLostError,
  readMetrics,
  recoverLostRuns,
  takeDispatchable,
  writeBatch,
} from "@reprise/database";
import { expect, test } from "vitest";
import {
  batchOf,
  claim,
  databaseOfFile,
  firstRun,
  infrastructureFailure,
  newSweep,
  stretch,
  succeeded,
  workerId,
} from "../support/database-fixtures.js";

const db = await databaseOfFile();

test("a run goes from queued over running to succeeded, and its sweep with it", async () => {
  const sweep = await newSweep(db, 1);
  expect(sweep).toMatchObject({ status: "queued", totalRuns: 1, runCounts: { queued: 1 } });
  const runId = await firstRun(db, sweep.id);
  const ref = await claim(db, runId);
  expect(await getSweep(db, sweep.id)).toMatchObject({ status: "running", runCounts: { running: 1 } });
  await writeBatch(
    db,
    ref,
    batchOf(0, { metrics: [stretch("validationAccuracy", 1, [0.5, 0.75], "maximize")] }),
  );
  const energy = { kWh: 1, gCO2e: 2, method: "read\0", factors: { place: "\ud800" } };
  await finishAttempt(db, ref, { ...succeeded(1), energy });
  expect(await getRun(db, runId)).toMatchObject({
    status: "succeeded",
    attempt: 1,
    digest: "ab".repeat(32),
    energy: { ...energy, method: "read\uFFFD", factors: { place: "\uFFFD" } },
    summary: { validationAccuracy: { count: 2, last: 0.75, best: 0.75, bestStep: 2, selected: 0.5 } },
  });
  expect(await getSweep(db, sweep.id)).toMatchObject({ status: "succeeded", estimatedRemainingMs: null });
});

test("of twelve processes that claim the same attempt, exactly one gets it", async () => {
  const sweep = await newSweep(db, 1);
  const runId = await firstRun(db, sweep.id);
  const pools = Array.from({ length: 12 }, () => connectDatabase({ url: db.url, maxConnections: 1 }));
  const claims = await Promise.all(
    pools.map((pool, index) =>
      claimRun(pool, { runId, attempt: 1, workerId, workerName: `w${index}`, leaseMs: 20_000 }),
    ),
  );
  await Promise.all(pools.map((pool) => pool.close()));
  expect(claims.filter((claimed) => claimed.ok)).toHaveLength(1);
  expect(claims.filter((claimed) => !claimed.ok && claimed.reason === "not-queued")).toHaveLength(11);
  expect(await db.prisma.attempt.count({ where: { runId } })).toBe(1);
});

test("whoever lost the lease writes nothing any more", async () => {
  const sweep = await newSweep(db, 1);
  const runId = await firstRun(db, sweep.id);
  const stale = await claim(db, runId, 1, 1);
  expect(await recoverLostRuns(db, new Date(Date.now() + 60_000))).toContainEqual({ runId, requeued: true });
  const current = await claim(db, runId, 2);
  await expect(heartbeat(db, stale, 1000)).rejects.toThrow(LeaseLostError);
  await expect(writeBatch(db, stale, batchOf(0, { metrics: [stretch("loss", 0, [1])] }))).rejects.toThrow(
    LeaseLostError,
  );
  await expect(finishAttempt(db, stale, succeeded())).rejects.toThrow(LeaseLostError);
  expect(await readMetrics(db, runId, {})).toMatchObject({ attempt: 2, series: {} });
  expect(await heartbeat(db, current, 1000)).toEqual({ cancelRequested: false });
});

test("a batch sent twice changes nothing", async () => {
  const sweep = await newSweep(db, 1);
  const ref = await claim(db, await firstRun(db, sweep.id));
  const batch = batchOf(0, {
    metrics: [stretch("loss", 0, [2, Number.NaN, Number.NEGATIVE_INFINITY])],
    logs: [{ stream: "stdout", at: new Date(), text: "one\0 \ud800" }],
  });
  await writeBatch(db, ref, batch);
  const before = await getRun(db, ref.runId);
  await writeBatch(db, ref, batch);
  expect(await getRun(db, ref.runId)).toEqual(before);
  expect((await readMetrics(db, ref.runId, {}))?.series.loss?.values).toEqual([2, "NaN", "-Infinity"]);
});

test("a batch whose predecessor is missing is refused", async () => {
  const sweep = await newSweep(db, 1);
  const ref = await claim(db, await firstRun(db, sweep.id));
  await writeBatch(db, ref, batchOf(0));
  await expect(writeBatch(db, ref, batchOf(2))).rejects.toThrow("Batch 2 came where batch 1 was expected");
  await writeBatch(db, ref, batchOf(1));
});

test("an infrastructure failure makes a new attempt, the third one is final", async () => {
  const sweep = await newSweep(db, 1);
  const runId = await firstRun(db, sweep.id);
  for (const attempt of [1, 2, 3]) {
    expect(
      (await takeDispatchable(db, { limitPerQueue: 1_000 })).filter((job) => job.runId === runId),
    ).toEqual([
      { runId, attempt, trainer: "tfjs", deviceClass: "cpu", requires: {}, priority: 0, traceparent: null },
    ]);
    const ref = await claim(db, runId, attempt);
    await finishAttempt(db, ref, infrastructureFailure);
    await finishAttempt(db, ref, infrastructureFailure);
  }
  expect(await getRun(db, runId)).toMatchObject({
    status: "failed",
    attempt: 3,
    error: { kind: "infrastructure", message: "The trainer was killed by SIGKILL. (attempt 3 of 3)" },
  });
  expect(await getSweep(db, sweep.id)).toMatchObject({ status: "failed" });
});
