import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import type { RunRequest } from "@reprise/contracts";
import { type Engine, hostOf, startEngine } from "../arithmetic/backends/start-engine.js";
import { reduceGradients, updateRunningStatistics } from "../arithmetic/reduction.js";
import { effectiveHyperparameters } from "../hyperparameters/effective.js";
import { createEventBatch } from "../loop/event-batch.js";
import { createLadder } from "../loop/ladder.js";
import { createOptimizer } from "../loop/optimizers.js";
import { arrivalOrder, publishStep, workOnStep } from "../loop/step-threads.js";
import { createWeights } from "../loop/weights.js";
import { createDeviceShard, createDeviceWeights } from "../tasks/classification/device-step.js";
import type { ClassificationMemory } from "../tasks/classification/memory.js";
import { randomProblem } from "../tasks/classification/random-problem.js";
import { createShardComputer } from "../tasks/classification/shard-computer.js";
import type { ShardPlan } from "../tasks/classification/shard-inputs.js";
import { contrastiveStep } from "../tasks/contrastive/bench.js";
import { probeBackends } from "./probe-backend.js";

/** Random images as in the table's heading: 32 × 32 in colour, ten classes. */
const images = { inputShape: [32, 32, 3], classes: 10 };
const batchSize = 64;
/** The JavaScript backend needs many seconds per batch; its time per image hardly depends on the batch. */
const smallBatchSize = 16;

type Parameters = Record<string, string | number | boolean>;

/** Networks with the steps that warm them up. */
const networks: [name: string, parameters: Parameters, warmUp: number][] = [
  ["mlp", { model: "mlp" }, 20],
  ["cnn", { model: "cnn" }, 20],
  ["cnn, strided, without batch norm", { model: "cnn", downsampling: "stride", batchNorm: false }, 20],
  ["resnet 8", { model: "resnet", depth: 8 }, 5],
  ["resnet 20", { model: "resnet", depth: 20 }, 3],
  ["mobilenet v1, a quarter as wide", { model: "mobilenet", variant: "v1", widthMultiplier: 0.25 }, 3],
  ["mobilenet v2", { model: "mobilenet", variant: "v2" }, 1],
  ["mobilenet v3-large", { model: "mobilenet", variant: "v3-large" }, 1],
  ["preact-resnet 18", { model: "preact-resnet", depth: 18 }, 1],
];
/** What cpu is measured on. */
const small = ["mlp", "cnn"];

/** Processor seconds of this process so far. Unlike wall time they hardly depend on what else the machine does. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Processor seconds of one step by phase. */
type Phases = Record<"shards" | "reduction" | "ladder" | "optimizer", number>;

/** Computes all shards of step `step`, as the trainer does on one thread. */
function shardsOn(
  engine: Engine,
  plan: ShardPlan,
  memory: ClassificationMemory,
): { compute: (step: number) => void | Promise<void>; release: () => void } {
  if (engine.kind === "host") {
    const { backend } = engine;
    const weights = createWeights(plan.layout, memory, backend);
    const compute = createShardComputer(plan, memory, { backend, weights });
    return {
      compute(step) {
        publishStep(memory, step, 0);
        workOnStep(memory, { thread: 0, threads: 1, compute, loadWeights: weights.load });
      },
      release: () => {},
    };
  }
  const weights = createDeviceWeights(plan, memory);
  const compute = createDeviceShard(plan, memory, weights);
  const shards = [...Array(plan.hyper.shards).keys()];
  return {
    async compute(step) {
      weights.load();
      await Promise.all(shards.map((shard) => compute({ shard, step, batchStart: 0 })));
    },
    release: weights.release,
  };
}

