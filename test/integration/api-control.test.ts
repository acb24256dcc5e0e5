import { artifactList, failureList, pageOf, type Run, run, runLogs, sweep } from "@reprise/contracts";
import { finishAttempt, heartbeat } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  problemOf,
  smallStudy,
  startTestApi,
  type TestWorker,
  trainRun,
} from "./api-harness.js";

let api: ApiUnderTest;
let worker: TestWorker;
beforeAll(async () => {
  api = await startTestApi();
  worker = await announceWorker(api);
});
afterAll(() => api.close());

async function act(id: string, action: string) {
  const answer = await api.call("POST", `/sweeps/${id}/${action}`);
  expect(answer.status, answer.text).toBe(200);
  return sweep.parse(answer.json);
}
const runsOf = async (id: string): Promise<Run[]> =>
  (await api.get(`/runs?sweepId=${id}&limit=1000`, pageOf(run))).items;

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index} of ${items.length}`);
  return item;
}

describe("steering a sweep", () => {
  it("groups failed runs by cause, whatever numbers their messages name", async () => {
    const { id } = await api.createSweep();
    const [a, b, c] = await runsOf(id);
    const fail = async (runId: string | undefined, message: string) => {
      const error = { kind: "user", message, hint: "Use a smaller learning rate." } as const;
      await finishAttempt(api.db, await claim(api, worker, runId ?? ""), { status: "failed", error });
    };
    await fail(a?.id, "The loss became NaN at step 12.");
    await fail(b?.id, "Out of cases.");
    await fail(c?.id, "The loss became NaN at step 3407.");
    const { items } = await api.get(`/sweeps/${id}/failures`, failureList);
    expect(items.map(({ message, count }) => [message, count])).toEqual([
      ["The loss became NaN at step 3407.", 2],
      ["Out of cases.", 1],
    ]);
    expect(items[0]).toMatchObject({ kind: "user", hint: "Use a smaller learning rate." });
    expect(new Set(items[0]?.runIds)).toEqual(new Set([a?.id, c?.id]));
    const { id: untouched } = await api.createSweep();
    expect(await api.get(`/sweeps/${untouched}/failures`, failureList)).toEqual({ items: [] });
  });

  it("pauses, resumes and cancels; what is impossible is a conflict that says why", async () => {
    const { id } = await api.createSweep();
    expect(await act(id, "pause")).toMatchObject({ status: "paused", runCounts: { queued: 10 } });
    expect((await act(id, "resume")).status).toBe("queued");

    const [first] = await runsOf(id);
    const ref = await claim(api, worker, first?.id ?? "");
    expect((await api.get(`/sweeps/${id}`, sweep)).status).toBe("running");

    const cancelled = await act(id, "cancel");
    expect(cancelled.runCounts).toMatchObject({ queued: 0, running: 1, cancelled: 9 });
    expect(await heartbeat(api.db, ref, 60_000)).toEqual({ cancelRequested: true });
    await finishAttempt(api.db, ref, { status: "cancelled" });
    expect(await api.get(`/sweeps/${id}`, sweep)).toMatchObject({
      status: "cancelled",
      runCounts: { running: 0, cancelled: 10 },
    });

    expect(problemOf(await api.call("POST", `/sweeps/${id}/pause`), 409, "conflict").detail).not.toBe("");
    const nowhere = "00000000-0000-4000-8000-000000000000";
    problemOf(await api.call("POST", `/sweeps/${nowhere}/pause`), 404, "not-found");
  });

  it("runs failed runs again, and only those", async () => {
    const { id } = await api.createSweep({ name: "retry", dataset: "wdbc", seeds: [0, 1] });
    const runs = await runsOf(id);
    await trainRun(api, worker, at(runs, 0).id, { testAccuracy: 0.9, digest: "a".repeat(64) });
    const ref = await claim(api, worker, at(runs, 1).id);
    await finishAttempt(api.db, ref, {
      status: "failed",
      error: { kind: "user", message: "The learning rate is too high.", hint: null },
    });
    expect(await api.get(`/sweeps/${id}`, sweep)).toMatchObject({
      status: "failed",
      runCounts: { succeeded: 1, failed: 1 },
    });
    const failed = at(runs, 1);
    const removed = { logsRemovedAt: new Date(), checkpointsRemovedAt: new Date() };
    await api.db.prisma.run.updateMany({ where: { id: failed.id }, data: removed });
    expect((await act(id, "retry-failed")).runCounts).toMatchObject({ queued: 1, succeeded: 1, failed: 0 });
    // What was removed for its age was of the attempt before.
    expect((await api.get(`/runs/${failed.id}/logs`, runLogs)).removedAt).toBeNull();
    expect((await api.get(`/runs/${failed.id}/artifacts`, artifactList)).absence).toMatch(/^None yet/);
    const again = await runsOf(id);
    expect(again.map(({ status }) => status)).toEqual(["succeeded", "queued"]);
    problemOf(await api.call("POST", `/runs/${at(runs, 0).id}/retry`), 409, "conflict");
  });

  it("cancels a single queued run and queues it again", async () => {
    const { id } = await api.createSweep({ name: "one", dataset: "wdbc", seeds: [0, 1] });
    const [first] = await runsOf(id);
    const cancelled = await api.call("POST", `/runs/${first?.id}/cancel`);
    expect(run.parse(cancelled.json).status).toBe("cancelled");
    const retried = await api.call("POST", `/runs/${first?.id}/retry`);
    expect(run.parse(retried.json).status).toBe("queued");
  });
});

describe("extending a sweep", () => {
  const extend = (id: string, body: unknown, headers: Record<string, string> = {}) =>
    api.call("POST", `/sweeps/${id}/extend`, { body, headers });

  it("adds repeats, seeds and configurations behind the runs that exist", async () => {
    const { id } = await api.createSweep(smallStudy);
    const before = await runsOf(id);

    const repeats = await extend(id, { repeats: { free: 2 } });
    expect(repeats.status, repeats.text).toBe(200);
    expect(sweep.parse(repeats.json)).toMatchObject({
      totalRuns: 14,
      spec: { modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 5 } } },
    });

    expect(sweep.parse((await extend(id, { seeds: [7] })).json).totalRuns).toBe(28);

    const configurations = [{ label: "slow", optimizer: "sgd", learningRate: 0.001, epochs: 3 }];
    const third = sweep.parse((await extend(id, { configurations })).json);
    expect(third.totalRuns).toBe(42);

    const after = await runsOf(id);
    expect(after.slice(0, before.length).map(({ id: runId, key }) => [runId, key])).toEqual(
      before.map(({ id: runId, key }) => [runId, key]),
    );
    expect(after.map(({ position }) => position)).toEqual(after.map((_, index) => index));
    expect(new Set(after.map(({ key }) => key)).size).toBe(42);
    expect(after.filter(({ configurationLabel }) => configurationLabel === "slow")).toHaveLength(14);
  });

  it("refuses what does not fit, and adds nothing", async () => {
    const { id } = await api.createSweep(smallStudy);
    const unknownArm = problemOf(await extend(id, { repeats: { fre: 2 } }), 400, "invalid-request");
    expect(unknownArm.errors?.[0]).toMatchObject({ path: "repeats.fre", suggestion: 'Did you mean "free"?' });
    problemOf(await extend(id, { seeds: [0] }), 400, "invalid-request");
    problemOf(await extend(id, {}), 400, "invalid-request");
    problemOf(await extend(id, { configurations: [{ optimiser: "sgd" }] }), 422, "invalid-sweep-spec");
    expect((await api.get(`/sweeps/${id}`, sweep)).totalRuns).toBe(10);
  });

  it("adds once under one idempotency key", async () => {
    const { id } = await api.createSweep(smallStudy);
    const headers = { "idempotency-key": "more" };
    const [first, second] = [
      await extend(id, { repeats: { free: 1 } }, headers),
      await extend(id, { repeats: { free: 1 } }, headers),
    ];
    expect(sweep.parse(first.json).totalRuns).toBe(12);
    expect(second.json).toEqual(first.json);
    expect((await api.get(`/sweeps/${id}`, sweep)).totalRuns).toBe(12);
  });
});
