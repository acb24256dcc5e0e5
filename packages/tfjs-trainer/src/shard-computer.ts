import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { engine, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { commonPass } from "./common-pass.js";
import { present } from "./errors.js";
import { batchNorm } from "./kernels/batch-norm.js";
import { linear } from "./kernels/linear.js";
import { applyMask } from "./kernels/shape.js";
import { softmaxCrossEntropy } from "./kernels/softmax-cross-entropy.js";
import { dimension, floatView, sizeOf } from "./kernels/wasm-context.js";
import { type Memory, shardRows } from "./memory.js";
import { buildModel } from "./models/build-model.js";
import type { ForwardPass } from "./models/model.js";
import type { RunPlan } from "./plan.js";
import { draws } from "./streams.js";
import type { Weights } from "./weights.js";

/** Computes one shard of one step: gradient, batch statistics, loss and hits go to the shard's rows of the memory. */
export type ShardComputer = (at: { shard: number; step: number; batchStart: number }) => void;

export function createShardComputer(
  plan: RunPlan,
  memory: Memory,
  { backend, weights }: { backend: BackendWasm; weights: Weights },
): ShardComputer {
  const { hyper, inputShape, layout } = plan;
  const { batchSize, shards, dropout, batchNormEpsilon: epsilon } = hyper;
  const model = buildModel(hyper, inputShape, plan.classes.length);
  const width = sizeOf(inputShape);
  const statisticsLength = layout.total - layout.trained;
  const placed = new Map(layout.tensors.map((tensor) => [tensor.name, tensor]));

  /** Gathers the shard's cases into two tensors. */
  function inputs(shard: number, batchStart: number): { x: Tensor; labels: Tensor } {
    const { from, to } = shardRows(batchSize, shards, shard);
    const x = new Float32Array((to - from) * width);
    const labels = new Int32Array(to - from);
    for (let row = from; row < to; row++) {
      const id = memory.order[batchStart + row] as number;
      x.set(memory.features.subarray(id * width, (id + 1) * width), (row - from) * width);
      labels[row - from] = memory.labels[id] as number;
    }
    return {
      x: engine().makeTensor(x, [to - from, ...inputShape], "float32", backend),
      labels: engine().makeTensor(labels, [to - from], "int32", backend),
    };
  }

  function trainingPass(shard: number, step: number): ForwardPass {
    const statistics = memory.statistics.subarray(shard * statisticsLength, (shard + 1) * statisticsLength);
    const record = (name: string, values: Float32Array, factor: number) => {
      const { offset } = present(placed.get(name), name);
      for (let i = 0; i < values.length; i++)
        statistics[offset - layout.trained + i] = (values[i] as number) * factor;
    };
    let masks = 0;
    return {
      ...commonPass(weights),
      linear: (x, name) => linear(x, weights.tensor(name), weights.transposed(name)),
      batchNormRelu(x, name) {
        const gamma = weights.tensor(`${name}/gamma`);
        const beta = weights.tensor(`${name}/beta`);
        const { y, mean, variance } = batchNorm(x, { gamma, beta, epsilon, relu: true });
        const rows = x.size / dimension(x.shape, -1);
        record(`${name}/runningMean`, floatView(backend, mean), 1);
        record(`${name}/runningVariance`, floatView(backend, variance), rows / (rows - 1));
        return y;
      },
      dropout(x) {
        if (dropout === 0) return x;
        const stream = draws(plan.keys.dropout, step, shard * 256 + masks);
        masks += 1;
        const kept = 1 / (1 - dropout);
        const mask = Float32Array.from({ length: x.size }, () => (stream.uniform() < dropout ? 0 : kept));
        return applyMask(x, engine().makeTensor(mask, x.shape, "float32", backend));
      },
    };
  }

  return ({ shard, step, batchStart }) => {
    tidy(() => {
      const { x, labels } = inputs(shard, batchStart);
      const loss = () => {
        const logits = model.forward(x, trainingPass(shard, step));
        const result = softmaxCrossEntropy(logits, labels, batchSize);
        memory.correct[shard] = hits(
          floatView(backend, result.probabilities),
          labels.size,
          plan.classes.length,
        );
        return result.loss;
      };
      const hits = (probabilities: Float32Array, rows: number, classes: number) => {
        let right = 0;
        const { from } = shardRows(batchSize, shards, shard);
        for (let row = 0; row < rows; row++) {
          let best = 0;
          for (let c = 1; c < classes; c++) {
            if (
              (probabilities[row * classes + c] as number) > (probabilities[row * classes + best] as number)
            )
              best = c;
          }
          if (memory.labels[memory.order[batchStart + from + row] as number] === best) right += 1;
        }
        return right;
      };
      const { value, grads } = engine().gradients(loss, weights.trained);
      memory.losses[shard] = floatView(backend, value)[0] as number;
      const base = shard * layout.trained;
      for (const [index, gradient] of grads.entries()) {
        const { offset } = present(layout.tensors[index], "Tensor of a gradient");
        memory.gradients.set(floatView(backend, gradient), base + offset);
      }
    });
  };
}
