import { run, runMetrics, webhook } from "@reprise/contracts";
import {
  announcedTrainers,
  createToken,
  endDeliveryTry,
  findToken,
  lastEventId,
  listWorkers,
  pruneIdempotencyKeys,
  pruneLiveEvents,
  takeDueDeliveries,
  touchWorker,
} from "@reprise/database";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type ApiUnderTest, announceWorker, smallStudy, startTestApi } from "./api-harness.js";

// Clocks of processes are wrong, by an hour where a time zone was mistaken: nothing that is compared later may rest on them.

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
afterEach(() => {
  vi.useRealTimers();
});

const hourMs = 3_600_000;
const setClock = (offsetMs: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + offsetMs });

describe.each([
  ["ahead", hourMs],
  ["behind", -hourMs],
])("a clock that is an hour %s", (word, offsetMs) => {
  it("of a worker: it is seen as long as it lives, and by whom its clock is not", async () => {
    setClock(offsetMs);
    const { id, name } = await announceWorker(api, `worker ${word}`);
    await touchWorker(api.db, id);
    const byIts = (await listWorkers(api.db)).find((known) => known.id === id);
    vi.useRealTimers();
    const byOurs = (await listWorkers(api.db)).find((known) => known.id === id);
    expect([byIts?.status, byOurs?.status]).toEqual(["ready", "ready"]);
    expect(Math.abs(Date.parse(byOurs?.lastSeenAt ?? "") - Date.now())).toBeLessThan(60_000);
    expect((await announcedTrainers(api.db)).flatMap(({ workers }) => workers)).toContain(name);
  });

  it("of a server: tokens live as long as they were given, and sessions begin now", async () => {
    const given = { name: "short", role: "viewer" } as const;
    const before = await createToken(api.db, { ...given, expiry: { afterMs: hourMs / 2 } });
    const ended = await createToken(api.db, { ...given, expiry: { afterMs: -hourMs / 2 } });
    setClock(offsetMs);
    const during = await createToken(api.db, { ...given, expiry: { afterMs: hourMs / 2 } });
    expect(await findToken(api.db, before.token)).not.toBeNull();
    expect(await findToken(api.db, ended.token)).toBeNull();
    vi.useRealTimers();
    expect(await findToken(api.db, during.token)).not.toBeNull();
  });

  it("of a server: keys and events are forgotten when they are old", async () => {
    const key = { "idempotency-key": `clock ${word}` };
    const { status } = await api.call("POST", "/runs", { body: {}, headers: key });
    expect(status).toBe(201);
    const last = await lastEventId(api.db);
    setClock(24 * offsetMs);
    await pruneIdempotencyKeys(api.db, hourMs);
    await pruneLiveEvents(api.db, hourMs);
    vi.useRealTimers();
    expect(await api.db.prisma.idempotencyKey.count({ where: { key: { endsWith: `clock ${word}` } } })).toBe(
      1,
    );
    expect(await api.db.prisma.liveEvent.count({ where: { id: BigInt(last) } })).toBe(1);
  });

  it("of a server: a webhook tells of what ends from now on, and is tried again in time", async () => {
    setClock(offsetMs);
    const body = { name: word, kind: "generic", url: "http://127.0.0.1:9/", events: ["sweep-ended"] };
    const { id } = webhook.parse((await api.call("POST", "/webhooks", { body })).json);
    vi.useRealTimers();
    const { createdAt } = await api.db.prisma.webhook.findUniqueOrThrow({ where: { id } });
    expect(Math.abs(createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    setClock(offsetMs);
    await api.call("POST", `/webhooks/${id}/test`);
    vi.useRealTimers();
    const [due] = await takeDueDeliveries(api.db, { limit: 10, leaseMs: 60_000 });
    expect(due?.event).toBe("test");
    setClock(offsetMs);
    await endDeliveryTry(api.db, due?.id ?? "", { delivered: false, answer: "no", retryInMs: 0 });
    vi.useRealTimers();
    expect(await takeDueDeliveries(api.db, { limit: 10, leaseMs: 60_000 })).toHaveLength(1);
    await api.call("DELETE", `/webhooks/${id}`);
  });

  it("of a server: what a run reports is timed from its start", async () => {
    const { id } = run.parse((await api.call("POST", "/runs", { body: {} })).json);
    setClock(offsetMs);
    const body = {
      step: 1,
      metrics: { trainLoss: 1 },
      logs: [{ text: "x", at: new Date(Date.now() - offsetMs) }],
    };
    const answer = await api.call("POST", `/runs/${id}/metrics`, { body });
    expect(answer.status, answer.text).toBe(200);
    vi.useRealTimers();
    const { series } = await api.get(`/runs/${id}/metrics`, runMetrics);
    const [seconds = Number.NaN] = series.trainLoss?.wallTimes ?? [];
    expect(seconds).toBeGreaterThanOrEqual(0);
    expect(seconds).toBeLessThan(60);
  });

  it("of a server: a study that is cancelled ends after it began", async () => {
    const { id } = await api.createSweep(smallStudy);
    setClock(offsetMs);
    await api.call("POST", `/sweeps/${id}/cancel`);
    vi.useRealTimers();
    const { createdAt } = await api.db.prisma.sweep.findUniqueOrThrow({ where: { id } });
    for (const { endedAt } of await api.db.prisma.run.findMany({ where: { sweepId: id } })) {
      const after = (endedAt?.getTime() ?? Number.NaN) - createdAt.getTime();
      expect(after).toBeGreaterThanOrEqual(0);
      expect(after).toBeLessThan(60_000);
    }
  });
});
