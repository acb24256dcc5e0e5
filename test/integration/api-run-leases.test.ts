import {
  askAnswer,
  heartbeatAnswer,
  type Run,
  run,
  runDetail,
  runLogs,
  runMetrics,
  sweep,
} from "@reprise/contracts";
import { recoverLostRuns } from "@reprise/database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiUnderTest, problemOf, startTestApi } from "./api-harness.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const post = (path: string, body: unknown, attempt?: number) =>
  api.call("POST", path, {
    ...(body === undefined ? {} : { body }),
    headers: attempt === undefined ? {} : { "reprise-attempt": String(attempt) },
  });

async function posted<T>(
  path: string,
  body: unknown,
  schema: { parse(value: unknown): T },
  { attempt, status = 200 }: { attempt?: number; status?: number } = {},
) {
  const answer = await post(path, body, attempt);
  expect(answer.status, answer.text).toBe(status);
  return schema.parse(answer.json);
}

const logged = (body: object = {}) => posted("/runs", body, run, { status: 201 });
const metric = (step: number, loss: number) => ({ step, metrics: { trainLoss: loss } });
const anything = { parse: (value: unknown) => value };
const detail = (id: string) => api.get(`/runs/${id}`, runDetail);
const steps = async (id: string) =>
  (await api.get(`/runs/${id}/metrics`, runMetrics)).series.trainLoss?.steps;

/** What the dispatcher finds when it looks so many seconds from now. */
const lookAfter = (seconds: number) => recoverLostRuns(api.db, new Date(Date.now() + seconds * 1000));
const lost = async ({ id }: Pick<Run, "id">) =>
  expect((await lookAfter(601)).map(({ runId }) => runId)).toContain(id);

const planned = (repeats = 2) => ({
  name: "planned",
  trainer: "external",
  dataset: "slides",
  order: "listed",
  search: { method: "grid", parameters: { learningRate: [0.1] } },
  modes: { nondeterministic: { repeats } },
});
const ask = async (sweepId: string, body: object = {}) => {
  const asked = await posted(`/sweeps/${sweepId}/ask`, body, askAnswer);
  if (!asked.run) throw new Error("nothing was handed out");
  return asked.run;
};

