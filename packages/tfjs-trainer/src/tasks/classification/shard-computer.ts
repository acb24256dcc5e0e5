import type { TensorInfo } from "@tensorflow/tfjs-core";
import { floatView, type HostBackend } from "../../arithmetic/kernels/wasm-context.js";
import { softmaxCrossEntropy } from "../../arithmetic/ops/softmax-cross-entropy.js";
import { trainingPass } from "../../arithmetic/passes.js";
import { createTape, type NumbersPool, type Tape, type Value } from "../../arithmetic/tape.js";
import { shardRows } from "../../loop/memory.js";
import type { ShardComputer } from "../../loop/step-threads.js";
import type { Weights } from "../../loop/weights.js";
import { buildModel } from "../../models/build-model.js";
import { present } from "../../program/errors.js";
import type { ClassificationMemory } from "./memory.js";
import { createShardWriter, dropoutMaskOf, type ShardPlan } from "./shard-inputs.js";

export function createShardComputer(
  plan: ShardPlan,
  memory: ClassificationMemory,
  { backend, weights }: { backend: HostBackend; weights: Weights },
): ShardComputer {
  const { hyper, inputShape, layout } = plan;
  const { batchSize, shards, dropout, batchNormEpsilon: epsilon } = hyper;
  const model = buildModel(hyper, inputShape, plan.classes.length);
  const statisticsLength = layout.total - layout.trained;
  const placed = new Map(layout.tensors.map((tensor) => [tensor.name, tensor]));
  const pool: NumbersPool = new Map();
  const writeShard = createShardWriter(plan, memory);
  const gradients = layout.tensors.filter(({ offset }) => offset < layout.trained);

  /** Writes the shard's cases into two tensors that the tape owns. */
  function gather(
    tape: Tape,
    at: { shard: number; step: number; batchStart: number },
  ): { x: Value; labels: TensorInfo } {
    const { from, to } = shardRows(batchSize, shards, at.shard);
    const x = tape.own(backend.makeOutput([to - from, ...inputShape], "float32"));
    const labels = new Int32Array(to - from);
    writeShard(at, { xs: floatView(backend, x), labels });
    return {
      x: tape.constant(x),
      labels: tape.own(backend.makeOutput([to - from], "int32", undefined, labels)),
    };
  }

  function recordStatistics(shard: number) {
    const own = memory.statistics.subarray(shard * statisticsLength, (shard + 1) * statisticsLength);
    const offsetOf = (name: string) => present(placed.get(name), name).offset - layout.trained;
    return (layer: string, mean: Float64Array, variance: Float64Array, rows: number) => {
      own.set(mean, offsetOf(`${layer}/runningMean`));
      // Running statistics estimate the population, therefore the unbiased variance.
      const start = offsetOf(`${layer}/runningVariance`);
      for (let c = 0; c < variance.length; c++)
        own[start + c] = ((variance[c] as number) * rows) / (rows - 1);
    };
  }

  function dropoutMasks(tape: Tape, step: number, shard: number) {
    let layer = 0;
    return (shape: number[]) => {
      const mask = dropoutMaskOf(plan, { step, shard, layer, shape });
      layer += 1;
      return tape.own(backend.makeOutput(shape, "float32", undefined, mask));
    };
  }

  return ({ shard, step, batchStart }) => {
    const tape = createTape(backend, pool);
    const { x, labels } = gather(tape, { shard, step, batchStart });
    const parameters = new Map<string, Value>();
    const dropoutMask = dropout > 0 ? dropoutMasks(tape, step, shard) : null;
    const onStatistics = recordStatistics(shard);
    const pass = trainingPass(tape, weights, { parameters, epsilon, onStatistics, dropoutMask });
    const logits = model.forward(x, pass);
    const result = softmaxCrossEntropy(tape, logits, { labels, divisor: batchSize });
    memory.losses[shard] = result.loss;
    memory.correct[shard] = hits(backend, result.probabilities, labels);
    tape.backward(logits, result.gradient);
    for (const { name, offset } of gradients) {
      const gradient = present(parameters.get(name)?.gradient, `Gradient of ${name}`);
      memory.gradients.set(floatView(backend, gradient), shard * layout.trained + offset);
    }
    tape.release();
  };
}

/** Number of rows whose most probable class is the label. */
function hits(backend: HostBackend, probabilities: TensorInfo, labels: TensorInfo): number {
  const ps = floatView(backend, probabilities);
  const wanted = backend.typedArrayFromHeap(labels);
  const classes = ps.length / wanted.length;
  let right = 0;
  for (let row = 0; row < wanted.length; row++) {
    const start = row * classes;
    let best = 0;
    for (let c = 1; c < classes; c++) if ((ps[start + c] as number) > (ps[start + best] as number)) best = c;
    if (best === wanted[row]) right += 1;
  }
  return right;
}
