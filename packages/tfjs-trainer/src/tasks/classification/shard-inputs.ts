import { sizeOf } from "../../arithmetic/kernels/wasm-context.js";
import { draws } from "../../arithmetic/streams.js";
import { createInputReader, type InputPlan } from "../../loop/inputs.js";
import { shardRows } from "../../loop/memory.js";
import type { ClassificationMemory } from "./memory.js";
import type { ClassificationPlan } from "./plan.js";

/** Most dropout layers of one model: parts of a step's dropout stream that each shard has to itself. */
const dropoutParts = 256;

/** What a shard's inputs depend on. */
export type ShardInputPlan = InputPlan & Pick<ClassificationPlan, "hyper" | "stepsPerEpoch">;

/** What computing a shard depends on. */
export type ShardPlan = ShardInputPlan &
  Pick<ClassificationPlan, "inputShape" | "classes" | "layout" | "keys">;

/** Which shard of which step, and where its batch starts in the epoch's order. */
export type ShardPlace = {
  shard: number;
  step: number;
  batchStart: number;
};

/** Writes inputs and labels of a shard's cases, augmented where the run asks for it. */
export function createShardWriter(plan: ShardInputPlan, memory: ClassificationMemory) {
  const inputs = createInputReader(plan, memory.features);
  const width = sizeOf(plan.inputShape);
  return (
    { shard, step, batchStart }: ShardPlace,
    { xs, labels }: { xs: Float32Array; labels: Int32Array },
  ): void => {
    const epoch = Math.floor(step / plan.stepsPerEpoch);
    const { from } = shardRows(plan.hyper.batchSize, plan.hyper.shards, shard);
    for (let row = 0; row < labels.length; row++) {
      const id = memory.order[batchStart + from + row] as number;
      inputs.training(id, epoch, xs.subarray(row * width, (row + 1) * width));
      labels[row] = memory.labels[id] as number;
    }
  };
}

/** The mask of one dropout layer: 0, or what keeps the expectation. A function of step, shard and layer alone. */
export function dropoutMaskOf(
  { hyper, keys }: Pick<ClassificationPlan, "hyper" | "keys">,
  at: { step: number; shard: number; layer: number; shape: readonly number[] },
): Float32Array {
  const kept = 1 / (1 - hyper.dropout);
  const stream = draws(keys.dropout, at.step, at.shard * dropoutParts + at.layer);
  return Float32Array.from({ length: sizeOf(at.shape) }, () => (stream.uniform() < hyper.dropout ? 0 : kept));
}