describe("the lease of a run trained elsewhere", () => {
  it("is lost after ten minutes of silence, and renewed by a heartbeat and by every report", async () => {
    const { id } = await logged();
    expect(await lookAfter(590)).toEqual([]);
    const renewals = [
      () => post(`/runs/${id}/heartbeat`, undefined),
      () => post(`/runs/${id}/metrics`, metric(1, 0.5)),
      () =>
        post(`/runs/${id}/predictions`, { classes: ["a", "b"], ids: ["x"], labels: [0], scores: [[1, 0]] }),
    ];
    for (const renew of renewals) {
      await api.db.prisma.run.update({
        where: { id },
        data: { leaseExpiresAt: new Date(Date.now() + 1000) },
      });
      expect((await renew()).status).toBe(200);
      expect(await lookAfter(590)).toEqual([]);
    }
    const beat = await posted(`/runs/${id}/heartbeat`, undefined, heartbeatAnswer, { attempt: 1 });
    expect(beat).toMatchObject({ runId: id, attempt: 1, leaseSeconds: 600 });
    expect(Date.parse(beat.leaseExpiresAt) - Date.now()).toBeGreaterThan(590_000);
    expect(await lookAfter(601)).toEqual([{ runId: id, requeued: false }]);
  });

  it("is as long as the server says, or as the run asks within bounds", async () => {
    const { id } = await logged({ leaseSeconds: 30 });
    const beat = await posted(`/runs/${id}/heartbeat`, undefined, heartbeatAnswer);
    expect(beat.leaseSeconds).toBe(30);
    const ends = Date.parse(beat.leaseExpiresAt);
    expect(await recoverLostRuns(api.db, new Date(ends - 1))).toEqual([]);
    expect(await recoverLostRuns(api.db, new Date(ends + 1))).toEqual([{ runId: id, requeued: false }]);
    for (const leaseSeconds of [9, 86_401, 1.5]) {
      const refused = problemOf(await post("/runs", { leaseSeconds }), 400, "invalid-request");
      expect(refused.errors?.[0]).toMatchObject({ path: "leaseSeconds", value: String(leaseSeconds) });
    }
    const { id: sweepId } = await api.createSweep(planned());
    const asked = await ask(sweepId, { leaseSeconds: 20 });
    expect(await lookAfter(21)).toEqual([{ runId: asked.id, requeued: true }]);
    await post(`/sweeps/${sweepId}/cancel`, undefined);
  });

  it("is as long as the study says, for planned, logged and resumed runs, unless a run says otherwise", async () => {
    const { id: sweepId } = await api.createSweep({ ...planned(), leaseSeconds: 40 });
    const leaseOf = async (id: string) =>
      (await posted(`/runs/${id}/heartbeat`, undefined, heartbeatAnswer)).leaseSeconds;
    const [asked, other] = [await ask(sweepId), await ask(sweepId, { leaseSeconds: 20 })];
    expect(await Promise.all([leaseOf(asked.id), leaseOf(other.id)])).toEqual([40, 20]);
    const further = await logged({ sweepId, params: { learningRate: 0.2 } });
    expect(await leaseOf(further.id)).toBe(40);
    const resumed = await posted(`/runs/${asked.id}/attempts`, {}, run, { status: 201 });
    const beat = await posted(`/runs/${asked.id}/heartbeat`, undefined, heartbeatAnswer, {
      attempt: resumed.attempt,
    });
    expect(beat.leaseSeconds).toBe(40);
    await post(`/sweeps/${sweepId}/cancel`, undefined);
    const ofWorkers = await post("/sweeps", { name: "n", dataset: "wdbc", leaseSeconds: 40 });
    const [error] = problemOf(ofWorkers, 422, "invalid-sweep-spec").errors ?? [];
    expect(error).toMatchObject({ path: "leaseSeconds", value: "40" });
  });

  it("is lost for good where nobody else can be asked, and says what to do", async () => {
    const { id, sweepId } = await logged();
    await post(`/runs/${id}/metrics`, metric(1, 0.5), 1);
    await lost({ id });
    const found = await detail(id);
    expect(found).toMatchObject({ status: "failed", durationMs: null, error: { kind: "infrastructure" } });
    expect(found.error?.message).toBe(
      "Nothing was heard for 10 minutes of the program that trains this run: attempt 1 is lost.",
    );
    expect(found.error?.hint).toContain("log_run(resume=id)");
    expect(found.attempts).toMatchObject([{ number: 1, status: "lost" }]);
    expect(await api.get(`/sweeps/${sweepId}`, sweep)).toMatchObject({ status: "failed" });
  });

  it("is revived by the same attempt where no other has begun, with all it had reported", async () => {
    for (const attempt of [1, undefined]) {
      const { id, sweepId, startedAt } = await logged();
      await post(`/runs/${id}/metrics`, metric(1, 0.5), attempt);
      await lost({ id });
      await posted(`/runs/${id}/metrics`, metric(2, 0.4), anything, attempt === undefined ? {} : { attempt });
      expect(await detail(id)).toMatchObject({
        status: "running",
        attempt: 1,
        error: null,
        startedAt,
        attempts: [{ number: 1, status: "running", endedAt: null, error: null }],
      });
      expect(await steps(id)).toEqual([1, 2]);
      expect(await api.get(`/sweeps/${sweepId}`, sweep)).toMatchObject({ status: "running" });
      await lost({ id });
      await posted(`/runs/${id}/heartbeat`, undefined, anything, { attempt: 1 });
      await lost({ id });
      expect(await posted(`/runs/${id}/finish`, {}, run, { attempt: 1 })).toMatchObject({
        status: "succeeded",
      });
    }
  });

  it("hands a planned run to the next asker, and fences the first", async () => {
    const { id: sweepId } = await api.createSweep(planned());
    const first = await ask(sweepId);
    await posted(`/runs/${first.id}/metrics`, metric(1, 9), anything, { attempt: 1 });
    await lost(first);
    expect(await detail(first.id)).toMatchObject({ status: "queued", attempt: 1 });
    const second = await ask(sweepId);
    expect(second).toMatchObject({ id: first.id, attempt: 2, status: "running" });
    await posted(`/runs/${first.id}/metrics`, metric(1, 0.3), anything, { attempt: 2 });

    const late: Array<[path: string, body: unknown]> = [
      ["metrics", metric(2, 99)],
      ["metrics", { digests: [{ kind: "epoch", positions: [1], digests: ["a".repeat(64)] }] }],
      ["predictions", { classes: ["a", "b"], ids: ["x"], labels: [0], scores: [[1, 0]] }],
      ["heartbeat", undefined],
      ["tell", { metrics: { testAccuracy: 0.1 } }],
      ["finish", { status: "failed", error: "late" }],
    ];
    const before = await detail(first.id);
    for (const [path, body] of late) {
      const stale = problemOf(await post(`/runs/${first.id}/${path}`, body, 1), 409, "stale-attempt");
      expect(stale.detail).toContain("attempt 2");
      const unnamed = problemOf(await post(`/runs/${first.id}/${path}`, body), 400, "invalid-request");
      expect(unnamed.errors?.[0]).toMatchObject({ path: "Reprise-Attempt" });
      expect(unnamed.detail).toContain("Reprise-Attempt");
      problemOf(await post(`/runs/${first.id}/${path}`, body, 3), 400, "invalid-request");
    }
    expect(await detail(first.id)).toEqual(before);
    expect((await api.get(`/runs/${first.id}/metrics`, runMetrics)).series.trainLoss).toMatchObject({
      steps: [1],
      values: [0.3],
    });
    const told = await posted(`/runs/${first.id}/tell`, { metrics: { testAccuracy: 0.9 } }, run, {
      attempt: 2,
    });
    expect(told).toMatchObject({ status: "succeeded", summary: { testAccuracy: { last: 0.9 } } });
  });

  it("gives a planned run up after three lost attempts", async () => {
    const { id: sweepId } = await api.createSweep(planned(1));
    for (const attempt of [1, 2, 3]) {
      const asked = await ask(sweepId);
      expect(asked.attempt).toBe(attempt);
      await lost(asked);
    }
    expect(await api.get(`/sweeps/${sweepId}`, sweep)).toMatchObject({ status: "failed" });
    problemOf(await post(`/sweeps/${sweepId}/ask`, {}), 409, "conflict");
  });

  it("revives nothing that was cancelled, or ended by its own word", async () => {
    const cancelled = await logged();
    await lost(cancelled);
    const { id: sweepId } = await api.createSweep(planned(1));
    const asked = await ask(sweepId);
    await lost(asked);
    await post(`/runs/${asked.id}/cancel`, undefined);
    problemOf(await post(`/runs/${asked.id}/heartbeat`, undefined, 1), 409, "conflict");
    const failed = await logged();
    await posted(`/runs/${failed.id}/finish`, { status: "failed" }, run, { attempt: 1 });
    problemOf(await post(`/runs/${failed.id}/metrics`, metric(1, 1), 1), 409, "conflict");
    await post(`/runs/${failed.id}/retry`, undefined);
    problemOf(await post(`/runs/${failed.id}/metrics`, metric(1, 1), 1), 409, "conflict");
  });

  it("says of a header that is no number what it should be", async () => {
    const { id } = await logged();
    const answer = await api.call("POST", `/runs/${id}/heartbeat`, {
      headers: { "reprise-attempt": "first" },
    });
    problemOf(answer, 400, "invalid-request");
  });
});

