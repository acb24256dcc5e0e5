import { randomUUID } from "node:crypto";
import { createLogger, startDispatcher } from "@reprise/api";
import { jobs, pageOf, run, sweep, verification } from "@reprise/contracts";
import { connectDatabase, finishAttempt, runsWithJobOut } from "@reprise/database";
import { consumeRuns, queueName } from "@reprise/queue";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  runDispatcher,
  startTestApi,
  type TestWorker,
  trainRun,
} from "./api-harness.js";

const queue = queueName({ trainer: "tfjs", deviceClass: "cpu", requires: {} });

let api: ApiUnderTest;
let worker: TestWorker;
beforeAll(async () => {
  api = await startTestApi();
  worker = await announceWorker(api);
});
afterAll(() => api.close());

/** Takes jobs from the queue and finishes their runs at once, as a worker with an instant trainer would. */
async function consume(handled: string[]) {
  const consumer = await consumeRuns({
    backend: { kind: "postgres", url: api.config.databaseUrl },
    queue,
    concurrency: 1,
    handle: async ({ runId, attempt }) => {
      const ref = await claim(api, worker, runId, attempt);
      handled.push(runId);
      await finishAttempt(api.db, ref, {
        status: "succeeded",
        digest: null,
        selectedEpoch: null,
        phases: {},
        energy: null,
      });
    },
  });
  onTestFinished(() => consumer.close(true));
}

const runIds = async (sweepId: string) =>
  (await api.get(`/runs?sweepId=${sweepId}&limit=1000`, pageOf(run))).items.map(({ id }) => id);
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

