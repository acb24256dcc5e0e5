import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  decodeTensorFile,
  floatsOf,
  type LadderRung,
  type RunRequest,
  sweepSpec,
  type TrainerEvent,
} from "@reprise/contracts";
import {
  type DivergenceEvidence,
  expandSweep,
  firstDivergence,
  type Judgement,
  judgeReplica,
  type ReplicaComparison,
  type ReplicaSide,
} from "@reprise/study";
import { buildTrainer } from "@reprise/tfjs-trainer";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endedRun } from "../../packages/study/src/test-support/runs-fixture.js";
import { bundle } from "../../packages/tfjs-trainer/src/program/build.js";
import { runBundled } from "../../packages/tfjs-trainer/src/test-support/run-bundled.js";
import { eventsOf } from "../../packages/tfjs-trainer/src/test-support/run-events.js";
import { requestOf } from "../../packages/tfjs-trainer/src/test-support/run-request.js";
import { plantedFaults, plantedFaultsSeed } from "./how-many.js";
import type { Fault } from "./planted/fault.js";
import type { PlantedRun, Planting } from "./planted/runs.js";

// Faults are planted beside the built-in trainer's own modules, which know nothing of them: the bundle of this test has a
// few files of `planted/` in place of the trainer's, and everything else as it is. All runs share one process.

/** Every fifth of the hundred faults, drawn anew each time; all of them with `npx pnpm faults --planted`. */
const every = process.env[plantedFaults] === "all" ? 1 : 5;
/** Printed, so that what failed can be drawn again. */
const seed = Number(process.env[plantedFaultsSeed] ?? Date.now() % 2 ** 31);
const folder = mkdtempSync(join(tmpdir(), "reprise-planted-"));
const sources = fileURLToPath(new URL("../../packages/tfjs-trainer/src/", import.meta.url));
const plantedSources = fileURLToPath(new URL("./planted/", import.meta.url));

/** In place of a module of the trainer, that of the same name which plants a fault. */
const plantFaults: NonNullable<NonNullable<Parameters<typeof bundle>[2]>["plugins"]>[number] = {
  name: "plant-faults",
  setup({ onResolve }) {
    onResolve({ filter: /\/(environment|layout|optimizers|reduction|streams)\.js$/ }, ({ path, importer }) =>
      importer.startsWith(plantedSources) || !importer.startsWith(sources)
        ? undefined
        : { path: join(plantedSources, path.replace(/^.*\/(.*)\.js$/, "$1.ts")) },
    );
  },
};

type Trainer = { train(planting: Planting): Promise<PlantedRun>; end(): void };
let trainer: Trainer;
let built: string;

function startTrainer(): Trainer {
  const child = spawn(process.execPath, [join(folder, "runs.js")], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async train(planting) {
      child.stdin.write(`${JSON.stringify(planting)}\n`);
      const line = await lines.next();
      if (line.done) throw new Error("The process with the planted faults has ended.");
      return JSON.parse(line.value);
    },
    end: () => child.stdin.end(),
  };
}

beforeAll(async () => {
  console.log(
    `planted faults: ${planted(100)} of 100, seed ${seed} (${plantedFaultsSeed}=${seed} draws them again)`,
  );
  built = (await buildTrainer()).folder;
  await bundle(["../../test/faults/planted/runs.ts", "../../test/faults/planted/helper.ts"], folder, {
    plugins: [plantFaults],
  });
  trainer = startTrainer();
}, 180_000);
afterAll(() => {
  trainer?.end();
  rmSync(folder, { recursive: true, force: true });
});

const epochs = 3;
const stepsPerEpoch = 8;
const steps = epochs * stepsPerEpoch;
const models: RunRequest["parameters"][] = [
  { hiddenUnits: [8, 8], dropout: 0.2, optimizer: "adam", learningRate: 0.01 },
  { hiddenUnits: [8], batchNorm: false, dropout: 0.2, optimizer: "sgd", momentum: 0.9, learningRate: 0.05 },
];

