import { z } from "zod";
import { shortName } from "../basics/primitives.js";

/** The order in which the gradients of the logical shards are summed. */
export const summationOrders = ["fixed", "permuted", "free"] as const;

/**
 * How a run is executed, as opposed to what it computes.
 * `order: fixed` sums in index order, `permuted` in a fixed order that differs per repeat (each repeat can be
 * reproduced to the bit: a negative control), `free` in order of arrival. What `free` varies is the order of reduction. cuDNN's
 * choice of algorithms by timing them is another source of nondeterminism, which `autotune` and `algorithms` set.
 */
export const execution = z.strictObject({
  order: z.enum(summationOrders),
  algorithms: z.enum(["deterministic", "default"]).default("deterministic"),
  autotune: z.boolean().default(false),
  tf32: z.boolean().default(false),
  /**
   * `ulp` changes one weight by one unit in the last place at initialisation, another one in each repeat, and nothing else: the
   * smallest change there is, to check whether all sources of noise end in the same spread (Summers and Dinneen, 2021).
   */
  perturb: z.enum(["ulp"]).optional(),
});
export type Execution = z.infer<typeof execution>;

export const mode = z.enum(["deterministic", "nondeterministic"]);
export type Mode = z.infer<typeof mode>;

/** Deterministic are fixed and permuted orders with deterministic algorithms; everything else is not. */
export function modeOf(how: Execution): Mode {
  return how.order !== "free" && how.algorithms === "deterministic" && !how.autotune
    ? "deterministic"
    : "nondeterministic";
}

/** Whether others are compared with such an execution: fixed order, deterministic algorithms, nothing perturbed. */
export function isReferenceExecution(how: Execution): boolean {
  return how.order === "fixed" && modeOf(how) === "deterministic" && how.perturb === undefined;
}

/** One execution setting of a study with its number of repeats. */
export const arm = z.strictObject({
  name: shortName,
  execution,
  repeats: z.int().min(1).max(10_000),
});
export type Arm = z.infer<typeof arm>;

/** What may vary between repeats beside execution, which arms set. */
export const noiseSources = ["init", "dataOrder", "augmentation", "dropout", "split"] as const;
export type NoiseSource = (typeof noiseSources)[number];

const noiseState = z.enum(["fixed", "varied"]);

/** Each source is drawn from the seed (`fixed`) or from hash(seed, source, repeat) (`varied`). */
export const noise = z.strictObject({
  init: noiseState.default("fixed"),
  dataOrder: noiseState.default("fixed"),
  augmentation: noiseState.default("fixed"),
  dropout: noiseState.default("fixed"),
  split: noiseState.default("fixed"),
});
export type Noise = z.infer<typeof noise>;

/** What a trainer computes on. */
export const deviceClass = z.enum(["cpu", "gpu"]);

/**
 * What a training computes on. `cuda` and `mps` are PyTorch's; `node-gpu`, `webgpu`, `node` and `wasm` those of the built-in
 * trainer. PyTorch trainers of earlier versions said `node-gpu` for CUDA.
 */
export const backends = ["auto", "cuda", "mps", "node-gpu", "webgpu", "node", "wasm", "cpu"] as const;
export const backend = z.enum(backends);
export type Backend = z.infer<typeof backend>;

export const tasks = ["classification", "contrastive", "evaluation"] as const;
export const task = z.enum(tasks);

/** Variables that Reprise sets, or takes away, for the arm of a run before the trainer's process loads any library. */
export const armVariables = [
  "TF_DETERMINISTIC_OPS",
  "TF_CUDNN_DETERMINISTIC",
  "TF_CUDNN_USE_AUTOTUNE",
  "CUBLAS_WORKSPACE_CONFIG",
  "NVIDIA_TF32_OVERRIDE",
] as const;

/** How our trainers report in the environment what the arm had them set. */
const armSettings = [
  "summationOrder",
  "deterministicAlgorithms",
  "cudnn.benchmark",
  "cudnn.deterministic",
  "cudnn.tf32",
  "cuda.matmul.tf32",
] as const;

/**
 * Whether an environment value is one that the arm of a run sets; keys may have a prefix that ends with a dot. Between arms
 * a difference in it is the treatment, within an arm it is a difference like any other.
 */
export function isSetByArm(key: string): boolean {
  return [...armVariables, ...armSettings].some((name) => key === name || key.endsWith(`.${name}`));
}
