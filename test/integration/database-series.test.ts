import { encodeNumber } from "@reprise/contracts";
import {
  claimRun,
  finishAttempt,
  getRun,
  readEmbeddings,
  readLadder,
  readLogs,
  readMetrics,
  readMetricsOfRuns,
  readReductionOrder,
  recordArtifact,
  recordCheckpoint,
  writeBatch,
} from "@reprise/database";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  batchOf,
  claim,
  databaseOfFile,
  firstRun,
  infrastructureFailure,
  newSweep,
  stretch,
  succeeded,
  workerId,
} from "../support/database-fixtures.js";

const db = await databaseOfFile();

const newRun = async () => firstRun(db, (await newSweep(db, 1)).id);
const newAttempt = async () => claim(db, await newRun());
const digest = (letter: string) => letter.repeat(64);

const value = fc.oneof(
  fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);

const report = fc.record({ step: fc.integer({ min: 0, max: 9 }), value });

test("series and summaries are what the latest reports say, for any batches in any order, also when sent twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ reports: fc.array(report, { maxLength: 5 }), again: fc.boolean() }), {
        maxLength: 5,
      }),
      fc.boolean(),
      fc.constantFrom("maximize" as const, "minimize" as const),
      async (given, inOrder, direction) => {
        const ref = await newAttempt();
        let next = 0;
        const stepped = (reports: (typeof given)[number]["reports"]) =>
          inOrder ? reports.map((item) => ({ ...item, step: next++ })) : reports;
        const batches = given.map(({ reports, again }) => ({ reports: stepped(reports), again }));
        for (const [number, { reports, again }] of batches.entries()) {
          const steps = reports.map(({ step }) => step);
          const metric = {
            ...stretch(
              "validationLoss",
              0,
              reports.map((item) => item.value),
              direction,
            ),
            steps,
          };
          const batch = batchOf(number, { metrics: [metric] });
          await writeBatch(db, ref, batch);
          if (again) await writeBatch(db, ref, batch);
        }
        const reports = batches.flatMap((batch) => batch.reports);
        const latest = new Map(reports.map(({ step, value: item }) => [step, item]));
        const steps = [...latest.keys()].sort((a, b) => a - b);
        const all = steps.map((step) => latest.get(step) ?? 0);
        const numbers = all.filter((item) => !Number.isNaN(item));
        const read = await readMetrics(db, ref.runId, { superseded: true });
        expect(read?.series.validationLoss?.steps ?? []).toEqual(steps);
        expect(read?.series.validationLoss?.values ?? []).toEqual(all.map(encodeNumber));
        expect(read?.superseded?.validationLoss?.values ?? []).toHaveLength(reports.length - all.length);
        const summary = (await getRun(db, ref.runId))?.summary.validationLoss;
        if (all.length === 0) {
          expect(summary).toBeUndefined();
          return;
        }
        const best = direction === "maximize" ? Math.max(...numbers) : Math.min(...numbers);
        const wire = (number: number) => (numbers.length === 0 ? null : encodeNumber(number));
        const odd = all.findIndex((item) => !Number.isFinite(item));
        const lastFinite = all.findLastIndex(Number.isFinite);
        const stepOf = (number: number) => (numbers.length === 0 ? null : steps[all.indexOf(number)]);
        expect(summary).toEqual({
          count: all.length,
          first: encodeNumber(all[0] ?? 0),
          last: encodeNumber(all.at(-1) ?? 0),
          final: null,
          superseded: reports.length - all.length,
          min: wire(Math.min(...numbers)),
          max: wire(Math.max(...numbers)),
          minStep: stepOf(Math.min(...numbers)),
          maxStep: stepOf(Math.max(...numbers)),
          best: wire(best),
          bestStep: stepOf(best),
          selected: null,
          nonFinite:
            odd < 0
              ? null
              : {
                  ...{ step: steps[odd], value: encodeNumber(all[odd] ?? 0) },
                  since: lastFinite === all.length - 1 ? null : steps[lastFinite + 1],
                },
        });
      },
    ),
    { numRuns: 40 },
  );
});

