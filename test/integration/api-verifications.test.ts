import { settleVerifications } from "@reprise/api";
import {
  pageOf,
  type RungKind,
  run,
  stripList,
  sweep,
  verification,
  verificationList,
} from "@reprise/contracts";
import {
  cancelRun,
  finishAttempt,
  registerWorker,
  reservedRuns,
  setWorkerStatus,
  takeDispatchable,
  writeBatch,
} from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { batchOf, stretch } from "../support/database-fixtures.js";
import {
  type ApiUnderTest,
  announceWorker,
  claim,
  problemOf,
  runDispatcher,
  smallStudy,
  startTestApi,
  type TestWorker,
  trainer,
} from "./api-harness.js";

let api: ApiUnderTest;
let worker: TestWorker;
beforeAll(async () => {
  api = await startTestApi();
  worker = await announceWorker(api);
});
afterAll(() => api.close());

const digest = (text: string) => Buffer.from(text.padEnd(32, ".")).toString("hex");

/** Trains a run with this ladder and accuracy; a free one records an order. */
async function train(
  runId: string,
  ladder: Array<[kind: RungKind, position: number, digest: string]>,
  { accuracy = 0.9, order = true }: { accuracy?: number; order?: boolean } = {},
) {
  const ref = await claim(api, worker, runId);
  await writeBatch(
    api.db,
    ref,
    batchOf(0, {
      metrics: [stretch("testAccuracy", 1, [accuracy])],
      digests: ladder.map(([kind, position, text]) => ({
        kind,
        positions: [position],
        digests: [digest(text)],
      })),
      tensorDigests: [],
      reductionOrders: order ? [{ firstStep: 0, orders: [[1, 0]] }] : [],
    }),
  );
  await finishAttempt(api.db, ref, {
    status: "succeeded",
    digest: digest("final"),
    selectedEpoch: 1,
    phases: {},
    energy: null,
  });
}
const ladder: Array<[RungKind, number, string]> = [
  ["configuration", 0, "c"],
  ["dataset", 0, "d"],
  ["step", 0, "s0"],
  ["step", 1, "s1"],
  ["finalWeights", 0, "w"],
];

/** A study of one configuration with its runs in order, the det one first. */
async function study(more: Partial<typeof smallStudy> = {}) {
  const created = await api.createSweep({
    ...smallStudy,
    search: { method: "grid", parameters: { optimizer: ["adam"] } },
    modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
    order: "listed",
    ...more,
  });
  const { items } = await api.get(`/runs?sweepId=${created.id}`, pageOf(run));
  const of = (arm: string) => items.find((item) => item.arm === arm)?.id ?? "";
  return { id: created.id, det: of("det"), free: of("free") };
}
async function ask(runId: string, kind: "verify" | "replay") {
  const answer = await api.call("POST", `/runs/${runId}/${kind}`);
  expect(answer.status, answer.text).toBe(202);
  return verification.parse(answer.json);
}
const settle = () => settleVerifications(api.db, api.context.log);
const read = (id: string) => api.get(`/verifications/${id}`, verification);

