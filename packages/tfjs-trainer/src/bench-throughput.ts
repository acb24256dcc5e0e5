import type { RunRequest } from "@reprise/contracts";
import type { HostBackend } from "./kernels/wasm-context.js";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { randomProblem } from "./classification/random-problem.js";
import { createShardComputer } from "./classification/shard-computer.js";
import { contrastiveStep } from "./contrastive/bench.js";
import { createEventBatch } from "./event-batch.js";
import { effectiveHyperparameters } from "./hyperparameters/effective.js";
import type { EffectiveHyperparameters } from "./hyperparameters/table.js";
import { startBackend } from "./kernels/register.js";
import { createLadder } from "./ladder.js";
import { initialise, layOut } from "./layout.js";
import { buildModel } from "./models/build-model.js";
import { createOptimizer } from "./optimizers.js";
import { reduceGradients, updateRunningStatistics } from "./reduction.js";
import { arrivalOrder, publishStep, workOnStep } from "./step-threads.js";
import { draws, streamKey } from "./streams.js";
import { createWeights } from "./weights.js";

/** Images of one benchmark: 32 × 32 in colour, ten classes, random; batch 64, Adam, as in the table's heading. */
const inputShape = [32, 32, 3];
const classes = Array.from({ length: 10 }, (_, i) => String(i));
const batchSize = 64;
/** The stock backend needs seconds per image batch; its time per image hardly depends on the batch. */
const stockBatchSize = 8;

function randomImages(count: number): { features: Float32Array; labels: Int32Array } {
  const stream = draws(streamKey(0, "init", null), 0);
  return {
    features: Float32Array.from({ length: count * 32 * 32 * 3 }, () => 2 * stream.uniform() - 1),
    labels: Int32Array.from({ length: count }, () => stream.below(10)),
  };
}

/** Processor seconds of this process so far. Unlike wall time they hardly depend on what else the machine does. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Processor seconds per call, after a warm-up of `warmUp` calls, over at least `seconds`. */
function timePerCall(call: () => void, { warmUp, seconds }: { warmUp: number; seconds: number }): number {
  for (let i = 0; i < warmUp; i++) call();
  const started = processorSeconds();
  let calls = 0;
  do {
    call();
    calls += 1;
  } while (processorSeconds() - started < seconds);
  return (processorSeconds() - started) / calls;
}

/** Throughput of whole training steps, and the share of them that the digest ladder takes, tensor by tensor. */
export interface Throughput {
  imagesPerSecond: number;
  digestShare: number;
}

/** Whole steps of the trainer (eight shards, reduction, digest, optimizer) on this one thread. */
export function trainerThroughput(
  backend: HostBackend,
  hyper: EffectiveHyperparameters,
  warmUp = 20,
): Throughput {
  const { plan, memory } = randomProblem(hyper, { inputShape, classes: classes.length });
  const { layout } = plan;
  const weights = createWeights(layout, memory, backend);
  const compute = createShardComputer(plan, memory, { backend, weights });
  const optimizer = createOptimizer(hyper, layout);
  const gradient = new Float32Array(layout.trained);
  let step = 0;
  let digestSeconds = 0;
  const events = createEventBatch(() => {});
  const digests = { configuration: "", dataset: "", seedKeys: "" };
  const ladder = createLadder({ layout, totalSteps: 1, digests }, memory, events);
  const timed = (work: () => void) => {
    const started = processorSeconds();
    work();
    digestSeconds += processorSeconds() - started;
  };
  const perStep = timePerCall(
    () => {
      publishStep(memory, step, 0);
      workOnStep(memory, { thread: 0, threads: 1, compute, loadWeights: weights.load });
      const loss = reduceGradients(memory, arrivalOrder(memory), gradient);
      timed(() => ladder.gradient(loss, gradient));
      updateRunningStatistics(memory, layout.trained, hyper.batchNormMomentum);
      optimizer.update(memory.parameters.subarray(0, layout.trained), gradient, {
        learningRate: 0.001,
        step,
      });
      timed(() => ladder.step(step));
      if (step % 100 === 99) timed(events.flush);
      step += 1;
    },
    { warmUp, seconds: 4 },
  );
  return { imagesPerSecond: batchSize / perStep, digestShare: digestSeconds / step / perStep };
}

