import { pageOf, run, sequentialAnalysis, sweep } from "@reprise/contracts";
import { finishAttempt, getRun, writeBatch } from "@reprise/database";
import { consumeRuns, queueName } from "@reprise/queue";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  metricBatch,
  problemOf,
  runDispatcher,
  startTestApi,
  type TestWorker,
} from "./api-harness.js";

const queue = queueName({ trainer: "tfjs", deviceClass: "cpu", requires: {} });

let api: ApiUnderTest;
let worker: TestWorker;
beforeAll(async () => {
  api = await startTestApi();
  worker = await announceWorker(api);
});
afterAll(() => api.close());

/** A worker whose runs end at once: sgd is better than adam by `shift`, give or take what the seed adds. */
async function consume(shift: number, fails: (seed: number) => boolean = () => false) {
  const consumer = await consumeRuns({
    backend: { kind: "postgres", url: api.config.databaseUrl },
    queue,
    concurrency: 1,
    handle: async ({ runId, attempt }) => {
      const ref = await claim(api, worker, runId, attempt);
      const found = await getRun(api.db, runId);
      if (!found) throw new Error(`no run ${runId}`);
      const { seed, params } = found;
      if (fails(seed)) {
        await finishAttempt(api.db, ref, {
          status: "failed",
          error: { kind: "user", message: "planned", hint: null },
        });
        return;
      }
      const value = 0.9 + (params.optimizer === "sgd" ? shift + 0.001 * Math.sin(seed + 1) : 0);
      await writeBatch(api.db, ref, metricBatch(0, 1, { testAccuracy: value }));
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

const study = {
  name: "sequential",
  dataset: "wdbc",
  search: { method: "grid", parameters: { optimizer: ["adam", "sgd"] } },
  analysisPlan: {
    primaryMetric: "testAccuracy",
    contrasts: ["configuration"],
    margin: { testAccuracy: 0.01 },
  },
  design: { method: "sequential", maxSeeds: 7 },
};

const read = (id: string) => api.get(`/sweeps/${id}`, sweep);
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

describe("a sequential study", () => {
  it("queues the seeds of its first look only, and stops when its question is settled", async () => {
    const { id, totalRuns, sequential } = await api.createSweep(study);
    expect(totalRuns).toBe(8);
    expect(sequential).toEqual({ looks: [], end: null });
    runDispatcher(api);
    await consume(0.05);
    await until(async () => expect((await read(id)).status).toBe("succeeded"));
    const ended = await read(id);
    expect(ended.sequential).toMatchObject({
      looks: [{ look: 1, seeds: 4, questions: [{ n: 4, claim: "difference" }] }],
      end: { why: "settled", look: 1 },
    });
    expect(ended.totalRuns).toBe(8);
    const answer = await api.get(`/sweeps/${id}/analyses/sequential`, sequentialAnalysis);
    expect(answer.questions[0]?.recorded).toMatchObject({ claim: "difference", seeds: 4 });
  });

  it("adds a seed at a time up to its maximum where nothing is settled, counting what failed", async () => {
    runDispatcher(api);
    const { id } = await api.createSweep({
      ...study,
      name: "undecided",
      design: { ...study.design, maxSeeds: 6 },
    });
    await consume(0.0003, (seed) => seed === 2);
    await until(async () => expect((await read(id)).sequential?.end?.why).toBe("maximum"));
    const { sequential, totalRuns, status } = await read(id);
    expect(sequential?.looks.map(({ seeds }) => seeds)).toEqual([4, 5, 6]);
    expect(sequential?.looks.at(-1)).toMatchObject({
      runsWithoutResult: 2,
      questions: [{ n: 5, claim: null }],
    });
    expect(totalRuns).toBe(12);
    expect(status).toBe("failed");
    const runs = await api.get(`/runs?sweepId=${id}&limit=100`, pageOf(run));
    expect(new Set(runs.items.map(({ position }) => position)).size).toBe(12);
  });

  it("goes on where a fixed study ended, and not where the error is spent", async () => {
    runDispatcher(api);
    const { design: _, ...fixed } = study;
    const { id } = await api.createSweep({ ...fixed, name: "fixed", seeds: [0, 1, 2] });
    await consume(0.05);
    await until(async () => expect((await read(id)).status).toBe("succeeded"));
    const extend = (sweepId: string, maxSeeds: number) =>
      api.call("POST", `/sweeps/${sweepId}/extend`, { body: { sequential: { maxSeeds } } });
    problemOf(await extend(id, 4 - 1), 400, "invalid-request");
    expect((await extend(id, 6)).status).toBe(200);
    await until(async () => expect((await read(id)).sequential?.end?.why).toBe("settled"));
    const { spec, sequential, totalRuns } = await read(id);
    expect(spec.design).toMatchObject({ continuedFrom: 3, bounds: "anytime" });
    expect(sequential?.looks.map(({ seeds }) => seeds)).toEqual([3, 4]);
    expect(totalRuns).toBe(8);
    problemOf(await api.call("POST", `/sweeps/${id}/extend`, { body: { seeds: [9] } }), 409, "conflict");

    const spent = await api.createSweep({
      ...study,
      name: "spent",
      design: { ...study.design, looks: [4, 7] },
    });
    problemOf(await extend(spent.id, 12), 409, "conflict");
    const unplanned = await api.createSweep({ ...fixed, name: "unplanned", analysisPlan: undefined });
    problemOf(await extend(unplanned.id, 12), 409, "conflict");
  });

  it("is cancelled between looks like any other", async () => {
    const { id } = await api.createSweep({ ...study, name: "cancelled" });
    await api.call("POST", `/sweeps/${id}/cancel`);
    expect((await read(id)).status).toBe("cancelled");
  });
});