describe("a verification", () => {
  it("is queued, running and then ended with a verdict, and listed with its run", async () => {
    const { det } = await study();
    await train(det, ladder);
    const queued = await ask(det, "verify");
    expect(queued).toMatchObject({
      runId: det,
      kind: "verify",
      status: "queued",
      verdict: null,
      endedAt: null,
    });
    expect(await api.get(`/runs/${queued.replicaRunId}`, run.loose())).toMatchObject({
      purpose: "verification",
      sourceRunId: det,
      arm: "det",
      params: { epochs: 3, optimizer: "adam" },
    });
    await settle();
    expect((await read(queued.id)).status).toBe("queued");
    await train(queued.replicaRunId, ladder);
    expect((await read(queued.id)).status).toBe("running");

    await settle();
    const ended = await read(queued.id);
    expect(ended).toMatchObject({ status: "ended", verdict: "bit-identical", suspects: [] });
    expect(ended.explanation).toContain("All 4 digests");
    // Settling again finds nothing to do.
    await settle();
    expect(await read(queued.id)).toEqual(ended);
    const second = await ask(det, "verify");
    const { items } = await api.get(`/runs/${det}/verifications`, verificationList);
    expect(items.map(({ id }) => id)).toEqual([second.id, queued.id]);
  });

  it("is settled by the dispatcher, once, with the first rung that differs and the plan's margin", async () => {
    const { det, free } = await study({
      analysisPlan: { primaryMetric: "testAccuracy", margin: { testAccuracy: 0.01 } },
    });
    await train(det, ladder);
    await train(free, ladder);
    const near = await ask(det, "verify");
    const far = await ask(free, "replay");
    const other = ladder.map(([kind, position, text]): (typeof ladder)[number] => [
      kind,
      position,
      kind === "step" && position === 1 ? "other" : text,
    ]);
    await train(near.replicaRunId, other, { accuracy: 0.905 });
    await train(far.replicaRunId, other, { accuracy: 0.8 });
    runDispatcher(api);
    runDispatcher(api);
    await vi.waitFor(async () => expect((await read(far.id)).status).toBe("ended"), { timeout: 30_000 });
    const firstDivergence = { kind: "step", position: 1 };
    expect(await read(near.id)).toMatchObject({ verdict: "within-tolerance", firstDivergence });
    expect(await read(far.id)).toMatchObject({ verdict: "different", firstDivergence });
    expect((await read(far.id)).explanation).toContain("Spread unknown: 1 repeat");
  });

  it("has failed when its replica fails or is cancelled", async () => {
    const { det } = await study();
    await train(det, ladder);
    const failing = await ask(det, "verify");
    const ref = await claim(api, worker, failing.replicaRunId);
    const error = { kind: "user", message: "The data set has gone.", hint: null } as const;
    await finishAttempt(api.db, ref, { status: "failed", error });
    const cancelled = await ask(det, "verify");
    await cancelRun(api.db, cancelled.replicaRunId);
    await settle();
    expect(await read(failing.id)).toMatchObject({
      status: "failed",
      verdict: null,
      explanation: "The run could not be trained again: The data set has gone.",
    });
    expect((await read(cancelled.id)).explanation).toContain("it was cancelled");
    const retried = await api.call("POST", `/runs/${failing.replicaRunId}/retry`);
    expect(problemOf(retried, 409, "conflict").detail).toContain("replica");
  });

  it("is refused where there is nothing to verify or replay", async () => {
    const { det, free } = await study();
    const refused = async (id: string, kind: string) =>
      problemOf(await api.call("POST", `/runs/${id}/${kind}`), 409, "conflict").detail;
    expect(await refused(det, "verify")).toMatch(/succeeded.*this one is queued/);
    await train(det, ladder);
    await train(free, ladder, { order: false });
    expect(await refused(det, "replay")).toMatch(/fixed order.*Verify it instead/);
    expect(await refused(free, "replay")).toMatch(/recorded no summation order.*Verify it instead/);
    const { replicaRunId } = await ask(det, "verify");
    expect(await refused(replicaRunId, "verify")).toContain(`replica, of run ${det}`);
    const unknown = "018f0000-0000-7000-8000-000000000001";
    problemOf(await api.call("POST", `/runs/${unknown}/verify`), 404, "not-found");
    problemOf(await api.call("GET", `/verifications/${unknown}`), 404, "not-found");
    problemOf(await api.call("GET", `/runs/${unknown}/verifications`), 404, "not-found");
  });

  it("is no replay where the trainer offers none", async () => {
    const plain = { ...trainer, name: "plain", replay: false };
    await registerWorker(api.db, {
      id: "018f0000-0000-7000-8000-0000000000bb",
      name: "plain",
      host: "localhost",
      pid: 1,
      devices: [{ kind: "cpu", name: "test", index: 0 }],
      capabilities: [plain],
    });
    const { free } = await study({ trainer: "plain" });
    await train(free, ladder);
    const refused = await api.call("POST", `/runs/${free}/replay`);
    expect(problemOf(refused, 409, "conflict").detail).toContain("Trainer plain cannot replay");
    expect((await ask(free, "verify")).kind).toBe("verify");
  });

  it("is created once per idempotency key", async () => {
    const { det } = await study();
    await train(det, ladder);
    const headers = { "idempotency-key": "verify-once" };
    const [first, second] = [
      await api.call("POST", `/runs/${det}/verify`, { headers }),
      await api.call("POST", `/runs/${det}/verify`, { headers }),
    ];
    expect(second.json).toEqual(first.json);
    expect((await api.get(`/runs/${det}/verifications`, verificationList)).items).toHaveLength(1);
  });
});