/** Whole steps of the trainer: eight shards, reduction, digest ladder, optimizer. */
async function measure(
  engine: Engine,
  parameters: Parameters,
  { warmUp, seconds, batch }: { warmUp: number; seconds: number; batch: number },
): Promise<{ imagesPerSecond: number; phases: Phases }> {
  const hyper = effectiveHyperparameters({ ...parameters, batchSize: batch, learningRate: 0.001 });
  const { plan, memory } = randomProblem(hyper, images);
  const { layout } = plan;
  const shards = shardsOn(engine, plan, memory);
  const optimizer = createOptimizer(hyper, layout);
  const gradient = new Float32Array(layout.trained);
  const events = createEventBatch(() => {});
  const digests = { configuration: "", dataset: "", seedKeys: "" };
  const ladder = createLadder({ layout, totalSteps: 1, digests }, memory, events);
  const ascending = Uint8Array.from({ length: hyper.shards }, (_, shard) => shard);
  let phases: Phases = { shards: 0, reduction: 0, ladder: 0, optimizer: 0 };
  let last = processorSeconds();
  const lap = (phase: keyof Phases) => {
    const now = processorSeconds();
    phases[phase] += now - last;
    last = now;
  };
  let loss = 0;
  let steps = 0;
  const step = async () => {
    last = processorSeconds();
    await shards.compute(steps);
    const order = engine.kind === "host" ? arrivalOrder(memory) : ascending;
    lap("shards");
    loss = reduceGradients(memory, order, gradient);
    updateRunningStatistics(memory, layout.trained, hyper.batchNormMomentum);
    lap("reduction");
    ladder.gradient(loss, gradient);
    lap("ladder");
    optimizer.update(memory.parameters.subarray(0, layout.trained), gradient, {
      learningRate: 0.001,
      step: steps,
    });
    lap("optimizer");
    ladder.step(steps);
    if (steps % 100 === 99) events.flush();
    lap("ladder");
    steps += 1;
  };
  for (let i = 0; i < warmUp; i++) await step();
  phases = { shards: 0, reduction: 0, ladder: 0, optimizer: 0 };
  const warm = steps;
  const spent = () => Object.values(phases).reduce((a, b) => a + b, 0);
  do await step();
  while (spent() < seconds);
  shards.release();
  return { imagesPerSecond: (batch * (steps - warm)) / spent(), phases };
}

/**
 * Rows of the throughput table: images per processor second on the backends that work here (no software adapters), and
 * where a wasm step's time goes. Needs a bundle: the library's gradients are no Node module.
 */
export async function throughputTable(folder: string, request: RunRequest): Promise<string> {
  const probes = await probeBackends(folder);
  const names = probes.filter(({ works, software }) => works && !software).map(({ backend }) => backend);
  const cells = new Map<string, string>();
  const shares = new Map<string, string>();
  for (const backend of names) {
    const engine = await startEngine({ backend, algorithms: "deterministic" }, folder);
    for (const [name, parameters, warmUp] of networks) {
      if (backend === "cpu" && !small.includes(name)) continue;
      const how = backend === "cpu" ? { warmUp: 1, batch: smallBatchSize } : { warmUp, batch: batchSize };
      const { imagesPerSecond, phases } = await measure(engine, parameters, { ...how, seconds: 4 });
      cells.set(`${backend} ${name}`, imagesPerSecond.toPrecision(3));
      if (backend !== "wasm") continue;
      const whole = Object.values(phases).reduce((a, b) => a + b, 0);
      shares.set(
        name,
        Object.values(phases)
          .map((seconds) => `${((100 * seconds) / whole).toFixed(1)} %`)
          .join(" | "),
      );
    }
  }
  const clip = await contrastiveThroughput(folder, request);
  const titles = ["model", ...names, "shards", "reduction", "ladder", "optimizer"];
  return [
    `| ${titles.join(" | ")} |`,
    `|${titles.map(() => "---").join("|")}|`,
    ...networks.map(
      ([name]) =>
        `| ${name} | ${names.map((backend) => cells.get(`${backend} ${name}`) ?? "").join(" | ")} | ${shares.get(name) ?? ""} |`,
    ),
    `\nclip, tiny, image-text pairs of 8 × 8, on wasm: ${clip.toPrecision(3)} pairs per processor second`,
  ].join("\n");
}

/** Pairs per processor second of the tiny CLIP on wasm, on one thread. */
async function contrastiveThroughput(folder: string, request: RunRequest): Promise<number> {
  const engine = await startEngine({ backend: "wasm", algorithms: "deterministic" }, folder);
  const { images: pairs, step } = await contrastiveStep(hostOf(engine), { folder, request });
  for (let i = 0; i < 5; i++) step();
  const started = processorSeconds();
  let steps = 0;
  do {
    step();
    steps += 1;
  } while (processorSeconds() - started < 4);
  return (pairs * steps) / (processorSeconds() - started);
}