/** The same networks as stock TensorFlow.js ops with its own Adam on its pure-JavaScript backend, in images per second. */
export async function stockThroughput(
  model: "mlp" | "cnn",
  hyper: EffectiveHyperparameters,
): Promise<number> {
  await tf.setBackend("cpu");
  const { features, labels } = randomImages(stockBatchSize);
  const layout = layOut(buildModel(hyper, inputShape, classes.length).tensors);
  const initial = new Float32Array(layout.total);
  initialise(initial, layout, streamKey(0, "init", null));
  const variables = new Map(
    layout.tensors.map(({ name, shape, offset, size }) => [
      name,
      tf.variable(tf.tensor(initial.subarray(offset, offset + size), shape), offset < layout.trained),
    ]),
  );
  const at = (name: string) => {
    const variable = variables.get(name);
    if (!variable) throw new Error(name);
    return variable;
  };
  const normalise = (x: tf.Tensor, layer: string) => {
    const { mean, variance } = tf.moments(x, [...x.shape.keys()].slice(0, -1));
    const scaled = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, hyper.batchNormEpsilon)));
    return tf.relu(tf.add(tf.mul(scaled, at(`${layer}/gamma`)), at(`${layer}/beta`)));
  };
  const images = tf.tensor4d(features, [stockBatchSize, 32, 32, 3]);
  const oneHot = tf.oneHot(tf.tensor1d(labels, "int32"), classes.length);
  const hiddenLayers = (): tf.Tensor => {
    if (model === "mlp") {
      let hidden: tf.Tensor = tf.reshape(images, [stockBatchSize, 32 * 32 * 3]);
      for (const layer of hyper.hiddenUnits.keys()) {
        hidden = normalise(tf.matMul(hidden, at(`dense${layer}/weight`)), `norm${layer}`);
      }
      return hidden;
    }
    let maps: tf.Tensor4D = images;
    for (const block of hyper.filters.keys()) {
      const [height = 0, width = 0, inputs = 0, outputs = 0] = at(`conv${block}/filter`).shape;
      const filter: tf.Tensor4D = tf.reshape(at(`conv${block}/filter`), [height, width, inputs, outputs]);
      const convolved: tf.Tensor4D = tf.reshape(
        normalise(tf.conv2d(maps, filter, 1, "same"), `norm${block}`),
        [stockBatchSize, ...sidesOf(maps), hyper.filters[block] ?? 0],
      );
      maps = tf.maxPool(convolved, 2, 2, "valid");
    }
    return tf.reshape(maps, [stockBatchSize, maps.size / stockBatchSize]);
  };
  const forward = (): tf.Scalar => {
    const logits = tf.add(tf.matMul(hiddenLayers(), at("logits/weight")), at("logits/bias"));
    return tf.neg(tf.mean(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)), -1)));
  };
  const optimizer = tf.train.adam(0.001);
  const trained = [...variables.values()].filter((variable) => variable.trainable);
  const step = () => {
    tf.tidy(() => {
      optimizer.minimize(forward, false, trained);
    });
  };
  const perStep = timePerCall(step, { warmUp: 1, seconds: 3 });
  return stockBatchSize / perStep;
}

const sidesOf = (maps: tf.Tensor4D): [number, number] => [maps.shape[1], maps.shape[2]];

/** Networks of the table with the steps that warm each up: few where a step takes seconds. */
const networks: [name: string, parameters: Parameters<typeof effectiveHyperparameters>[0], warmUp: number][] =
  [
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

/** Rows of the throughput table: model, trainer, stock. Needs a bundle: the library's gradients are no Node module. */
export async function throughputTable(wasmFolder: string, request: RunRequest): Promise<string> {
  const rows = [
    "| model | images per processor second, trainer (wasm) | images per processor second, stock cpu backend | digest ladder, share of step |",
    "|---|---|---|---|",
  ];
  const backend = await startBackend(wasmFolder);
  for (const [name, parameters, warmUp] of networks) {
    const hyper = effectiveHyperparameters({ ...parameters, batchSize, learningRate: 0.001 });
    await tf.setBackend("wasm");
    const { imagesPerSecond, digestShare } = trainerThroughput(backend, hyper, warmUp);
    const compared = name === "mlp" || name === "cnn" ? (await stockThroughput(name, hyper)).toFixed(1) : "";
    rows.push(
      `| ${name} | ${imagesPerSecond.toPrecision(3)} | ${compared} | ${(100 * digestShare).toFixed(2)} % |`,
    );
  }
  await tf.setBackend("wasm");
  const clip = await contrastiveStep(backend, { folder: wasmFolder, request });
  const perStep = timePerCall(clip.step, { warmUp: 5, seconds: 4 });
  rows.push(`| clip, tiny, image-text pairs of 8 × 8 | ${(clip.images / perStep).toPrecision(3)} |  |  |`);
  return rows.join("\n");
}