describe("a replica", () => {
  const dispatched = async () =>
    (await takeDispatchable(api.db, { limitPerQueue: 10_000 })).map(({ runId, priority }) => ({
      runId,
      priority,
    }));

  it("is no run of the study: not in counts, status, strip, listing or analyses", async () => {
    const { id, det, free } = await study();
    await train(det, ladder);
    await train(free, ladder);
    const views = async () => ({
      sweep: await api.get(`/sweeps/${id}`, sweep),
      strip: await api.get(`/sweeps/${id}/strip`, stripList),
      runs: (await api.get(`/runs?sweepId=${id}`, pageOf(run))).items.map((item) => item.id),
      determinism: (await api.call("GET", `/sweeps/${id}/analyses/determinism`)).json,
      runtime: (await api.call("GET", `/sweeps/${id}/analyses/runtime`)).json,
    });
    const before = await views();
    expect(before.sweep).toMatchObject({ status: "succeeded", totalRuns: 2 });
    const { replicaRunId } = await ask(det, "verify");
    expect(await views()).toEqual(before);
    const ref = await claim(api, worker, replicaRunId);
    expect(await views()).toEqual(before);
    const error = { kind: "user", message: "Broken.", hint: null } as const;
    await finishAttempt(api.db, ref, { status: "failed", error });
    expect(await views()).toEqual(before);
    const { items } = await api.get(`/runs?sweepId=${id}&purpose=verification`, pageOf(run));
    expect(items.map((item) => item.id)).toEqual([replicaRunId]);

    // Retrying and extending the sweep do not touch it either.
    problemOf(await api.call("POST", `/sweeps/${id}/retry-failed`), 409, "conflict");
    const extended = await api.call("POST", `/sweeps/${id}/extend`, { body: { repeats: { det: 1 } } });
    expect(sweep.parse(extended.json).totalRuns).toBe(3);
  });

  it("starts although its sweep is paused, capped or cancelled, ahead of other runs", async () => {
    await dispatched();
    const { id, det } = await study({ maxParallelRuns: 1, priority: 5 });
    const [handed] = await dispatched();
    expect(handed?.priority).toBe(5);
    await train(det, ladder);
    await api.call("POST", `/sweeps/${id}/pause`);
    const paused = await ask(det, "verify");
    expect(await dispatched()).toEqual([{ runId: paused.replicaRunId, priority: 1000 }]);

    // It takes no place under the cap, and needs none.
    await api.call("POST", `/sweeps/${id}/resume`);
    expect((await dispatched()).map(({ priority }) => priority)).toEqual([5]);
    const beside = await ask(det, "verify");
    expect(await dispatched()).toEqual([{ runId: beside.replicaRunId, priority: 1000 }]);
    await train(paused.replicaRunId, ladder);

    // Cancelling the sweep leaves it alone, running or queued, and it can end as usual.
    const ref = await claim(api, worker, beside.replicaRunId);
    const waiting = await ask(det, "verify");
    expect((await api.call("POST", `/sweeps/${id}/cancel`)).status).toBe(200);
    expect(await api.get(`/sweeps/${id}`, sweep)).toMatchObject({
      status: "cancelled",
      runCounts: { succeeded: 1, cancelled: 1 },
    });
    const lost = { kind: "infrastructure", message: "The worker was lost.", hint: null } as const;
    await finishAttempt(api.db, ref, { status: "failed", error: lost });
    expect((await dispatched()).map(({ runId }) => runId)).toEqual(
      expect.arrayContaining([beside.replicaRunId, waiting.replicaRunId]),
    );
    await train(waiting.replicaRunId, ladder);
    await settle();
    expect((await read(waiting.id)).verdict).toBe("bit-identical");
  });
});