describe("resuming a run by its id", () => {
  it("begins the next attempt, keeps what was reported, and fences the one before", async () => {
    const { id } = await logged({ params: { learningRate: 0.1 } });
    await post(`/runs/${id}/metrics`, metric(1, 0.5), 1);
    const resumed = await posted(`/runs/${id}/attempts`, {}, run, { status: 201 });
    expect(resumed).toMatchObject({ id, status: "running", attempt: 2, params: { learningRate: 0.1 } });
    problemOf(await post(`/runs/${id}/finish`, {}, 1), 409, "stale-attempt");
    await posted(`/runs/${id}/metrics`, metric(2, 0.4), anything, { attempt: 2 });
    expect(await steps(id)).toEqual([1, 2]);
    await posted(`/runs/${id}/finish`, {}, run, { attempt: 2 });
    const { attempts, durationMs, startedAt, endedAt } = await detail(id);
    expect(attempts).toMatchObject([{ status: "lost" }, { status: "succeeded" }]);
    expect(attempts[0]?.error?.message).toContain("Attempt 2 was begun");
    expect(durationMs).toBeGreaterThanOrEqual(Date.parse(endedAt ?? "") - Date.parse(startedAt ?? ""));
    problemOf(await post(`/runs/${id}/attempts`, {}), 409, "conflict");
  });

  it("takes a lost, failed, cancelled or waiting run up, with or without a body", async () => {
    const one = await logged();
    await lost(one);
    expect(await posted(`/runs/${one.id}/attempts`, undefined, run, { status: 201 })).toMatchObject({
      status: "running",
      attempt: 2,
      error: null,
      endedAt: null,
    });
    await posted(`/runs/${one.id}/cancel`, undefined, run);
    expect(
      await posted(`/runs/${one.id}/attempts`, { leaseSeconds: 20 }, run, { status: 201 }),
    ).toMatchObject({ status: "running", attempt: 3 });
    await posted(`/runs/${one.id}/finish`, { status: "failed" }, run, { attempt: 3 });
    expect(await posted(`/runs/${one.id}/attempts`, {}, run, { status: 201 })).toMatchObject({ attempt: 4 });
    const { id: sweepId } = await api.createSweep(planned());
    const asked = await ask(sweepId);
    await lost(asked);
    expect(await posted(`/runs/${asked.id}/attempts`, {}, run, { status: 201 })).toMatchObject({
      attempt: 2,
    });
    await post(`/sweeps/${sweepId}/cancel`, undefined);
    problemOf(await post(`/runs/${asked.id}/attempts`, {}), 409, "conflict");
    problemOf(await post(`/runs/${crypto.randomUUID()}/attempts`, {}), 404, "not-found");
  });
});

