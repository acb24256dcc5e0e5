import { cancelRun, getAttempts, getRun, listWorkers, sendControl, setWorkerStatus } from "@reprise/database";
import { expect, test } from "vitest";
import { firstOf, workersOfFile } from "../support/worker-fixtures.js";

const { db, dispatcher, worker, sweep, until, ended, lossSteps, sawEpoch } = await workersOfFile();

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

test("drains on request, and takes runs again when it may", async () => {
  dispatcher();
  const drained = await worker();
  await setWorkerStatus(db, drained.id, "draining", "maintenance");
  await sendControl(db, { type: "worker-steered", workerId: drained.id });
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
