import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunRequest } from "@reprise/contracts";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { draws, streamKey } from "../arithmetic/streams.js";
import { buildTrainer } from "../program/build.js";
import { type FinishedRun, runBundled, startBundled } from "../test-support/run-bundled.js";
import { digestOf, eventsOf, ordersOf, rungOf, seriesOf } from "../test-support/run-events.js";
import { requestOf } from "../test-support/run-request.js";

// Each test starts processes; on a machine that is busy otherwise, they take several times as long.
vi.setConfig({ testTimeout: 240_000 });

const seed = Date.now() % 2 ** 31;
const random = draws(streamKey(seed, "init", null), 0);
const folder = mkdtempSync(join(tmpdir(), "reprise-resume-"));

beforeAll(async () => {
  console.log(`kill points: seed ${seed}`);
  await buildTrainer();
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const totalSteps = 30 * 8;
const parameters = { hiddenUnits: [8], epochs: 30, batchSize: 32, dropout: 0.1 };

let attempts = 0;
/** A request with a folder of its own, and checkpoints at odd places within epochs and at their ends. */
function ask(order: Parameters<typeof requestOf>[0], change: Partial<RunRequest> = {}): RunRequest {
  return requestOf(
    order,
    { ...parameters, ...change.parameters },
    {
      checkpointEverySteps: 5,
      ...change,
      parameters: { ...parameters, ...change.parameters },
      outputDirectory: join(folder, `attempt-${attempts++}`),
    },
  );
}

type Checkpoint = { path: string; step: number };
const lastCheckpoint = (run: FinishedRun): Checkpoint | undefined => eventsOf(run, "checkpoint").at(-1);

/** What an attempt reported up to its last checkpoint: what the server keeps when the next one goes on from there. */
function kept(run: FinishedRun): FinishedRun {
  const end = run.events.findLastIndex((event) => event.type === "checkpoint");
  return { ...run, events: run.events.slice(0, end + 1) };
}

/**
 * One attempt that is killed at a random moment after the first checkpoint from `target` on, or after it was resumed there;
 * it may be over before.
 */
async function attemptAndKill(request: RunRequest, target: number): Promise<FinishedRun> {
  let armed = true;
  const trainer = startBundled(`${JSON.stringify(request)}\n`, (event) => {
    const resumed = event.type === "log" && (request.resume?.step ?? 0) >= target;
    const passed = event.type === "checkpoint" && event.step >= target;
    if (!armed || !(resumed || passed)) return;
    armed = false;
    // Somewhere in the steps behind the checkpoint, in an evaluation, or while the next one is being written.
    const started = performance.now();
    const delay = random.uniform() * 4;
    while (performance.now() - started < delay);
    trainer.kill("SIGKILL");
  });
  return trainer.finished;
}

/** A run that is killed this often at places drawn from all its steps, each time resumed from its last checkpoint, and then left alone: one record of all. */
async function killedAndResumed(
  order: Parameters<typeof requestOf>[0],
  change: Partial<RunRequest>,
  kills: number,
): Promise<FinishedRun & { points: number[] }> {
  const records: FinishedRun[] = [];
  const points: number[] = [];
  const targets = Array.from({ length: kills }, () => random.below(0.9 * totalSteps)).toSorted(
    (a, b) => a - b,
  );
  let checkpoint: Checkpoint | undefined;
  for (;;) {
    const from = checkpoint?.step ?? 0;
    const resume = checkpoint ? { checkpointPath: checkpoint.path, step: checkpoint.step } : null;
    const request = ask(order, { ...change, resume, attempt: records.length + 1 });
    const target = targets[points.length];
    if (target === undefined) {
      const last = await runBundled(request);
      return { ...last, events: [...records, last].flatMap(({ events }) => events), points };
    }
    const run = await attemptAndKill(request, target);
    // Over before the signal came: it is thrown away, and done again from the same checkpoint.
    if (run.signal !== "SIGKILL") continue;
    points.push(lastCheckpoint(run)?.step ?? from);
    records.push(kept(run));
    checkpoint = lastCheckpoint(run) ?? checkpoint;
  }
}

/** Everything that a run's result consists of. */
function recordOf(run: FinishedRun) {
  const checkpoint = lastCheckpoint(run);
  const digests = eventsOf(run, "tensor-digests").filter(({ kind }) => kind === "step");
  return {
    digest: digestOf(run),
    rungs: ["dataOrder", "initialWeights", "step", "epoch", "finalWeights", "predictions"].map((kind) =>
      rungOf(run, kind),
    ),
    tensors: new Map(
      digests.flatMap(({ part, positions, digests }) =>
        positions.map((position, i) => [`${part} ${position}`, digests[i]]),
      ),
    ),
    series: ["trainLoss", "trainAccuracy", "validationLoss", "testAuc"].map((key) => seriesOf(run, key)),
    predictions: eventsOf(run, "predictions"),
    selectedEpoch: eventsOf(run, "done")[0]?.selectedEpoch,
    orders: ordersOf(run),
    // Weights, optimizer state, sums of the epoch, held scores, stream keys and position, reduction log.
    lastState: checkpoint && readFileSync(checkpoint.path).toString("hex"),
  };
}

const bestValidation: Partial<RunRequest> = {
  objective: { metric: "validationLoss", direction: "minimize" },
  selection: { epoch: "bestValidation" },
};

describe("a run that is killed again and again and resumed each time", () => {
  test.each([
    [
      "fixed order, Adam, best epoch by validation",
      "fixed",
      { ...bestValidation, parameters: { optimizer: "adam", amsgrad: true } },
      7,
    ],
    ["permuted order, SGD with momentum", "permuted", { parameters: { optimizer: "sgd", momentum: 0.9 } }, 7],
  ] as const)("%s: ends as the undisturbed one, in every bit", async (_name, order, change, kills) => {
    const whole = await runBundled(ask(order, change));
    const resumed = await killedAndResumed(order, change, kills);
    console.log(`killed after the checkpoints of steps ${resumed.points.join(", ")}`);
    expect(resumed.points).toHaveLength(kills);
    const expected = recordOf(whole);
    expect(expected.rungs[2]?.size).toBe(totalSteps);
    expect(lastCheckpoint(whole)?.step).toBe(235);
    expect(recordOf(resumed)).toEqual(expected);
  });

  test("free order: the order recorded over all attempts replays to its digest, on 1, 2 and 4 threads, and killed as well", async () => {
    const resumed = await killedAndResumed("free", {}, 7);
    console.log(`killed after the checkpoints of steps ${resumed.points.join(", ")}`);
    const order = ordersOf(resumed);
    expect(order).toHaveLength(totalSteps);
    const expected = { ...recordOf(resumed), orders: order };
    const replayOn = (threads: number) => ({ replay: { order }, resources: { threads, ranks: 1 } });
    for (const threads of [1, 2, 4])
      expect(recordOf(await runBundled(ask("free", replayOn(threads))))).toEqual(expected);
    expect(recordOf(await killedAndResumed("free", replayOn(2), 3))).toEqual(expected);
  });
});

test("a checkpoint that is damaged, or of another run, is refused with the reason", async () => {
  const request = ask("fixed", { checkpointEverySteps: 239 });
  const checkpoint = lastCheckpoint(await runBundled(request));
  if (!checkpoint) throw new Error("No checkpoint.");
  const damaged = join(folder, "damaged.safetensors");
  const bytes = readFileSync(checkpoint.path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(damaged, bytes);
  const resume = { checkpointPath: checkpoint.path, step: 239 };
  const refusals: [Partial<RunRequest>, RegExp][] = [
    [{ seed: 1 }, /belongs to another seed/],
    [{ parameters: { ...request.parameters, learningRate: 0.5 } }, /belongs to another configuration/],
    [{ parameters: { ...request.parameters, hiddenUnits: [9] } }, /another model: Tensor dense0\/weight/],
    [{ resume: { ...resume, step: 238 } }, /is of step 239, not 238/],
    [{ resume: { ...resume, checkpointPath: damaged } }, /is damaged/],
    [{ resume: { ...resume, checkpointPath: fileURLToPath(import.meta.url) } }, /is not a checkpoint/],
    [{ resume: { ...resume, checkpointPath: "/nowhere" } }, /cannot be read/],
  ];
  for (const [change, reason] of refusals) {
    const [error] = eventsOf(await runBundled({ ...request, resume, ...change }), "error");
    expect(error).toMatchObject({ kind: "user", message: expect.stringMatching(reason) });
  }
});
