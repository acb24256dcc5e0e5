import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  getAttempts,
  getRun,
  listWorkers,
  readLadder,
  readLogs,
  readMetrics,
  readPredictions,
  recoverLostRuns,
} from "@reprise/database";
import { trainerCommand } from "@reprise/trainers";
import { expect, onTestFinished, test } from "vitest";
import { startCollector, traceparentOf } from "../support/collector.js";
import { python, torchMissing } from "../support/python.js";
import { firstOf, workersOfFile } from "../support/worker-fixtures.js";

// Programs that know nothing of Reprise, as trainers by nothing but their command line in the worker's file.

const { db, dispatcher, worker, workerProcess, sweep, until, ended } = await workersOfFile();
const missing = torchMissing();
const script = (name: string) => fileURLToPath(new URL(`../scripts/${name}`, import.meta.url));
const template = (name: string, words: string) => ({
  name,
  command: `"${python}" "${script(name)}" ${words}`,
});

test("a PyTorch script is trained, and observed from inside", async ({ skip }) => {
  if (missing) skip(missing);
  dispatcher();
  await worker({
    trainers: [
      { ...template("plain-torch.py", "--lr {learningRate} --steps {steps} --seed {seed}"), name: "plain" },
    ],
  });
  const [known] = await listWorkers(db);
  expect(known?.offers).toMatchObject([{ name: "plain", version: expect.stringMatching(/^[0-9a-f]{8}$/) }]);
  const study = { trainer: "plain", dataset: "made up" };
  const first = await sweep({ learningRate: 0.05, steps: 10 }, [3], study);
  const second = await sweep({ learningRate: 0.05, steps: 10 }, [3], study);
  expect(await ended(first.id)).toMatchObject({ status: "succeeded" });
  expect(await ended(second.id)).toMatchObject({ status: "succeeded" });
  const [one, two] = [await getRun(db, firstOf(first.runIds)), await getRun(db, firstOf(second.runIds))];
  expect(one).toMatchObject({
    effectiveParams: { learningRate: 0.05, steps: 10 },
    backendUsed: "cpu",
    departures: 0,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect([two?.digest, two?.environmentId]).toEqual([one?.digest, one?.environmentId]);
  const rungs = (await readLadder(db, firstOf(first.runIds)))?.rungs ?? [];
  expect(rungs.filter(({ kind }) => kind === "environment")).toMatchObject([{ digest: one?.environmentId }]);
  const told = one?.observed.filter(({ name }) => name.startsWith("args.")) ?? [];
  expect(told.map(({ name, last }) => [name, String(last)])).toEqual(
    expect.arrayContaining([
      ["args.lr", "0.05"],
      ["args.steps", "10"],
    ]),
  );
  const seed = one?.observed.find(({ name }) => name === "torch.initial_seed");
  expect(seed).toMatchObject({ observer: "reprise", departure: null });
  const metrics = await readMetrics(db, firstOf(first.runIds), { keys: ["loss"] });
  expect(metrics?.series.loss?.steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("a script that does not run as its arm asks is caught", async ({ skip }) => {
  if (missing) skip(missing);
  dispatcher();
  await worker({ trainers: [{ ...template("overriding-torch.py", "{unused}"), name: "overriding" }] });
  const { id, runIds } = await sweep({ unused: "x" }, [0], { trainer: "overriding", dataset: "made up" });
  expect(await ended(id)).toMatchObject({ status: "succeeded" });
  const run = await getRun(db, firstOf(runIds));
  expect(run?.observed.filter(({ departure }) => departure !== null).map(({ name }) => name)).toEqual(
    expect.arrayContaining(["torch.use_deterministic_algorithms", "torch.backends.cudnn.benchmark"]),
  );
  expect(run?.disclosures.join()).toContain("does not read its command line with argparse");
});

/** What is recorded of a training: its digests, and its series. */
async function recorded(runId: string) {
  const ladder = (await readLadder(db, runId))?.rungs ?? [];
  const { series = {} } = (await readMetrics(db, runId, {})) ?? {};
  return {
    digest: (await getRun(db, runId))?.digest,
    // Which steps have digests is a matter of time.
    rungs: ladder
      .filter(({ kind }) => kind !== "step")
      .map(({ kind, position, digest }) => [kind, position, isOfTraining(kind) && digest]),
    series: Object.entries(series).map(([key, { steps, values }]) => ({ key, steps, values })),
  };
}

/** What interrupts a run is a hyperparameter of it, and workers have environments of their own. */
const isOfTraining = (kind: string) => kind !== "configuration" && kind !== "environment";

/** The first line of an attempt's log. */
const noteOf = async (runId: string, attempt: number) =>
  (await readLogs(db, runId, { attempt, after: -1, limit: 1 }))?.items[0]?.text;

test("a script with run.state goes on from its checkpoint, whatever has ended it, as if nothing had", async ({
  skip,
}) => {
  if (missing) skip(missing);
  dispatcher();
  const resumed = trainerCommand.parse({
    ...template("resumed-torch.py", "--third {third} --seed {seed}"),
    name: "resumed",
  });
  const study = { trainer: "resumed", dataset: "made up", checkpointEveryEpochs: 1 };
  const begun = (third: string) => sweep({ third }, [3], study);
  /** Its third epoch has begun, and waits: what comes then ends the attempt. */
  const waits = async (runId: string) => {
    await until(async () => (await db.prisma.checkpoint.count({ where: { runId } })) === 2);
    return runId;
  };

  const first = await worker({ trainers: [resumed] });
  const whole = await begun("trains");
  const killed = await begun("is killed");
  await ended(whole.id);
  await ended(killed.id);

  const released = await begun("waits");
  await waits(firstOf(released.runIds));
  await first.stop();

  const doomed = await workerProcess(resumed);
  await ended(released.id);
  const lost = await begun("waits");
  const lostRun = await waits(firstOf(lost.runIds));
  process.kill(doomed.child.pid ?? 0, "SIGKILL");
  await once(doomed.child, "exit");
  expect(await recoverLostRuns(db, new Date(Date.now() + 60_000))).toEqual([
    { runId: lostRun, requeued: true },
  ]);
  await worker({ name: "rescuer", trainers: [resumed] });
  await ended(lost.id);

  const expected = await recorded(firstOf(whole.runIds));
  expect(expected.rungs.filter(([kind]) => kind === "dataOrder")).toHaveLength(4);
  expect(expected.series.find(({ key }) => key === "loss")?.steps).toHaveLength(12);
  for (const [runIds, why] of [
    [killed.runIds, "failed"],
    [released.runIds, "lost"],
    [lost.runIds, "lost"],
  ] as const) {
    const runId = firstOf(runIds);
    expect(await getRun(db, runId)).toMatchObject({ status: "succeeded", attempt: 2, gaps: [] });
    expect(await getAttempts(db, runId)).toMatchObject([{ status: why }, { status: "succeeded" }]);
    expect(await noteOf(runId, 2)).toMatch(/, resumed at step 6\.$/);
    expect(await recorded(runId)).toEqual(expected);
  }
});

test("a script without run.state begins anew after it was killed, and its log says so", async () => {
  dispatcher();
  const folder = mkdtempSync(join(tmpdir(), "reprise-killed-once-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await worker({ trainers: [{ ...template("killed-once.py", "--mark {mark}"), name: "stateless" }] });
  const study = { trainer: "stateless", dataset: "made up", checkpointEveryEpochs: 1 };
  const { id, runIds } = await sweep({ mark: join(folder, "mark") }, [0], study);
  expect(await ended(id)).toMatchObject({ status: "succeeded" });
  const runId = firstOf(runIds);
  expect(await getAttempts(db, runId)).toMatchObject([{ status: "failed" }, { status: "succeeded" }]);
  expect(await noteOf(runId, 1)).not.toContain("from the beginning");
  expect(await noteOf(runId, 2)).toMatch(/, from the beginning\.$/);
  const metrics = await readMetrics(db, runId, { keys: ["trainLoss"] });
  expect(metrics?.series.trainLoss?.steps).toEqual([1, 2, 3, 4, 5]);
});

test("what a script reports by itself has the classes that it names", async () => {
  dispatcher();
  await worker({
    trainers: [{ ...template("plain-argparse.py", "--epochs {epochs} --seed {seed}"), name: "own" }],
  });
  const { id, runIds } = await sweep({ epochs: 5 }, [0], { trainer: "own", dataset: "made up" });
  expect(await ended(id)).toMatchObject({ status: "succeeded" });
  const run = await getRun(db, firstOf(runIds));
  expect(run?.summary.trainLoss).toMatchObject({ count: 5 });
  const predictions = await readPredictions(db, firstOf(runIds));
  expect(predictions).toMatchObject([{ split: "test", classes: ["low", "high"], positiveClass: 1 }]);
  expect(predictions?.[0]?.ids).toHaveLength(40);
});

test("a crash is told by its exception, and its last lines begin in the script", async () => {
  dispatcher();
  await worker({ trainers: [{ ...template("crashing.py", "{x}"), name: "crashing", describe: false }] });
  const { id, runIds } = await sweep({ x: 1 }, [0], { trainer: "crashing", dataset: "made up" });
  expect(await ended(id)).toMatchObject({ status: "failed" });
  const { error } = (await getRun(db, firstOf(runIds))) ?? {};
  expect(error).toMatchObject({ kind: "user", message: "KeyError: 'label'" });
  expect(error?.lastLines?.[1]).toContain('crashing.py", line 8');
});

test("one that cannot be described is left out with its last words", async () => {
  const named = await worker({
    name: "other",
    trainers: [{ ...template("crashing.py", "{x}"), name: "crashing" }],
  });
  const known = (await listWorkers(db)).find(({ id }) => id === named.id);
  expect(known).toMatchObject({
    offers: [],
    leftOut: [{ name: "crashing", reason: "did not describe itself: it ended with exit code 1" }],
  });
  expect(known?.leftOut[0]?.lastLines.at(-1)).toBe("KeyError: 'label'");
});

test("a program is told by TRACEPARENT of the trace that its run belongs to", async () => {
  const collector = await startCollector();
  onTestFinished(() => collector.close());
  dispatcher();
  await worker({ trainers: [{ name: "shell", command: `/bin/sh "${script("traceparent.sh")}" {x}` }] });
  const { id, runIds } = await sweep({ x: 1 }, [0], { trainer: "shell", dataset: "made up" });
  expect(await ended(id)).toMatchObject({ status: "succeeded" });
  const trainer = await collector.until(({ name }) => name === "trainer shell");
  const logs = await readLogs(db, firstOf(runIds), { after: -1, limit: 100 });
  expect(logs?.items.map(({ text }) => text)).toContain(`TRACEPARENT=${traceparentOf(trainer)}`);
});
