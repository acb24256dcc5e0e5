import * as tf from "@tensorflow/tfjs-core";
import { stockPass, stockValue, tensorOf } from "../../arithmetic/device/stock-pass.js";
import type { PlacedTensor } from "../../loop/layout.js";
import { shardRows } from "../../loop/memory.js";
import { buildModel } from "../../models/build-model.js";
import type { ClassificationMemory } from "./memory.js";
import { createShardWriter, dropoutMaskOf, type ShardPlace, type ShardPlan } from "./shard-inputs.js";

/** The model's tensors on a device. */
export type DeviceWeights = {
  /** Copies the shared parameters to the device; call when they have changed. */
  load(): void;
  release(): void;
  tensor(name: string): tf.Variable;
};

export function createDeviceWeights(
  { layout }: Pick<ShardPlan, "layout">,
  memory: ClassificationMemory,
): DeviceWeights {
  const valuesOf = ({ shape, offset, size }: PlacedTensor) =>
    tf.tensor(memory.parameters.slice(offset, offset + size), shape);
  const variables = new Map(
    layout.tensors.map((placed) => [
      placed.name,
      tf.tidy(() => tf.variable(valuesOf(placed), placed.offset < layout.trained, placed.name)),
    ]),
  );
  const tensor = (name: string) => {
    const variable = variables.get(name);
    if (!variable) throw new Error(`Tensor ${name} is missing.`);
    return variable;
  };
  return {
    tensor,
    release() {
      for (const variable of variables.values()) variable.dispose();
    },
    load: () =>
      tf.tidy(() => {
        for (const placed of layout.tensors) tensor(placed.name).assign(valuesOf(placed));
      }),
  };
}

/** Σ over the rows of the negative log-likelihood of the labels, divided by `divisor`, with its gradient written down: stable, and one op. */
function summedCrossEntropy(
  logits: tf.Tensor,
  { oneHot, divisor }: { oneHot: tf.Tensor; divisor: number },
): tf.Scalar {
  const loss = tf.customGrad((...[z, save]) => {
    if (!(z instanceof tf.Tensor) || typeof save !== "function") throw new Error("Not called as documented.");
    const shifted = tf.sub(z, tf.max(z, -1, true));
    const logSum = tf.log(tf.sum(tf.exp(shifted), -1, true));
    save([tf.exp(tf.sub(shifted, logSum))]);
    return {
      value: tf.sum(tf.mul(oneHot, tf.sub(logSum, shifted))),
      gradFunc: (dy, [probabilities]) => {
        if (!probabilities) throw new Error("The probabilities were not kept.");
        return tf.mul(dy, tf.sub(probabilities, oneHot));
      },
    };
  });
  return tf.sum(tf.div(loss(logits), divisor));
}

/** Queues a shard's step on the device; the promise brings gradient, statistics, loss and hits into the memory. */
export type DeviceShard = (at: ShardPlace) => Promise<void>;

export function createDeviceShard(
  plan: ShardPlan,
  memory: ClassificationMemory,
  weights: DeviceWeights,
): DeviceShard {
  const { hyper, inputShape, layout } = plan;
  const { batchSize, shards, dropout, batchNormEpsilon: epsilon } = hyper;
  const classes = plan.classes.length;
  const writeShard = createShardWriter(plan, memory);
  const model = buildModel(hyper, inputShape, classes);
  const trained = layout.tensors.filter(({ offset }) => offset < layout.trained);
  const running = layout.tensors.filter(({ offset }) => offset >= layout.trained);
  const statisticsLength = layout.total - layout.trained;
  const width = inputShape.reduce((a, b) => a * b, 1);

  /** Everything that is read back, one number after another: gradient, statistics, loss, hits. */
  function flatResult({ shard, step, batchStart }: ShardPlace) {
    const { from, to } = shardRows(batchSize, shards, shard);
    const xs = new Float32Array((to - from) * width);
    const labels = new Int32Array(to - from);
    writeShard({ shard, step, batchStart }, { xs, labels });
    return tf.tidy(() => {
      const x = stockValue(tf.tensor(xs, [to - from, ...inputShape]));
      const wanted = tf.tensor1d(labels, "int32");
      const oneHot = tf.cast(tf.oneHot(wanted, classes), "float32");
      const statistics = new Map<string, tf.Tensor>();
      let layer = 0;
      let right: tf.Tensor | null = null;
      const pass = stockPass({
        tensor: weights.tensor,
        epsilon,
        batchNorm: {
          by: "rows",
          onStatistics(name, mean, variance, rows) {
            statistics.set(`${name}/runningMean`, tf.keep(tf.clone(mean)));
            // Running statistics estimate the population, therefore the unbiased variance.
            statistics.set(`${name}/runningVariance`, tf.keep(tf.mul(variance, rows / (rows - 1))));
          },
        },
        dropoutMask:
          dropout > 0
            ? (shape) => tf.tensor(dropoutMaskOf(plan, { step, shard, layer: layer++, shape }), shape)
            : null,
      });
      const { value, grads } = tf.variableGrads(
        () => {
          const logits = tensorOf(model.forward(x, pass));
          const hit = tf.equal(tf.cast(tf.argMax(logits, -1), "int32"), wanted);
          right = tf.keep(tf.sum(tf.cast(hit, "float32")));
          return summedCrossEntropy(logits, { oneHot, divisor: batchSize });
        },
        trained.map(({ name }) => weights.tensor(name)),
      );
      const part = (found: tf.Tensor | null | undefined, name: string) => {
        if (!found) throw new Error(`${name} was not computed.`);
        return tf.reshape(found, [-1]);
      };
      const flat = tf.concat([
        ...trained.map(({ name }) => part(grads[name], `Gradient of ${name}`)),
        ...running.map(({ name }) => part(statistics.get(name), name)),
        part(value, "Loss"),
        part(right, "Hits"),
      ]);
      for (const kept of [...statistics.values(), right]) (kept as tf.Tensor | null)?.dispose();
      return flat;
    });
  }

  return async (at) => {
    const result = flatResult(at);
    const numbers = await result.data();
    result.dispose();
    const { shard } = at;
    memory.gradients.set(numbers.subarray(0, layout.trained), shard * layout.trained);
    memory.statistics.set(numbers.subarray(layout.trained, layout.total), shard * statisticsLength);
    memory.losses[shard] = numbers[layout.total] ?? Number.NaN;
    memory.correct[shard] = numbers[layout.total + 1] ?? 0;
  };
}