let runs = 0;
async function train(model: number, fault: Fault, threads = 1): Promise<PlantedRun & { weights: string }> {
  const outputDirectory = join(folder, `run-${runs++}`);
  const parameters = { ...models[model], epochs, batchSize: 32 };
  const request = requestOf("fixed", parameters, {
    outputDirectory,
    keepWeights: "auto",
    resources: { threads, ranks: 1 },
  });
  const run = await trainer.train({ request, fault, folder: built });
  const weights = eventsOf(run, "artifact")[0]?.path;
  if (weights === undefined) throw new Error("The run kept no weights.");
  return { ...run, weights };
}
type Trained = Awaited<ReturnType<typeof train>>;

const sourceRuns = new Map<number, Promise<Trained>>();
function sourceOf(model: number): Promise<Trained> {
  const source = sourceRuns.get(model) ?? train(model, { kind: "none" });
  sourceRuns.set(model, source);
  return source;
}

const rungsOf = (events: readonly TrainerEvent[]): LadderRung[] =>
  eventsOf({ events: [...events] }, "digest").flatMap(({ kind, positions, digests, algorithm }) =>
    positions.map((position, i) => ({ kind, position, digest: digests[i] ?? "", algorithm })),
  );
const weightsOf = ({ weights }: Trained) =>
  new Map(decodeTensorFile(readFileSync(weights)).tensors.map((tensor) => [tensor.name, floatsOf(tensor)]));

/** Compares as the server does, from what the trainer reported. */
function verify(source: Trained, replica: Trained): Judgement {
  const spec = sweepSpec.parse({ name: "planted", dataset: "wdbc" });
  const side = ({ events }: Trained): ReplicaSide => {
    const [planned] = expandSweep(spec);
    if (!planned) throw new Error("The plan has no run.");
    const environment = eventsOf({ events }, "environment")[0]?.values ?? {};
    return { run: endedRun(planned, { metrics: {} }), rungs: rungsOf(events), environment };
  };
  const comparison: ReplicaComparison = {
    kind: "verify",
    source: side(source),
    replica: side(replica),
    plan: null,
    runs: [],
  };
  const place = firstDivergence(comparison);
  if (!place) return judgeReplica(comparison);
  const evidence: DivergenceEvidence = {
    source: eventsOf(source, "tensor-digests").filter(({ kind }) => kind === place.kind),
    replica: eventsOf(replica, "tensor-digests").filter(({ kind }) => kind === place.kind),
    weights: {
      stored: "finalWeights",
      step: steps,
      epoch: epochs,
      source: weightsOf(source),
      replica: weightsOf(replica),
    },
  };
  return judgeReplica({ ...comparison, evidence });
}

const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const step = fc.integer({ min: 0, max: steps - 1 });
const model = fc.integer({ min: 0, max: models.length - 1 });
const place = { tensorAt: fraction, elementAt: fraction };
const flip = fc.record({ step, ...place, bit: fc.integer({ min: 0, max: 31 }) });
/** How many of a kind are planted, of those that the hundred hold. */
const planted = (ofHundred: number) => ofHundred / every;
const drawn = <T>(arbitrary: fc.Arbitrary<T>, count: number) =>
  fc.sample(arbitrary, { numRuns: count, seed });

