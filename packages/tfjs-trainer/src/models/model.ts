import type { Value } from "../tape.js";

/** What a tensor of a model is for; decides its initial values, its weight decay and whether it is trained. */
export type TensorRole = "weight" | "bias" | "scale" | "shift" | "runningMean" | "runningVariance";

export interface TensorSpec {
  name: string;
  shape: number[];
  role: TensorRole;
  /** Inputs that one unit sums over; sets the range of initial weights. */
  fanIn: number;
}

/**
 * The operations of one forward pass, over the named tensors of the model. Training and evaluation provide different
 * ones, and a model knows no others, so that its shapes can be worked out without starting a backend.
 */
export interface ForwardPass {
  /** x · weight, [rows, inputs] · [inputs, outputs]. */
  linear(x: Value, weight: string): Value;
  /** 3 × 3 convolution with stride 1 that keeps height and width; x is [rows, height, width, channels]. */
  convolution(x: Value, filter: string): Value;
  /** Largest value of every 2 × 2 window, stride 2. */
  maxPool(x: Value): Value;
  addBias(x: Value, bias: string): Value;
  addBiasRelu(x: Value, bias: string): Value;
  /** Normalisation by layer `name`, followed by a ReLU. */
  batchNormRelu(x: Value, name: string): Value;
  /** The identity in evaluation. */
  dropout(x: Value): Value;
  /** [rows, a, b, …] to [rows, a·b·…]. */
  flatten(x: Value): Value;
}

/** A network: its tensors, trained ones first, and its forward pass to logits [rows, classes]. */
export interface Model {
  tensors: TensorSpec[];
  /** Tensor whose values are reported after every epoch as the run's embedding. */
  lastLayer: string;
  forward(x: Value, pass: ForwardPass): Value;
}

export const isTrained = (spec: TensorSpec) => spec.role !== "runningMean" && spec.role !== "runningVariance";

/** The four tensors of a batch-norm layer. */
export function batchNormTensors(layer: string, channels: number): TensorSpec[] {
  const roles = [
    ["gamma", "scale"],
    ["beta", "shift"],
    ["runningMean", "runningMean"],
    ["runningVariance", "runningVariance"],
  ] as const;
  return roles.map(([suffix, role]) => ({ name: `${layer}/${suffix}`, shape: [channels], role, fanIn: 1 }));
}

/** Trained tensors before running statistics, otherwise in the given order. */
export function trainedFirst(tensors: TensorSpec[]): TensorSpec[] {
  return [...tensors.filter(isTrained), ...tensors.filter((spec) => !isTrained(spec))];
}
