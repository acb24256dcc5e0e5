import type { TrainingPlan } from "./plan.js";

/** Indices into `Memory.control`. */
export const control = {
  /** Number of the step that may be computed, from 1; threads sleep on it. */
  generation: 0,
  /** Index in `order` at which the current batch starts. */
  batchStart: 1,
  /** Next ticket: shards take one as they finish. */
  nextTicket: 2,
  /** Shards of the current step that are finished; the coordinator sleeps on it. */
  finished: 3,
} as const;

/**
 * Memory that all threads of a run see. Between steps only the coordinator writes; during a step every shard's rows
 * belong to the thread that claimed it.
 */
export type Memory = {
  control: Int32Array;
  /** Step that last claimed each shard. */
  claims: Int32Array;
  /** Per shard, the rank at which it finished within the step. */
  tickets: Int32Array;
  /** All tensors, laid out as the plan says. */
  parameters: Float32Array;
  /** [shards × trained numbers]. */
  gradients: Float32Array;
  /** [shards × running statistics]: means and unbiased variances of the batch-norm layers. */
  statistics: Float32Array;
  losses: Float32Array;
  correct: Int32Array;
  /** Case ids in the order of the current epoch. */
  order: Int32Array;
};

/** Numbers that all threads see. */
export const floats = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
export const integers = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));

export function allocateMemory(plan: Pick<TrainingPlan, "hyper" | "layout" | "trainIds">): Memory {
  const { shards } = plan.hyper;
  const { trained, total } = plan.layout;
  return {
    control: integers(Object.keys(control).length),
    claims: integers(shards),
    tickets: integers(shards),
    parameters: floats(total),
    gradients: floats(shards * trained),
    statistics: floats(shards * (total - trained)),
    losses: floats(shards),
    correct: integers(shards),
    order: integers(plan.trainIds.length),
  };
}

/** Rows of the batch that shard `shard` of `shards` holds: contiguous, sizes differing by at most one. */
export function shardRows(batchSize: number, shards: number, shard: number): { from: number; to: number } {
  return {
    from: Math.floor((shard * batchSize) / shards),
    to: Math.floor(((shard + 1) * batchSize) / shards),
  };
}