describe("on another worker", () => {
  const verify = (runId: string, body?: object) => api.call("POST", `/runs/${runId}/verify`, { body });
  const asked = async (runId: string, body: object) => {
    const answer = await verify(runId, body);
    expect(answer.status, answer.text).toBe(202);
    return verification.parse(answer.json);
  };
  const trained = async () => {
    const { id } = await api.createSweep({ ...smallStudy, modes: { deterministic: { repeats: 1 } } });
    const [first] = (await api.get(`/runs?sweepId=${id}`, pageOf(run))).items;
    await train(first?.id ?? "", ladder);
    return first?.id ?? "";
  };

  it("is refused in words while there is none, and only that worker may claim it", async () => {
    const source = await trained();
    const refused = problemOf(await verify(source, { worker: "other" }), 409, "conflict");
    expect(refused.detail).toMatch(
      /^No other worker is connected: test-worker trained this run.+`reprise worker`/,
    );
    const { elsewhere } = await api.get(`/runs/${source}/verifications`, verificationList);
    expect(elsewhere).toEqual({ workers: [], refusal: refused.detail });

    const second = await announceWorker(api, "second");
    const third = await announceWorker(api, "third");
    expect((await api.get(`/runs/${source}/verifications`, verificationList)).elsewhere).toEqual({
      workers: ["second", "third"],
      refusal: null,
    });
    const unknown = problemOf(await verify(source, { worker: "secnd" }), 409, "conflict");
    expect(unknown.detail).toMatch(/^There is no worker secnd\. Connected: .*second, .*third\./);
    expect(unknown.errors).toMatchObject([{ path: "worker", suggestion: expect.stringContaining("second") }]);

    const other = await asked(source, { worker: "other" });
    expect(other.worker).toEqual({ rule: "not", name: "test-worker" });
    const named = await asked(source, { worker: "third" });
    const byId = await asked(source, { worker: second.id });
    // No queue gets them: a worker that must not train one would give it back for ever.
    const handedOut = await takeDispatchable(api.db, { limitPerQueue: 100 });
    const reservedIds = [other, named, byId].map(({ replicaRunId }) => replicaRunId);
    expect(handedOut.filter(({ runId }) => reservedIds.includes(runId))).toEqual([]);
    const reserved = async (worker: TestWorker) =>
      (await reservedRuns(api.db, { ...worker, trainers: ["tfjs"] })).map(({ runId }) => runId);
    expect(await reserved(worker)).toEqual([]);
    expect(await reserved(second)).toEqual([other.replicaRunId, byId.replicaRunId]);
    expect(await reserved(third)).toEqual([other.replicaRunId, named.replicaRunId]);
    for (const { replicaRunId } of [other, named, byId])
      await expect(claim(api, worker, replicaRunId)).rejects.toThrow("other-worker");
    await expect(claim(api, second, named.replicaRunId)).rejects.toThrow("other-worker");
    await claim(api, third, named.replicaRunId);
    await claim(api, second, byId.replicaRunId);
    const taken = await Promise.allSettled(
      [second, third].map((each) => claim(api, each, other.replicaRunId)),
    );
    expect(taken.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await reserved(second)).toEqual([]);

    await setWorkerStatus(api.db, third.id, "draining", "for a test");
    expect(problemOf(await verify(source, { worker: "third" }), 409, "conflict").detail).toMatch(
      /^Worker third is draining/,
    );
  });
});
