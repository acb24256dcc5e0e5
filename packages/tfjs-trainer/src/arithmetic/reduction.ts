import type { Memory } from "../loop/memory.js";
import type { TrainingPlan } from "../loop/plan.js";
import { draws, permutation } from "./streams.js";

/** The order in which the shards of a step are summed, given the order in which they really arrived. */
export type OrderSource = (step: number, arrived: Uint8Array) => ArrayLike<number>;

export function createOrderSource(plan: TrainingPlan): OrderSource {
  const { shards } = plan.hyper;
  const { replay } = plan;
  switch (plan.order) {
    case "fixed": {
      const ascending = Uint8Array.from({ length: shards }, (_, shard) => shard);
      return () => ascending;
    }
    case "permuted":
      return (step) => permutation(shards, draws(plan.keys.reduction, step));
    case "free":
      return (_step, arrived) => arrived;
    case "replay":
      return (step) => replay?.[step] ?? [];
  }
}

/** Floats that are summed over all shards before the next ones: 16 KiB stay in the processor's first cache. */
const blockLength = 4096;

/**
 * Sums the shards' gradients into `target` one after another, in float32: each addition rounds, which is why the order
 * matters. Returns the loss, summed in the same order.
 */
export function reduceGradients(memory: Memory, order: ArrayLike<number>, target: Float32Array): number {
  const { length } = target;
  for (let start = 0; start < length; start += blockLength) {
    const end = Math.min(start + blockLength, length);
    for (let rank = 0; rank < order.length; rank++) {
      const row = (order[rank] as number) * length;
      if (rank === 0) target.set(memory.gradients.subarray(row + start, row + end), start);
      else addRow(target, memory.gradients, { row, start, end });
    }
  }
  let loss = 0;
  for (let i = 0; i < order.length; i++)
    loss = Math.fround(loss + (memory.losses[order[i] as number] as number));
  return loss;
}

function addRow(
  target: Float32Array,
  gradients: Float32Array,
  { row, start, end }: { row: number; start: number; end: number },
): void {
  for (let i = start; i < end; i++) target[i] = (target[i] as number) + (gradients[row + i] as number);
}

/**
 * Moves the running statistics towards the mean over the shards: running = momentum · running + (1 - momentum) · mean.
 * Always in index order, whatever the order of the gradients.
 */
export function updateRunningStatistics(memory: Memory, trained: number, momentum: number): void {
  const running = memory.parameters.subarray(trained);
  const { length } = running;
  if (length === 0) return;
  const shards = memory.statistics.length / length;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let shard = 0; shard < shards; shard++) sum += memory.statistics[shard * length + i] as number;
    running[i] = momentum * (running[i] as number) + ((1 - momentum) * sum) / shards;
  }
}