test("one metric of several runs is ordered by step as well, and budgets thin out what counts", async () => {
  const ref = await newAttempt();
  const loss = { ...stretch("loss", 0, [3, 2, 1, 5]), steps: [3, 2, 1, 3] };
  await writeBatch(db, ref, batchOf(0, { metrics: [loss] }));
  expect((await readMetricsOfRuns(db, [ref.runId], "loss")).get(ref.runId)).toMatchObject({
    ...{ steps: [1, 2, 3], values: [1, 2, 5] },
  });
  expect((await readMetrics(db, ref.runId, { maxPoints: 3 }))?.series.loss?.values).toEqual([1, 2, 5]);
  expect(await readMetrics(db, ref.runId, {})).not.toHaveProperty("superseded");
});

test("a batch may hold several stretches of one series", async () => {
  const ref = await newAttempt();
  const metrics = [stretch("loss", 0, [3, 2]), stretch("loss", 2, [1]), stretch("accuracy", 1, [0.5])];
  await writeBatch(db, ref, batchOf(1, { metrics }));
  expect((await readMetrics(db, ref.runId, {}))?.series).toMatchObject({
    loss: { steps: [0, 1, 2], values: [3, 2, 1], wallTimes: [0, 0.1, 0] },
    accuracy: { values: [0.5] },
  });
  expect(await readMetrics(db, ref.runId, { keys: ["accuracy"] })).toHaveProperty("series.accuracy");
  expect((await readMetrics(db, ref.runId, { keys: ["accuracy"] }))?.series).not.toHaveProperty("loss");
  expect(await readMetricsOfRuns(db, [ref.runId], "accuracy")).toEqual(
    new Map([[ref.runId, { steps: [1], values: [0.5], wallTimes: [0] }]]),
  );
});

test("a point budget keeps the extremes and the end of a series", async () => {
  const ref = await newAttempt();
  const values = Array.from({ length: 5_000 }, (_, index) => Math.sin(index / 50) + (index === 1234 ? 9 : 0));
  await writeBatch(db, ref, batchOf(0, { metrics: [stretch("loss", 0, values)] }));
  const read = (await readMetrics(db, ref.runId, { maxPoints: 60 }))?.series.loss;
  expect(read?.steps.length).toBeLessThanOrEqual(60);
  expect(read?.steps).toContain(1234);
  expect(read?.steps.at(-1)).toBe(4999);
  expect(await readMetrics(db, ref.runId, { maxPoints: 60 })).toMatchObject({ series: { loss: read } });
});

