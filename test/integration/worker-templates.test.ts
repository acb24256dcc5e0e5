import { fileURLToPath } from "node:url";
import { getRun, listWorkers, readLadder, readLogs, readMetrics, readPredictions } from "@reprise/database";
import { expect, onTestFinished, test } from "vitest";
import { startCollector, traceparentOf } from "../support/collector.js";
import { python, torchMissing } from "../support/python.js";
import { firstOf, workersOfFile } from "../support/worker-fixtures.js";

// Programs that know nothing of Reprise, as trainers by nothing but their command line in the worker's file.

const { db, dispatcher, worker, sweep, ended } = await workersOfFile();
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
