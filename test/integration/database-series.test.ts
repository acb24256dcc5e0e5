import { encodeNumber } from "@reprise/contracts";
import {
  claimRun,
  countLadders,
  finishAttempt,
  getEnvironment,
  getRun,
  LeaseLostError,
  readEmbeddings,
  readLadder,
  readLogs,
  readMetrics,
  readMetricsOfRuns,
  readPredictions,
  readPredictionsOfRuns,
  readProbes,
  readReductionOrder,
  recordCheckpoint,
  recordEnvironment,
  recordHello,
  recordPredictions,
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
  await writeBatch(db, first, part(0, 1, 0.6));
  await writeBatch(db, first, part(1, 2, 0.7));
  await recordCheckpoint(db, first, { path: "sha256/abc", step: 200, epoch: 2 });
  await recordCheckpoint(db, first, { path: "sha256/abc", step: 200, epoch: 2 });
  await writeBatch(db, first, part(2, 3, 0.99));
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

test("predictions, also undefined ones, come back as they were written; a second writing replaces the first", async () => {
  const ref = await newAttempt();
  const predictions = {
    split: "test" as const,
    epoch: 3,
    classes: ["benign", "malignant"],
    positiveClass: 1,
    threshold: 0.5,
    ids: ["case 1", 'case "2", {3}', "\\4"],
    labels: [0, 1, 1],
    scores: [
      [0.25, 0.75],
      ["NaN" as const, "Infinity" as const],
      [1, 0],
    ],
  };
  await recordPredictions(db, ref, { ...predictions, epoch: 1 });
  await recordPredictions(db, ref, predictions);
  expect(await readPredictions(db, ref.runId)).toEqual([predictions]);
  expect(await readPredictionsOfRuns(db, [ref.runId], "test")).toEqual(new Map([[ref.runId, predictions]]));
  expect(await readPredictionsOfRuns(db, [ref.runId], "validation")).toEqual(new Map());
});

test("log lines are paged by their position", async () => {
  const ref = await newAttempt();
  const at = new Date("2026-01-01T00:00:00.000Z");
  const lines = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      stream: "stderr" as const,
      at,
      text: `line ${from + index}\0`,
    }));
  await writeBatch(db, ref, batchOf(0, { logs: lines(0, 3) }));
  await writeBatch(db, ref, batchOf(1, { logs: lines(3, 4) }));
  const first = await readLogs(db, ref.runId, { after: -1, limit: 5 });
  expect(first).toMatchObject({ nextCursor: "4" });
  expect(first?.items.map((line) => line.line)).toEqual([0, 1, 2, 3, 4]);
  const second = await readLogs(db, ref.runId, { after: Number(first?.nextCursor), limit: 5 });
  expect(second).toEqual({
    items: [5, 6].map((line) => ({
      attempt: 1,
      line,
      stream: "stderr",
      at: at.toISOString(),
      text: `line ${line}\uFFFD`,
    })),
    nextCursor: null,
  });
});

test("what a trainer says at its start is kept; an environment is kept once, under its digest", async () => {
  const ref = await newAttempt();
  await recordHello(db, ref, {
    effectiveParams: { optimizer: "adam", epsilon: 1e-8, layers: [8, "x"], note: "\0" },
    disclosures: ["Two threads"],
    backendUsed: "wasm",
    backendRequested: "auto",
  });
  const values = { "cpu.model": "X", "cpu.cores": 2, gpu: null, tf32: false };
  const id = await recordEnvironment(db, ref, values);
  const other = await newAttempt();
  expect(
    await recordEnvironment(db, other, { tf32: false, gpu: null, "cpu.cores": 2, "cpu.model": "X" }),
  ).toBe(id);
  expect(await getEnvironment(db, id)).toMatchObject({ id, values });
  expect(await getRun(db, ref.runId)).toMatchObject({
    environmentId: id,
    backendUsed: "wasm",
    disclosures: ["Two threads"],
    effectiveParams: { layers: [8, "x"], epsilon: 1e-8, note: "\uFFFD" },
  });
});

test("nothing is written for an attempt with a wrong token", async () => {
  const ref = { ...(await newAttempt()), token: "018f0000-0000-7000-8000-00000000ffff" };
  const split = { split: "test" as const, epoch: 1, classes: [], positiveClass: null, threshold: null };
  const writes = [
    () =>
      recordHello(db, ref, { effectiveParams: {}, disclosures: [], backendUsed: "", backendRequested: "" }),
    () => recordEnvironment(db, ref, { a: 1 }),
    () => recordPredictions(db, ref, { ...split, ids: [], labels: [], scores: [] }),
    () => recordCheckpoint(db, ref, { path: "x", step: 1, epoch: 1 }),
    () => writeBatch(db, ref, batchOf(0)),
    () => finishAttempt(db, ref, succeeded()),
  ];
  for (const write of writes) await expect(write()).rejects.toThrow(LeaseLostError);
});

test("reading a run that does not exist gives null", async () => {
  const nowhere = "018f0000-0000-7000-8000-00000000eeee";
  expect(await readMetrics(db, nowhere, {})).toBeNull();
  expect(await readLogs(db, nowhere, { after: -1, limit: 1 })).toBeNull();
  expect(await readLadder(db, nowhere)).toBeNull();
  expect(await readPredictions(db, nowhere)).toBeNull();
  expect(await readReductionOrder(db, nowhere)).toBeNull();
});

test("activations of fixed cases come back as rows; of too many, evenly spaced epochs with the last", async () => {
  const ref = await newAttempt();
  const probe = (epoch: number) => ({
    of: "probe" as const,
    epoch,
    shape: [2, 3] as [number, number],
    vector: [1, 2, 3, 4, 5, epoch],
  });
  const weights = { of: "lastLayerWeights" as const, epoch: 1, vector: [7] };
  await writeBatch(db, ref, batchOf(0, { embeddings: [weights, ...[1, 2, 3, 4, 5].map(probe)] }));
  const rows = (epoch: number) => [
    [1, 2, 3],
    [4, 5, epoch],
  ];
  expect(await readProbes(db, [ref.runId])).toEqual({
    probes: new Map([[ref.runId, { epochs: [1, 2, 3, 4, 5], activations: [1, 2, 3, 4, 5].map(rows) }]]),
    leftOut: 0,
  });
  const thinned = await readProbes(db, [ref.runId], 18);
  expect(thinned.probes.get(ref.runId)?.epochs).toEqual([1, 3, 5]);
  expect(thinned.leftOut).toBe(2);
  expect((await readEmbeddings(db, [ref.runId])).get(ref.runId)).toEqual({ epochs: [1], vectors: [[7]] });
});

test("steps and epochs of a ladder are counted where it has them all, also when some were sent twice", async () => {
  const laddered = async (step: number[], epoch: number[]) => {
    const ref = await newAttempt();
    const rungs = (kind: "step" | "epoch", positions: number[]) => ({
      kind,
      positions,
      digests: positions.map(() => digest("a")),
    });
    for (const batch of [0, 1])
      await writeBatch(db, ref, batchOf(batch, { digests: [rungs("step", step), rungs("epoch", epoch)] }));
    return ref.runId;
  };
  const ids = await Promise.all([
    laddered([0, 1, 2, 3, 4, 5], [1, 2]),
    laddered([0, 2, 4], [1, 2]),
    laddered([4, 5], [2]),
    newRun(),
  ]);
  const counts = await countLadders(db, ids);
  expect(ids.map((id) => counts.get(id))).toEqual([
    { steps: 6, epochs: 2 },
    { steps: null, epochs: 2 },
    { steps: null, epochs: null },
    undefined,
  ]);
});
