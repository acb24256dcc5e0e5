import { draws, streamKey } from "../../arithmetic/streams.js";
import type { EffectiveHyperparameters } from "../../hyperparameters/table.js";
import { initialise, layOut } from "../../loop/layout.js";
import { buildModel } from "../../models/build-model.js";
import { allocateClassificationMemory, type ClassificationMemory } from "./memory.js";
import type { ShardPlan } from "./shard-inputs.js";

/** One batch of random inputs in [-1, 1) with random labels, and initial parameters: for the bench and for probes. */
export function randomProblem(
  hyper: EffectiveHyperparameters,
  { inputShape, classes: count }: { inputShape: number[]; classes: number },
): { plan: ShardPlan; memory: ClassificationMemory } {
  const { batchSize } = hyper;
  const classes = Array.from({ length: count }, (_, i) => String(i));
  const layout = layOut(buildModel(hyper, inputShape, count).tensors);
  const key = streamKey(0, "init", null);
  const keys = { init: key, dataOrder: key, augmentation: key, dropout: key, reduction: key };
  const stream = draws(key, 0);
  const width = inputShape.reduce((a, b) => a * b, 1);
  const dataset = {
    cases: batchSize,
    features: Float32Array.from({ length: batchSize * width }, () => 2 * stream.uniform() - 1),
    labels: Int32Array.from({ length: batchSize }, () => stream.below(count)),
  };
  const trainIds = Int32Array.from(dataset.labels.keys());
  const scaling = { mean: [0], deviation: [1] };
  const memory = allocateClassificationMemory({ hyper, layout, trainIds, scaling }, dataset);
  memory.order.set(trainIds);
  initialise(memory.parameters, layout, key);
  return { plan: { hyper, inputShape, classes, layout, keys, scaling, white: 1, stepsPerEpoch: 1 }, memory };
}
