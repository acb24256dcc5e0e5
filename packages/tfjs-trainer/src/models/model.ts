import type { Value } from "../arithmetic/tape.js";

/** What a tensor of a model is for; decides its initial values, its weight decay and whether it is trained. */
export type TensorRole = "weight" | "bias" | "scale" | "shift" | "runningMean" | "runningVariance";

/** Distribution of a tensor's initial values, around zero. */
export type Initial =
  | { distribution: "uniform"; limit: number }
  | { distribution: "normal"; deviation: number };

export type TensorSpec = {
  name: string;
  shape: number[];
  role: TensorRole;
  /** Inputs that one unit sums over; sets the range of initial weights. */
  fanIn: number;
  /** Initial values where they do not follow from role and fan-in. */
  initial?: Initial;
};

/** Non-linearity after a normalisation; `hardSwish` is x · relu6(x + 3) / 6 (Howard et al. 2019). */
export type Activation = "relu" | "relu6" | "hardSwish";

/** Window of a pooling layer, with `padding` on every side that no value is taken from. */
export type PoolWindow = {
  size: number;
  stride: number;
  padding: number;
};

/**
 * The operations of one forward pass, over the named tensors of the model. Training and evaluation provide different
 * ones, and a model knows no others, so that its shapes can be worked out without starting a backend.
 */
export type ForwardPass = {
  /** x · weight, [rows, inputs] · [inputs, outputs]. */
  linear(x: Value, weight: string): Value;
  /**
   * Convolution by an odd filter [size, size, inputs, outputs] with (size - 1) / 2 zeros around, as everywhere in PyTorch's
   * reference models: stride 1 keeps height and width, stride 2 halves them, rounding up. x is [rows, height, width, inputs].
   */
  convolution(x: Value, filter: string, stride?: number): Value;
  /** The same for each channel by itself; the filter is [size, size, channels, 1]. */
  depthwiseConvolution(x: Value, filter: string, stride?: number): Value;
  /** Largest value of every window; by default 2 × 2, stride 2, without padding. */
  maxPool(x: Value, window?: PoolWindow): Value;
  /** Mean over height and width: [rows, height, width, channels] to [rows, channels]. */
  globalAveragePool(x: Value): Value;
  addBias(x: Value, bias: string): Value;
  addBiasRelu(x: Value, bias: string): Value;
  /** Normalisation by layer `name`, followed by an activation if one is given. */
  batchNorm(x: Value, name: string, activation?: Activation): Value;
  activation(x: Value, kind: Activation | "hardSigmoid"): Value;
  /** Sum of two tensors of one shape. */
  add(a: Value, b: Value): Value;
  /** x [rows, height, width, channels] times factors [rows, channels]. */
  scaleChannels(x: Value, factors: Value): Value;
  /** Every `stride`-th row and column, with channels of zeros appended: a shortcut without parameters. */
  subsample(x: Value, to: { stride: number; channels: number }): Value;
  /** The identity in evaluation. */
  dropout(x: Value): Value;
  /** [rows, a, b, …] to [rows, a·b·…]. */
  flatten(x: Value): Value;
};

/** A network: its tensors, trained ones first, and its forward pass to logits [rows, classes]. */
export type Model = {
  tensors: TensorSpec[];
  /** Weight of the `linear` that gives the logits; its values are reported after every epoch. */
  lastLayer: string;
  forward(x: Value, pass: ForwardPass): Value;
};

/** The forward pass up to the last layer: the activations [rows, width] that the logits are a linear function of. */
export function beforeLastLayer(model: Model, x: Value, pass: ForwardPass): Value {
  let activations: Value | null = null;
  model.forward(x, {
    ...pass,
    linear(input, weight) {
      if (weight === model.lastLayer) activations = input;
      return pass.linear(input, weight);
    },
  });
  if (activations === null) throw new Error(`No layer has the weight ${model.lastLayer}.`);
  return activations;
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