describe(`planted faults are found where they are: ${planted(100)} of 100`, () => {
  test("the process that faults are planted in trains as the trainer does, on one thread and on two", async () => {
    const parameters = { ...models[0], epochs, batchSize: 32 };
    const product = await runBundled(
      requestOf("fixed", parameters, { outputDirectory: join(folder, "product") }),
    );
    const alone = await sourceOf(0);
    // By place: events are sent in stretches, whose length is a matter of time.
    const numeric = ({ events }: { events: readonly TrainerEvent[] }) =>
      new Map(
        rungsOf(events)
          .filter(({ kind }) => kind !== "environment" && kind !== "configuration")
          .map(({ kind, position, digest }) => [`${kind} ${position}`, digest]),
      );
    expect(numeric(product).size).toBeGreaterThan(steps);
    expect(numeric(alone)).toEqual(numeric(product));
    expect(verify(alone, await train(0, { kind: "none" }, 2)).verdict).toBe("bit-identical");
  });

  test(`an unseeded draw: in ${planted(15)} initial values, ${planted(5)} data orders and ${planted(10)} dropout masks`, async () => {
    for (const [at, where] of drawn(fc.tuple(model, fc.record(place)), planted(15))) {
      const replica = await train(at, { kind: "unseeded-init", ...where });
      expect(verify(await sourceOf(at), replica), JSON.stringify(where)).toMatchObject({
        verdict: "different",
        firstDivergence: {
          kind: "initialWeights",
          position: 0,
          part: "weights",
          tensors: replica.planted?.tensors,
          measured: { stored: "finalWeights", step: steps },
        },
      });
    }
    for (const [at, epoch] of drawn(fc.tuple(model, fc.integer({ min: 0, max: epochs - 1 })), planted(5))) {
      const judged = verify(await sourceOf(at), await train(at, { kind: "unseeded-order", epoch }));
      expect(judged.firstDivergence).toMatchObject({ kind: "dataOrder", position: epoch + 1, tensors: [] });
    }
    for (const [at, when] of drawn(fc.tuple(model, step), planted(10))) {
      const source = await sourceOf(at);
      const judged = verify(source, await train(at, { kind: "unseeded-dropout", step: when }));
      // A mask reaches every weight: those before it through the backward pass.
      const [gradient] = eventsOf(source, "tensor-digests").filter(({ part }) => part === "gradient");
      expect(judged.firstDivergence).toMatchObject({
        kind: "step",
        position: when,
        epoch: Math.floor(when / stepsPerEpoch) + 1,
        lossDiffers: true,
        part: "gradient",
        tensors: gradient?.names,
      });
    }
  });

  test(`${planted(30)} sums in order of arrival in runs that claim a fixed order; where arrival changed no bit, nothing is found`, async () => {
    let found = 0;
    for (const [at, fromStep] of drawn(fc.tuple(model, fc.integer({ min: 0, max: stepsPerEpoch })), 200)) {
      const replica = await train(at, { kind: "arrival-order", fromStep }, 2);
      const judged = verify(await sourceOf(at), replica);
      if (replica.planted === null) {
        expect(judged.verdict).toBe("bit-identical");
        continue;
      }
      expect(judged.firstDivergence, `from step ${fromStep}`).toMatchObject({
        kind: "step",
        position: replica.planted.step,
        part: replica.planted.tensors.length > 0 ? "gradient" : "loss",
        tensors: replica.planted.tensors,
      });
      found += 1;
      if (found === planted(30)) break;
    }
    expect(found).toBe(planted(30));
  });

  test(`${planted(30)} flipped bits, in any tensor, after any step`, async () => {
    for (const [at, where] of drawn(fc.tuple(model, flip), planted(30))) {
      const replica = await train(at, { kind: "flipped-bit", ...where });
      expect(verify(await sourceOf(at), replica).firstDivergence, JSON.stringify(where)).toMatchObject({
        kind: "step",
        position: where.step,
        lossDiffers: false,
        part: "weights",
        tensors: replica.planted?.tensors,
        tensorsAt: where.step,
      });
    }
  });

  test("a bit that flips after the last step is measured to the ulp", async () => {
    const where = { step: steps - 1, tensorAt: 0.3, elementAt: 0.5, bit: 7 };
    const replica = await train(0, { kind: "flipped-bit", ...where });
    const { firstDivergence: found } = verify(await sourceOf(0), replica);
    const [tensor] = replica.planted?.tensors ?? [];
    expect(found).toMatchObject({
      maxUlp: 2 ** 7,
      measured: { tensors: [{ tensor, differing: 1, maxUlp: 2 ** 7 }] },
    });
  });

  test(`${planted(10)} changed package versions: suspects beside a divergence, and never a verdict of their own`, async () => {
    for (const where of drawn(flip, planted(5))) {
      const harmless = verify(await sourceOf(0), await train(0, { kind: "other-version", flip: null }));
      expect(harmless).toMatchObject({ verdict: "bit-identical", firstDivergence: null, suspects: [] });
      expect(harmless.explanation).toMatch(/environments differ in tfjsCore\. That changed nothing\./);
      const replica = await train(0, { kind: "other-version", flip: where });
      expect(verify(await sourceOf(0), replica)).toMatchObject({
        firstDivergence: { kind: "step", position: where.step, tensors: replica.planted?.tensors },
        suspects: [{ key: "tfjsCore", replica: "4.23.0", likelihood: "likely" }],
      });
    }
  });
});
