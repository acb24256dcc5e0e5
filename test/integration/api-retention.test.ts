import { existsSync } from "node:fs";
import { join } from "node:path";
import { keepRetention } from "@reprise/api";
import { artifactList, retentionAnswer, run, runLadder, runLogs } from "@reprise/contracts";
import { createVerification, finishAttempt, recordCheckpoint, writeBatch } from "@reprise/database";
import { expect, it } from "vitest";
import { claim, metricBatch, problemOf } from "./api-harness.js";
import { firstOf, storesOfFile } from "./store-fixtures.js";

const { api, worker, study, store, end } = await storesOfFile();

const none = { files: 0, bytes: 0 };
const retention = { keepLogsDays: 30, keepCheckpointsDays: 30 };
const settings = { db: api.db, config: { ...api.config, retention } };
const ask = (days: string) => api.get(`/maintenance/retention${days}`, retentionAnswer);
const askOfMonth = () => ask("?keepLogsDays=30&keepCheckpointsDays=30");
const backdate = (days: number, ids: string[]) =>
  api.db.prisma.$executeRaw`
    UPDATE runs SET ended_at = now() - ${days}::int * interval '1 day' WHERE id = ANY(${ids}::uuid[])`;

it("what has become old is told of first, and then removed, but what a verdict stands on", async () => {
  const { id: sweepId, runs } = await study({ seeds: [0, 1, 2] });
  const shared = store("state that two runs have");
  for (const [index, { id }] of runs.entries()) {
    const ref = await claim(api, worker, id);
    const rung = { kind: "finalWeights" as const, positions: [0], digests: ["a".repeat(64)] };
    const logs = [{ stream: "stdout" as const, at: new Date(), text: `line of run ${index}` }];
    await writeBatch(api.db, ref, { ...metricBatch(0, 1, { loss: 0.5 }), logs, digests: [rung] });
    const own = index === 2 ? shared : store(`state of run ${index}`);
    await recordCheckpoint(api.db, ref, { ...own, step: 10, epoch: 1 });
    if (index === 0) await recordCheckpoint(api.db, ref, { ...shared, step: 20, epoch: 2 });
    await end(ref);
  }
  const [first, second, third] = runs;
  if (!first || !second || !third) throw new Error("three runs were planned");
  await backdate(40, [first.id, second.id]);
  await backdate(20, [third.id]);
  expect(await createVerification(api.db, { runId: second.id, kind: "verify" })).toMatchObject({
    ok: true,
  });
  await api.db.prisma.verification.updateMany({
    where: { runId: second.id },
    data: { status: "ended", verdict: "bit-identical" },
  });
  await api.db.prisma.run.deleteMany({ where: { sweepId, purpose: "verification" } });

  const plan = { keepLogsDays: null, keepCheckpointsDays: null };
  expect(await ask("")).toEqual({ plan, wouldRemove: { logs: null, checkpoints: null } });
  const ownBytes = Buffer.byteLength("state of run 0");
  const asked = await askOfMonth();
  expect(asked.wouldRemove).toMatchObject({
    logs: { days: 30, runs: 2 },
    checkpoints: { days: 30, runs: 1, bytes: ownBytes + shared.bytes, elsewhere: none },
  });
  expect(asked.wouldRemove.logs?.bytes).toBeGreaterThan(20);
  problemOf(await api.call("GET", "/maintenance/retention?keepLogsDays=0"), 400, "invalid-request");
  // Nothing was removed for having been asked.
  const textsOf = async (id: string) => {
    const { items, removedAt } = await api.get(`/runs/${id}/logs`, runLogs);
    return [items.map(({ text }) => text), removedAt === null ? "whole" : "removed"];
  };
  expect(await textsOf(first.id)).toEqual([["line of run 0"], "whole"]);

  expect(await keepRetention(settings)).toEqual({
    ...{ logsOfRuns: 2, checkpointsOfRuns: 1 },
    ...{ files: 1, bytes: ownBytes, elsewhere: none },
  });
  expect(await keepRetention(settings)).toMatchObject({ logsOfRuns: 0, checkpointsOfRuns: 0 });
  expect(existsSync(shared.path)).toBe(true);
  expect(await Promise.all(runs.map(({ id }) => textsOf(id)))).toEqual([
    [[], "removed"],
    [[], "removed"],
    [["line of run 2"], "whole"],
  ]);
  const files = await Promise.all(runs.map(({ id }) => api.get(`/runs/${id}/artifacts`, artifactList)));
  expect(files.map(({ items }) => items.length)).toEqual([0, 1, 1]);
  expect(files[0]?.absence).toMatch(/^The checkpoints of this run were removed on \d{4}-/);
  expect((await api.get(`/runs/${first.id}/ladder`, runLadder)).rungs).toHaveLength(1);
  expect((await api.get(`/runs/${first.id}`, run.loose())).summary).toHaveProperty("loss");
});

it("checkpoints that the server cannot see stay, with their records, and are told of", async () => {
  const { runs } = await study();
  const { id } = firstOf(runs);
  const ref = await claim(api, worker, id);
  const digest = "d".repeat(64);
  const away = { path: join("/another-machine/artifacts/sha256/dd", digest), digest, bytes: 70 };
  const here = store("state that the server sees");
  await recordCheckpoint(api.db, ref, { ...away, step: 10, epoch: 1 });
  await recordCheckpoint(api.db, ref, { ...here, step: 20, epoch: 2 });
  await end(ref);
  await backdate(40, [id]);
  const elsewhere = { files: 1, bytes: 70 };
  expect((await askOfMonth()).wouldRemove.checkpoints).toEqual({
    ...{ days: 30, runs: 1, bytes: here.bytes },
    elsewhere,
  });
  expect(await keepRetention(settings)).toMatchObject({ checkpointsOfRuns: 1, files: 1, elsewhere });
  expect(existsSync(here.path)).toBe(false);
  const { items } = await api.get(`/runs/${id}/artifacts`, artifactList);
  expect(items).toMatchObject([{ name: "checkpoint-10.safetensors", unreadable: expect.any(String) }]);
  expect(await keepRetention(settings)).toMatchObject({ checkpointsOfRuns: 0, files: 0, elsewhere });
});

it("what is old in a study that somebody is changing is left for the next time", async () => {
  const { id: sweepId, runs } = await study();
  const { id } = firstOf(runs);
  const ref = await claim(api, worker, id);
  const file = store("state of a run that failed");
  await recordCheckpoint(api.db, ref, { ...file, step: 10, epoch: 1 });
  const logs = [{ stream: "stdout" as const, at: new Date(), text: "a line" }];
  await writeBatch(api.db, ref, { ...metricBatch(0, 1, { loss: 0.5 }), logs });
  const error = { kind: "user" as const, message: "The learning rate is too high.", hint: null };
  await finishAttempt(api.db, ref, { status: "failed", error });
  await backdate(40, [id]);
  await api.db.transaction(async (sql) => {
    // As a retry does, which goes on to the checkpoints and then to the runs.
    await sql.$queryRaw`SELECT 1 FROM sweeps WHERE id = ${sweepId}::uuid FOR NO KEY UPDATE`;
    expect(await keepRetention(settings)).toMatchObject({ logsOfRuns: 0, checkpointsOfRuns: 0, files: 0 });
  }, 60_000);
  expect(await keepRetention(settings)).toMatchObject({ logsOfRuns: 1, checkpointsOfRuns: 1, files: 1 });
});