describe("the dispatcher", () => {
  it("hands out runs in the sweep's order, under its cap, and the sweep ends", async () => {
    runDispatcher(api);
    const { id } = await api.createSweep({
      name: "fed",
      dataset: "wdbc",
      seeds: [0, 1, 2, 3, 4],
      maxParallelRuns: 1,
    });
    const handled: string[] = [];
    await consume(handled);
    await until(async () => expect((await api.get(`/sweeps/${id}`, sweep)).status).toBe("succeeded"));
    expect(handled).toEqual(await runIds(id));
  });

  it("holds a paused sweep back and goes on when it is resumed", async () => {
    const { id } = await api.createSweep({ name: "held", dataset: "wdbc" });
    await api.call("POST", `/sweeps/${id}/pause`);
    runDispatcher(api);
    const other = await api.createSweep({ name: "free", dataset: "wdbc" });
    const handled: string[] = [];
    await consume(handled);
    await until(async () => expect((await api.get(`/sweeps/${other.id}`, sweep)).status).toBe("succeeded"));
    expect(handled).toEqual(await runIds(other.id));
    await api.call("POST", `/sweeps/${id}/resume`);
    await until(async () => expect((await api.get(`/sweeps/${id}`, sweep)).status).toBe("succeeded"));
  });

  it("adds a job again that the queue has lost", async () => {
    const { id } = await api.createSweep({ name: "lost", dataset: "wdbc" });
    const [runId = ""] = await runIds(id);
    runDispatcher(api, { intervalMs: 200, vanishedAfterMs: 400 });
    const jobId = jobs["train-run"].jobId({ runId, attempt: 1 });
    const isKnown = async () =>
      expect(await api.context.queues.states(queue, [jobId])).toEqual(new Map([[jobId, "waiting"]]));
    await until(isKnown);
    await api.context.queues.remove(queue, jobId);
    expect(await runsWithJobOut(api.db)).toHaveLength(1);
    await until(isKnown);
  });

  it("gives out again what a worker had taken, whose clock was an hour ahead and who is gone", async () => {
    await api.createSweep({ name: "stranded", dataset: "wdbc" });
    runDispatcher(api, { intervalMs: 100, vanishedAfterMs: 200, strandedAfterMs: 500 });
    const now = Date.now;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + 3_600_000);
    onTestFinished(() => clock.mockRestore());
    const taken: string[] = [];
    const gone = await consumeRuns({
      ...{ backend: { kind: "postgres", url: api.config.databaseUrl }, queue, concurrency: 1 },
      async handle({ runId }) {
        taken.push(runId);
        await new Promise(() => {});
      },
    });
    await until(async () => expect(taken).toHaveLength(1));
    await gone.close(true);
    clock.mockRestore();
    const handled: string[] = [];
    await consume(handled);
    await until(async () => expect(handled).toContain(taken[0]));
  });

  it("recovers lost runs while its clock is an hour ahead, and after it was set back", async () => {
    const runs = await runIds((await api.createSweep({ name: "clock", dataset: "wdbc", seeds: [0, 1] })).id);
    const losesAnother = async () => {
      const runId = runs.pop() ?? "";
      await claim(api, worker, runId);
      await api.db.prisma.run.update({ where: { id: runId }, data: { leaseExpiresAt: new Date(0) } });
      await until(async () =>
        expect(await api.db.prisma.attempt.findFirst({ where: { runId } })).toMatchObject({ status: "lost" }),
      );
    };
    const now = Date.now;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + 3_600_000);
    onTestFinished(() => clock.mockRestore());
    runDispatcher(api, { intervalMs: 100 });
    await losesAnother();
    clock.mockRestore();
    await losesAnother();
  });

  it("says in the log, while it lasts, that a round does not end", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holding = api.db.transaction(async (sql) => {
      await sql.$executeRaw`LOCK TABLE runs IN ACCESS EXCLUSIVE MODE`;
      await released;
    }, 60_000);
    const log = createLogger("silent");
    const said = vi.spyOn(log, "error");
    const { stop } = startDispatcher(
      { ...api.context, log: Object.assign(log, { child: () => log }) },
      { longRoundMs: 200 },
    );
    await until(async () =>
      expect(said.mock.calls).toEqual([["a round has not ended for 0.2 seconds: runs are not handed out"]]),
    );
    release();
    await holding;
    await stop();
  });

  it("hands out a new study's run at once while a localization, a verification and a job's run are held", async () => {
    const { id } = await api.createSweep({ name: "held rows", dataset: "wdbc", seeds: [0, 1] });
    const [trained = "", lost = ""] = await runIds(id);
    await trainRun(api, worker, trained, { testAccuracy: 0.9, digest: "00".repeat(32) });
    const asked = verification.parse((await api.call("POST", `/runs/${trained}/verify`)).json);
    await trainRun(api, worker, asked.replicaRunId, { testAccuracy: 0.9, digest: "00".repeat(32) });
    const localization = await api.db.prisma.localization.create({
      data: {
        ...{ id: randomUUID(), runId: trained, trainer: "tfjs", status: "running", tries: 1 },
        ...{ workerId: worker.id, workerName: worker.name, leaseExpiresAt: new Date(0) },
      },
    });
    // Its job is in no queue.
    await api.db.prisma.run.update({
      where: { id: lost },
      data: { enqueuedAttempt: 1, enqueuedAt: new Date(0) },
    });
    const other = connectDatabase({ url: api.config.databaseUrl, maxConnections: 1 });
    onTestFinished(() => other.close());
    const statuses = async () => {
      const [located, verified] = await Promise.all([
        api.db.prisma.localization.findUnique({ where: { id: localization.id } }),
        api.db.prisma.verification.findUnique({ where: { id: asked.id } }),
      ]);
      return [located?.status, verified?.status];
    };
    await other.transaction(async (sql) => {
      await sql.$queryRaw`SELECT id FROM localizations FOR UPDATE`;
      await sql.$queryRaw`SELECT id FROM verifications FOR UPDATE`;
      await sql.$queryRaw`SELECT id FROM runs WHERE id = ${lost}::uuid FOR UPDATE`;
      const dispatcher = runDispatcher(api, { intervalMs: 100, vanishedAfterMs: 100 });
      const created = await api.createSweep({ name: "new", dataset: "wdbc" });
      const startedAt = performance.now();
      dispatcher.wake();
      await until(async () =>
        expect(
          await api.db.prisma.run.count({ where: { sweepId: created.id, enqueuedAttempt: 1 } }),
        ).toBeGreaterThan(0),
      );
      // Some tens of milliseconds; as long as locks are waited for, 15 s each, where one part waits for another.
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      expect(await statuses()).toEqual(["running", "open"]);
    }, 60_000);
    // What was held is done once it is free.
    await until(async () => expect(await statuses()).toEqual(["failed", "ended"]));
  });

  it("lets two processes feed one queue without handing a run out twice", async () => {
    const [first, second] = [runDispatcher(api, { intervalMs: 50 }), runDispatcher(api, { intervalMs: 50 })];
    const handled: string[] = [];
    await consume(handled);
    const { id } = await api.createSweep({
      name: "shared",
      dataset: "wdbc",
      seeds: Array.from({ length: 30 }, (_, s) => s),
    });
    first.wake();
    second.wake();
    await until(async () => expect((await api.get(`/sweeps/${id}`, sweep)).status).toBe("succeeded"));
    const own = new Set(await runIds(id));
    expect(handled.filter((runId) => own.has(runId))).toHaveLength(30);
  });
});
