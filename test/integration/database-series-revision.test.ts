import {
  analysisRevision,
  finishAttempt,
  getRun,
  reviseSeries,
  seriesRevision,
  writeBatch,
} from "@reprise/database";
import { expect, test } from "vitest";
import {
  batchOf,
  claim,
  databaseOfFile,
  newSweep,
  runIds,
  stretch,
  succeeded,
} from "../support/database-fixtures.js";
import { leaveAsReported } from "../support/former-summaries.js";

const db = await databaseOfFile();

async function revised(): Promise<void> {
  for (;;) if ((await reviseSeries(db)) === "finished") return;
}

const summaryOf = async (runId = "") => (await getRun(db, runId))?.summary.validationAccuracy;

/** A study whose runs report values at the given steps, as an earlier version left it. */
async function formerStudy(reports: readonly (readonly (readonly [step: number, value: number])[])[]) {
  const { id: sweepId } = await newSweep(db, reports.length);
  const ids = await runIds(db, sweepId);
  for (const [index, points] of reports.entries()) {
    const ref = await claim(db, ids[index] ?? "");
    const values = points.map(([, value]) => value);
    const steps = points.map(([step]) => step);
    await writeBatch(
      db,
      ref,
      batchOf(0, {
        metrics: [{ ...stretch("validationAccuracy", 0, values, "maximize"), steps }],
        digests: [
          { kind: "epoch", positions: [1, 2, 3], digests: ["a".repeat(64), "b".repeat(64), "c".repeat(64)] },
        ],
      }),
    );
    await finishAttempt(db, ref, succeeded(2));
    await leaveAsReported(db, ref.runId);
  }
  return { sweepId, ids };
}

const forwards = [
  [1, 0.1],
  [2, 0.5],
  [3, 0.9],
] as const;
const backwards = forwards.toReversed();
const resumed = [[1, 0.1], [2, 0.95], [3, 0.4], ...forwards.slice(1)] as const;

test("after an upgrade summaries are made anew where reports came in another order, selected values included", async () => {
  const { sweepId, ids } = await formerStudy([forwards, backwards, resumed]);
  expect(await summaryOf(ids[1])).toMatchObject({ first: 0.9, last: 0.1, selected: 0.1 });
  expect(await summaryOf(ids[2])).toMatchObject({ count: 5, best: 0.95, superseded: 0 });
  expect(await seriesRevision(db)).toMatchObject({ done: 0, startedAt: null, finishedAt: null });
  const before = await analysisRevision(db, sweepId);
  await revised();
  const right = { count: 3, first: 0.1, last: 0.9, best: 0.9, bestStep: 3, selected: 0.5 };
  expect(await summaryOf(ids[1])).toMatchObject({ ...right, superseded: 0 });
  expect(await summaryOf(ids[2])).toMatchObject({ ...right, superseded: 2 });
  const { done, total, changed, finishedAt } = await seriesRevision(db);
  expect(done).toBe(total);
  expect(changed).toBe(2);
  expect(finishedAt).not.toBeNull();
  expect(await analysisRevision(db, sweepId)).not.toBe(before);
});

test("runs that reported in order are not touched, and keep the analyses of their study", async () => {
  const { sweepId } = await formerStudy([forwards]);
  const before = await analysisRevision(db, sweepId);
  await revised();
  expect(await analysisRevision(db, sweepId)).toBe(before);
  expect((await seriesRevision(db)).finishedAt).not.toBeNull();
});

test("it goes on where it was broken off, and two processes at once do every run once", async () => {
  const { ids } = await formerStudy(Array.from({ length: 12 }, () => backwards));
  const ends = new Set<string>();
  const process = async () => {
    for (;;) {
      const state = await reviseSeries(db);
      ends.add(state);
      if (state === "finished") return;
    }
  };
  await Promise.all([process(), process(), process()]);
  const { done, total, changed } = await seriesRevision(db);
  // Two more stand from the first test: they are made anew as often as somebody begins from the start.
  expect({ done, changed }).toEqual({ done: total, changed: 14 });
  for (const id of ids) expect(await summaryOf(id)).toMatchObject({ last: 0.9 });
});

test("a run that goes on meanwhile ends with the right summary, whoever is first", async () => {
  const { id: sweepId } = await newSweep(db, 1);
  const [id = ""] = await runIds(db, sweepId);
  const ref = await claim(db, id);
  const report = (batch: number, step: number, value: number) =>
    writeBatch(
      db,
      ref,
      batchOf(batch, { metrics: [{ ...stretch("validationAccuracy", step, [value], "maximize") }] }),
    );
  await report(0, 5, 0.9);
  await report(1, 1, 0.1);
  await leaveAsReported(db, id);
  await report(2, 3, 0.3);
  await revised();
  await report(3, 4, 0.4);
  expect(await summaryOf(id)).toMatchObject({ count: 4, first: 0.1, last: 0.9, best: 0.9, bestStep: 5 });
  await report(4, 6, 0.6);
  expect(await summaryOf(id)).toMatchObject({ count: 5, last: 0.6 });
});