describe("logging by the name of a study", () => {
  it("adds to the study of that name, begins it once, and refuses where several are meant", async () => {
    const body = { study: "by name", dataset: "slides", params: { learningRate: 0.1 } };
    const all = await Promise.all([1, 2, 3, 4].map((seed) => logged({ ...body, seed })));
    expect(new Set(all.map(({ sweepId }) => sweepId)).size).toBe(1);
    expect(await logged({ study: "by name", seed: 5 })).toMatchObject({ sweepId: all[0]?.sweepId });
    const other = problemOf(await post("/runs", { ...body, dataset: "cells" }), 400, "invalid-request");
    expect(other.errors?.[0]).toMatchObject({ path: "dataset", message: "the study is about slides" });
    problemOf(await post("/runs", { ...body, name: "x" }), 400, "invalid-request");
    await api.createSweep({
      name: "by name",
      trainer: "external",
      dataset: "slides",
      search: { method: "external" },
    });
    const ambiguous = problemOf(await post("/runs", body), 409, "conflict");
    expect(ambiguous.detail).toMatch(
      /^2 studies are called "by name": [0-9a-f-]{36}, [0-9a-f-]{36}\. Say which/,
    );
  });

  it("refuses a cancelled study and a paused one instead of failing", async () => {
    const { sweepId } = await logged({ study: "stopped" });
    await post(`/sweeps/${sweepId}/cancel`, undefined);
    expect(problemOf(await post("/runs", { study: "stopped" }), 409, "conflict").detail).toContain(
      "was cancelled",
    );
    const paused = await api.createSweep({ ...planned(), name: "held" });
    await post(`/sweeps/${paused.id}/pause`, undefined);
    expect(problemOf(await post("/runs", { study: "held" }), 409, "conflict").detail).toContain("is paused");
  });
});

