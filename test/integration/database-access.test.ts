import type { TrainerCapabilities } from "@reprise/contracts";
import {
  announcedTrainers,
  claimRun,
  connectDatabase,
  createToken,
  findToken,
  getSweep,
  inOneTransaction,
  isReachable,
  keepAnswer,
  listTokens,
  listWorkers,
  pruneIdempotencyKeys,
  registerWorker,
  revokeToken,
  setWorkerStatus,
  takeIdempotencyKey,
  touchWorker,
} from "@reprise/database";
import { expect, test } from "vitest";
import { anyId, databaseOfFile, newSweep, runIds } from "../support/database-fixtures.js";
import { trainer } from "../support/trainer-fixture.js";

const db = await databaseOfFile();

/** The trainer under a name of its own, with digits as its only data set. */
const capabilitiesOf = (name: string, available: boolean): TrainerCapabilities => ({
  ...trainer,
  name,
  datasets: trainer.datasets.slice(0, 1).map((dataset) => ({ ...dataset, name: "digits", available })),
});

async function register(
  name: string,
  trainers: string[],
  available = true,
  labels: Record<string, string> = {},
): Promise<string> {
  const id = anyId();
  await registerWorker(db, {
    id,
    name,
    host: "here",
    pid: 1,
    devices: [{ kind: "cpu", name: "CPU", index: 0 }],
    labels,
    leftOut: [],
    capabilities: trainers.map((trainer) => capabilitiesOf(trainer, available)),
  });
  return id;
}

test("of twenty requests with one key at once, one is new, and the others wait for its answer", async () => {
  const request = (hash = "hash") =>
    inOneTransaction(db, async (one) => {
      const taken = await takeIdempotencyKey(one, "k1", hash);
      if (taken.state === "new") await keepAnswer(one, "k1", { status: 201, body: { id: "x", text: "\0" } });
      return taken;
    });
  const states = await Promise.all(Array.from({ length: 20 }, () => request()));
  const done = { state: "done", status: 201, body: { id: "x", text: "\uFFFD" } };
  expect(states.filter(({ state }) => state === "new")).toHaveLength(1);
  expect(states.filter(({ state }) => state !== "new")).toEqual(Array(19).fill(done));
  expect(await request("other")).toEqual({ state: "mismatch" });
});

test("a key is free again when its request failed, and when a server of before left it without an answer", async () => {
  const failing = inOneTransaction(db, async (one) => {
    await takeIdempotencyKey(one, "k2", "hash");
    throw new Error("refused");
  });
  await expect(failing).rejects.toThrow("refused");
  expect(await db.prisma.idempotencyKey.findUnique({ where: { key: "k2" } })).toBeNull();
  await db.prisma.idempotencyKey.create({ data: { key: "k2", requestHash: "hash" } });
  expect(await takeIdempotencyKey(db, "k2", "other")).toEqual({ state: "mismatch" });
  expect(await takeIdempotencyKey(db, "k2", "hash")).toEqual({ state: "new" });
  expect(await pruneIdempotencyKeys(db, -1_000)).toBeGreaterThanOrEqual(1);
});

test("a token is found by its text, until it expires or is revoked, and its text is kept nowhere", async () => {
  const { id, token } = await createToken(db, { name: "notebook", role: "runner", expiry: null });
  expect(await findToken(db, token)).toEqual({ id, name: "notebook", role: "runner", sessionOf: null });
  expect(await findToken(db, `${token}x`)).toBeNull();
  expect(JSON.stringify(await db.prisma.token.findMany())).not.toContain(token);
  const [listed] = await listTokens(db);
  expect(listed).toMatchObject({ id, revokedAt: null });
  expect(listed?.lastUsedAt).toMatch(/^\d{4}-.*Z$/);
  expect(await revokeToken(db, id)).toBe(true);
  expect(await revokeToken(db, id)).toBe(false);
  expect(await findToken(db, token)).toBeNull();
  const old = await createToken(db, { name: "old", role: "viewer", expiry: { afterMs: -1 } });
  expect(await findToken(db, old.token)).toBeNull();
});

test("workers are seen while they are touched; trainers of gone workers are remembered", async () => {
  const first = await register("w1", ["tfjs", "torch"]);
  const second = await register("w2", ["tfjs"]);
  expect(await touchWorker(db, first)).toEqual({ status: "ready" });
  await setWorkerStatus(db, second, "quarantined", "three failures");
  expect(await touchWorker(db, second)).toEqual({ status: "quarantined" });
  expect(await touchWorker(db, anyId())).toBeNull();

  const sweep = await newSweep(db, 1);
  const [runId = ""] = await runIds(db, sweep.id);
  await claimRun(db, { runId, attempt: 1, workerId: first, workerName: "w1", leaseMs: 20_000 });
  const listed = await listWorkers(db);
  expect(listed.find((worker) => worker.id === first)).toMatchObject({
    status: "ready",
    trainers: ["tfjs", "torch"],
    offers: [{ name: "tfjs" }, { name: "torch" }],
    currentRuns: [{ runId, sweepId: sweep.id, sweepName: sweep.name }],
    ended: { succeeded: 0, failed: 0, cancelled: 0, lost: 0 },
  });
  expect(listed.find((worker) => worker.id === second)).toMatchObject({ statusReason: "three failures" });

  await db.prisma.attempt.updateMany({ where: { runId }, data: { status: "lost", endedAt: new Date() } });
  expect((await listWorkers(db)).find((worker) => worker.id === first)?.ended).toMatchObject({ lost: 1 });

  await db.prisma.worker.update({
    where: { id: first },
    data: { lastSeenAt: new Date(Date.now() - 30_000) },
  });
  expect((await listWorkers(db)).find((worker) => worker.id === first)).toMatchObject({ status: "gone" });
  expect((await announcedTrainers(db)).map((t) => [t.capabilities.name, t.workers])).toEqual([
    ["tfjs", ["w2"]],
    ["torch", []],
  ]);
  await setWorkerStatus(db, first, "gone", null);
  expect(await touchWorker(db, first)).toBeNull();
});

test("a sweep that no worker can take says why", async () => {
  const blocked = async (trainer: string, requires: Record<string, string> = {}) => {
    const sweep = await newSweep(db, 1, { trainer, resources: { requires } });
    return (await getSweep(db, sweep.id))?.blockedReason;
  };
  await register("w3", ["empty"], false);
  expect(await blocked("absent")).toBe("no worker offers trainer absent (cpu)");
  expect(await blocked("tfjs")).toBe("every worker that offers trainer tfjs is draining or quarantined");
  const who = "no ready worker that offers trainer empty";
  expect(await blocked("empty")).toBe(`${who} has data set digits`);
  await register("w4", ["empty"]);
  expect(await blocked("empty")).toBeNull();
  expect(await blocked("empty", { gpu: "H100" })).toBe(`${who} has gpu: H100`);
  expect(await blocked("empty", { site: "basel" })).toBe(`${who} has site: basel`);
  await register("w5", ["empty"], false, { site: "basel" });
  // One has what is required, another the data.
  expect(await blocked("empty", { site: "basel" })).toBe(`${who} and has site: basel has data set digits`);
  await register("w6", ["empty"], true, { site: "basel" });
  expect(await blocked("empty", { site: "basel" })).toBeNull();
});

test("a database is reachable or not", async () => {
  expect(await isReachable(db)).toBe(true);
  const nowhere = connectDatabase({ url: "postgresql://u:p@127.0.0.1:1/x" });
  expect(await isReachable(nowhere)).toBe(false);
  await nowhere.close();
});
