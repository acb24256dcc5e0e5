import {
  countLadders,
  finishAttempt,
  firstPredictions,
  getEnvironment,
  getRun,
  LeaseLostError,
  readEmbeddings,
  readLadder,
  readLogs,
  readMetrics,
  readPredictions,
  readProbes,
  readQuestionPredictions,
  readReductionOrder,
  readRunEvidence,
  recordCheckpoint,
  recordEnvironment,
  recordHello,
  recordPredictions,
  writeBatch,
} from "@reprise/database";
import { expect, test } from "vitest";
import {
  batchOf,
  claim,
  databaseOfFile,
  firstRun,
  newSweep,
  succeeded,
} from "../support/database-fixtures.js";

const db = await databaseOfFile();

const newRun = async () => firstRun(db, (await newSweep(db, 1)).id);
const newAttempt = async () => claim(db, await newRun());
const digest = (letter: string) => letter.repeat(64);

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
  const test = await readQuestionPredictions(db, [ref.runId], "test");
  expect(test).toEqual(new Map([["", new Map([[ref.runId, predictions]])]]));
  expect(firstPredictions(test)).toEqual(new Map([[ref.runId, predictions]]));
  expect(await readQuestionPredictions(db, [ref.runId], "validation")).toEqual(new Map());
});

test("predictions of runs that should be equal have one digest whatever the order of their cases, and another for another score", async () => {
  const runs = await Promise.all(["as it is", "another order", "another score"].map(() => newAttempt()));
  const [ids, labels, scores] = [
    ["case 1", 'case "2"', "case 3"],
    [0, 1, 1],
    [
      [0.25, 0.75],
      [0, 1],
      [0.5, "NaN" as const],
    ],
  ];
  const ordered = (order: readonly number[], changed: Partial<Record<number, number[]>> = {}) => ({
    ...{ split: "test" as const, epoch: 1, classes: ["a", "b"], positiveClass: 1, threshold: 0.5 },
    ids: order.map((at) => ids[at] ?? ""),
    labels: order.map((at) => labels[at] ?? 0),
    scores: order.map((at) => changed[at] ?? scores[at] ?? []),
  });
  for (const [at, ref] of runs.entries())
    await recordPredictions(
      db,
      ref,
      [ordered([0, 1, 2]), ordered([2, 0, 1]), ordered([0, 1, 2], { 1: [0, 0.5] })][at] ?? ordered([]),
    );
  const of = runs.map(({ runId }) => runId);
  const evidence = await readRunEvidence(db, of, [of]);
  const [first, second, third] = of.map((id) => evidence.get(id)?.predictions.test);
  expect(first).toEqual({ cases: 3, digest: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(second).toEqual(first);
  expect(third?.digest).not.toBe(first?.digest);
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
    removedAt: null,
  });
});

test("of a log that a program sends without end the beginning and the end are kept, with how many lines are not", async () => {
  const ref = await newAttempt();
  // With what a line costs, 10,000 characters: 1,677 of them are 16 MiB, 105 one.
  const send = (from: number, count: number) => {
    const logs = Array.from({ length: count }, (_, index) => ({
      ...{ stream: "stdout" as const, at: new Date(0) },
      text: `${from + index} `.padEnd(9_950, "."),
    }));
    return writeBatch(db, ref, { ...batchOf(0, { logs }), batch: "next" });
  };
  /** Numbers of lines, as they were sent and as they are kept. */
  const kept = async (after = -1) => {
    const found = await readLogs(db, ref.runId, { after, limit: 5_000 });
    const lines = found?.items ?? [];
    const remarks = lines.filter(({ stream }) => stream === "worker");
    const [remark] = remarks;
    const sent = lines.flatMap(({ stream, line, text }) => {
      if (stream === "worker") return [];
      const number = Number.parseInt(text, 10);
      expect(line).toBe(remark && line > remark.line ? number + 1 : number);
      return [number];
    });
    return {
      remark,
      head: sent.filter((number) => number < 1_677),
      end: sent.filter((number) => number >= 1_677),
    };
  };
  const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

  for (let from = 0; from < 1_600; from += 200) await send(from, 200);
  expect(await kept()).toEqual({ remark: undefined, head: upTo(0, 1_600), end: [] });
  await send(1_600, 100);
  const begun = await kept();
  expect(begun.head).toEqual(upTo(0, 1_677));
  expect(begun.end).toEqual(upTo(1_677, 1_700));
  expect(begun.remark).toMatchObject({
    line: 1_677,
    text: "The log is long: from here on its last lines are kept.",
  });
  // Reports of a few lines, of many, and one that is longer than all that is kept of an end.
  let sent = 1_700;
  for (const count of [...Array.from({ length: 60 }, () => 10), 250, 40, 40, 40, 600, 1]) {
    await send(sent, count);
    sent += count;
    const { end } = await kept(1_676);
    const [first = 0] = end;
    expect(end).toEqual(upTo(first, sent));
    if (first > 1_677) expect(end.length).toBeGreaterThanOrEqual(105);
    expect(end.length).toBeLessThan(105 * 3 + 40);
  }
  const { remark, head, end } = await kept();
  expect(head).toHaveLength(1_677);
  expect(remark?.text).toBe(
    `The log is long: from here on its last lines are kept. ${(end[0] ?? 0) - 1_677} lines were left out here.`,
  );
  expect((end[0] ?? 0) - 1_677).toBeGreaterThan(1_000);
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
    leftOut: [],
  });
  const thinned = await readProbes(db, [ref.runId], 18);
  expect(thinned.probes.get(ref.runId)?.epochs).toEqual([1, 3, 5]);
  expect(thinned.leftOut).toEqual([2, 4]);
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