test("a resumed attempt keeps what was written before the checkpoint and drops the rest, in series and summary", async () => {
  const runId = await newRun();
  const first = await claim(db, runId, 1);
  const part = (batch: number, epoch: number, accuracy: number) =>
    batchOf(batch, {
      metrics: [
        stretch("validationAccuracy", epoch, [accuracy], "maximize"),
        stretch("trainLoss", epoch * 100, [1 / epoch, 1 / epoch]),
      ],
      digests: [{ kind: "epoch", positions: [epoch], digests: [digest(String(epoch))] }],
      embeddings: [{ of: "lastLayerWeights", epoch, vector: [epoch, Number.NaN] }],
      tensorDigests: [],
      reductionOrders: [
        {
          firstStep: epoch * 2,
          orders: [
            [0, 1],
            [1, 0],
          ],
        },
      ],
      logs: [{ stream: "stdout", at: new Date(0), text: `epoch ${epoch}` }],
    });
  const file = (name: string, step: number) =>
    recordArtifact(db, first, {
      ...{ name, kind: "file", step, epoch: null },
      ...{ path: name, digest: digest(name), bytes: 1 },
    });
  await writeBatch(db, first, part(0, 1, 0.6));
  await file("of epoch 1", 100);
  await writeBatch(db, first, part(1, 2, 0.7));
  await recordCheckpoint(db, first, { path: "sha256/abc", step: 200, epoch: 2 });
  await recordCheckpoint(db, first, { path: "sha256/abc", step: 200, epoch: 2 });
  await writeBatch(db, first, part(2, 3, 0.99));
  await file("of epoch 3", 300);
  await finishAttempt(db, first, infrastructureFailure);

  const claimed = await claimRun(db, { runId, attempt: 2, workerId, workerName: "w", leaseMs: 20_000 });
  if (!claimed.ok) throw new Error(claimed.reason);
  expect(claimed.resume).toEqual({ path: "sha256/abc", step: 200, epoch: 2 });
  expect(claimed.run.summary.validationAccuracy).toMatchObject({
    count: 2,
    last: 0.7,
    best: 0.7,
    bestStep: 2,
  });
  // The next attempt does not hand over again what was handed over before its checkpoint.
  expect(await db.prisma.artifact.findMany({ where: { runId }, select: { name: true } })).toEqual([
    { name: "of epoch 1" },
  ]);
  await writeBatch(db, claimed.ref, part(0, 3, 0.65));
  expect((await readMetrics(db, runId, {}))?.series).toMatchObject({
    validationAccuracy: { steps: [1, 2, 3], values: [0.6, 0.7, 0.65] },
    trainLoss: { steps: [100, 101, 200, 201, 300, 301] },
  });
  expect((await getRun(db, runId))?.summary.validationAccuracy).toMatchObject({
    count: 3,
    best: 0.7,
    last: 0.65,
  });
  expect((await readLadder(db, runId))?.rungs.map((rung) => rung.position)).toEqual([1, 2, 3]);
  expect(await readEmbeddings(db, [runId])).toEqual(
    new Map([[runId, { epochs: [1, 2, 3], vectors: [1, 2, 3].map((epoch) => [epoch, Number.NaN]) }]]),
  );
  expect(await readReductionOrder(db, runId)).toEqual(
    [1, 2, 3].flatMap(() => [
      [0, 1],
      [1, 0],
    ]),
  );
  expect((await readLogs(db, runId, { attempt: 1, after: -1, limit: 10 }))?.items).toHaveLength(3);
  expect((await readLogs(db, runId, { after: -1, limit: 10 }))?.items).toMatchObject([
    { attempt: 2, text: "epoch 3" },
  ]);
});

test("without a checkpoint, or with one that this worker cannot use, the next attempt starts from nothing", async () => {
  const runId = await newRun();
  const first = await claim(db, runId, 1);
  await writeBatch(db, first, batchOf(0, { metrics: [stretch("loss", 0, [1])] }));
  await finishAttempt(db, first, infrastructureFailure);
  const second = await claim(db, runId, 2);
  expect(await readMetrics(db, runId, {})).toEqual({ runId, attempt: 2, series: {} });
  expect((await getRun(db, runId))?.summary).toEqual({});
  await writeBatch(db, second, batchOf(0, { metrics: [stretch("loss", 0, [2])] }));
  await recordCheckpoint(db, second, { path: "elsewhere", step: 1, epoch: 1 });
  await finishAttempt(db, second, infrastructureFailure);
  const third = await claimRun(db, {
    runId,
    attempt: 3,
    workerId,
    workerName: "w",
    leaseMs: 20_000,
    resumable: (checkpoint) => checkpoint.path !== "elsewhere",
  });
  expect(third).toMatchObject({ ok: true, resume: null });
  expect((await readMetrics(db, runId, {}))?.series).toEqual({});
  expect(await db.prisma.checkpoint.count({ where: { runId } })).toBe(0);
});

test("the selected value is that of the selected epoch, for metrics that count epochs", async () => {
  const ref = await newAttempt();
  await writeBatch(
    db,
    ref,
    batchOf(0, {
      metrics: [
        stretch("validationAccuracy", 1, [0.5, 0.9, Number.NaN], "maximize"),
        stretch("trainLoss", 0, [5, 4, 3, 2, 1]),
        stretch("testAccuracy", 2, [0.8]),
      ],
      digests: [{ kind: "epoch", positions: [1, 2, 3], digests: [digest("a"), digest("b"), digest("c")] }],
    }),
  );
  await finishAttempt(db, ref, succeeded(2));
  const { summary } = (await getRun(db, ref.runId)) ?? {};
  expect(summary).toMatchObject({
    validationAccuracy: { selected: 0.9 },
    testAccuracy: { selected: 0.8 },
    trainLoss: { selected: null },
  });
});