describe("times of a run trained elsewhere", () => {
  const finish = (id: string, body: object) => post(`/runs/${id}/finish`, body);
  const refusal = async (answer: Promise<Awaited<ReturnType<typeof post>>>) =>
    problemOf(await answer, 400, "invalid-request").errors?.[0];

  it("refuses a start or an end in the future, naming the field and the server's time", async () => {
    const future = new Date(Date.now() + 120_000).toISOString();
    const { id } = await logged();
    for (const [path, answer] of [
      ["startedAt", post("/runs", { startedAt: future })],
      ["endedAt", finish(id, { endedAt: future })],
    ] as const) {
      expect(await refusal(answer)).toMatchObject({
        path,
        value: future,
        message: expect.stringMatching(/^lies in the future: the server's time is \d{4}-/),
      });
    }
    expect(await refusal(post("/runs", { startedAt: "2026-01-02T03:04:05" }))).toMatchObject({
      path: "startedAt",
      message: expect.stringContaining("with its offset"),
    });
  });

  it("takes a clock that goes a little fast, without a negative duration", async () => {
    const fast = new Date(Date.now() + 50_000).toISOString();
    const { id, startedAt } = await logged({ startedAt: fast });
    expect(Date.parse(startedAt ?? "")).toBeLessThan(Date.parse(fast));
    const { durationMs } = await posted(`/runs/${id}/finish`, {}, run);
    expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  it("measures between the start and the end that are told, whatever their offsets", async () => {
    const { id } = await logged({ startedAt: "2026-01-02T10:00:00+02:00" });
    expect(await refusal(finish(id, { endedAt: "2026-01-02T09:59:00+02:00" }))).toMatchObject({
      path: "endedAt",
      message: expect.stringContaining("before the start"),
    });
    expect(
      await refusal(finish(id, { endedAt: "2026-01-02T11:00:00+02:00", durationMs: 2 * 3_600_000 })),
    ).toMatchObject({ path: "durationMs" });
    expect(await refusal(finish(id, { durationMs: 1e12 }))).toMatchObject({ path: "durationMs" });
    const ended = await posted(`/runs/${id}/finish`, { endedAt: "2026-01-02 08:30:00.5+00:00" }, run);
    expect(ended).toMatchObject({ durationMs: 1_800_500, endedAt: "2026-01-02T08:30:00.500Z" });
    const ancient = await logged({ startedAt: "1970-01-01T00:00:00Z" });
    expect(await refusal(finish(ancient.id, { endedAt: "2026-01-02T00:00:00Z" }))).toMatchObject({
      path: "endedAt",
    });
    expect(await posted(`/runs/${ancient.id}/finish`, {}, run)).toMatchObject({ durationMs: null });
  });

  it("takes lines of a log with their times, and writes nothing of a report that is refused", async () => {
    const { id } = await logged();
    const logs = [
      { text: "epoch 1", at: "2026-01-02T10:00:00.5+02:00" },
      { text: "careful", stream: "stderr" },
    ];
    await posted(`/runs/${id}/metrics`, { logs }, anything);
    const { items } = await api.get(`/runs/${id}/logs`, runLogs);
    expect(items).toMatchObject([
      { text: "epoch 1", at: "2026-01-02T08:00:00.500Z", stream: "stdout" },
      { text: "careful", stream: "stderr" },
    ]);
    const future = { step: 1, metrics: { trainLoss: 1 }, logs: [{ text: "x", at: "2100-01-01T00:00:00Z" }] };
    expect(await refusal(post(`/runs/${id}/metrics`, future))).toMatchObject({ path: "logs.0.at" });
    const told = { metrics: { trainLoss: 1 }, step: 1, endedAt: "2100-01-01T00:00:00Z" };
    expect(await refusal(post(`/runs/${id}/tell`, told))).toMatchObject({ path: "endedAt" });
    expect(await detail(id)).toMatchObject({ status: "running", summary: {} });
  });
});
