import { createApi } from "@reprise/api";
import {
  cancelRun,
  getAttempts,
  getRun,
  getSweep,
  listWorkers,
  sendControl,
  setWorkerStatus,
} from "@reprise/database";
import { expect, test } from "vitest";
import { testApiConfig } from "../support/test-server.js";
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

test("a worker of a job ends by itself: when nothing is left that it could train, when it was idle, when its time is up", async () => {
  dispatcher();
  const none = { drain: false, maxIdleMs: null, maxTimeMs: null };
  const elsewhere = await sweep({ epochs: 1 }, [0], { resources: { requires: { site: "basel" } } });
  const { id } = await sweep({ epochs: 5, pauseMs: 100 }, [0, 1]);
  await (await worker({ lifetime: { ...none, drain: true } })).finished;
  expect(await getSweep(db, id)).toMatchObject({ status: "succeeded" });
  expect(await getSweep(db, elsewhere.id)).toMatchObject({ status: "queued" });

  const idle = await worker({ name: "idle", lifetime: { ...none, maxIdleMs: 300 } });
  await idle.finished;
  expect((await listWorkers(db)).find((known) => known.id === idle.id)?.status).toBe("gone");

  const long = await sweep({ epochs: 10_000, pauseMs: 100 }, [0]);
  const runId = firstOf(long.runIds);
  // On a slow machine the time of the first may be up before it has begun to train.
  for (let maxTimeMs = 2_000; (await getAttempts(db, runId))?.length === 0; maxTimeMs *= 2)
    await (await worker({ lifetime: { ...none, maxTimeMs } })).finished;
  expect(await getAttempts(db, runId)).toMatchObject([{ number: 1, status: "lost" }]);
  expect(await db.prisma.run.findUniqueOrThrow({ where: { id: runId } })).toMatchObject({
    status: "queued",
    infrastructureFailures: 0,
  });
  expect(await cancelRun(db, runId)).toMatchObject({ ok: true });
});

test("one API takes over from another while runs train: no request is refused, and no run begins again", async () => {
  const started = async () => {
    const api = createApi(testApiConfig(db.url));
    return { api, url: (await api.start()).url };
  };
  const former = await started();
  await worker();
  const { id, runIds } = await sweep({ epochs: 20, pauseMs: 20 }, [0, 1, 2]);
  /** Where a proxy would lead: to the one that says it is ready. */
  let address = former.url;
  let isOver = false;
  let inHand: Promise<unknown> = Promise.resolve();
  const statuses = new Set<number>();
  const asking = (async () => {
    while (!isOver) {
      const asked = fetch(`${address}/api/v1/sweeps/${id}`);
      inHand = asked;
      statuses.add((await asked).status);
    }
  })();
  await sawEpoch(firstOf(runIds), 2);
  const next = await started();
  expect((await fetch(`${next.url}/readyz`)).status).toBe(200);
  address = next.url;
  await inHand;
  await former.api.stop();
  expect(await ended(id)).toMatchObject({ status: "succeeded" });
  isOver = true;
  await asking;
  expect([...statuses]).toEqual([200]);
  for (const runId of runIds)
    expect(await getRun(db, runId)).toMatchObject({ status: "succeeded", attempt: 1 });
  await next.api.stop();
});
