import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Weights } from "../loop/weights.js";
import type { ForwardPass } from "../models/model.js";
import { activation } from "./ops/activation.js";
import { add, scaleChannels } from "./ops/arithmetic.js";
import { batchNorm, batchNormInference } from "./ops/batch-norm.js";
import { addBias } from "./ops/bias.js";
import { convolution, depthwiseConvolution } from "./ops/convolution.js";
import { linear } from "./ops/linear.js";
import { globalAveragePool, maxPool, subsample } from "./ops/pooling.js";
import { applyMask, flatten } from "./ops/shape.js";
import type { Tape, Value } from "./tape.js";

/** The operations that are the same in training and evaluation. */
function commonPass(
  tape: Tape,
  weights: Weights,
  value: (name: string) => Value,
): Omit<ForwardPass, "batchNorm" | "dropout"> {
  return {
    linear: (x, weight) =>
      linear(tape, x, {
        weight: value(weight),
        get transposed() {
          return weights.transposed(weight);
        },
      }),
    convolution: (x, filter, stride = 1) => convolution(tape, x, value(filter), stride),
    depthwiseConvolution: (x, filter, stride = 1) => depthwiseConvolution(tape, x, value(filter), stride),
    maxPool: (x, window = { size: 2, stride: 2, padding: 0 }) => maxPool(tape, x, window),
    globalAveragePool: (x) => globalAveragePool(tape, x),
    activation: (x, kind) => activation(tape, x, kind),
    add: (a, b) => add(tape, a, b),
    scaleChannels: (x, factors) => scaleChannels(tape, x, factors),
    subsample: (x, to) => subsample(tape, x, to),
    addBias: (x, bias) => addBias(tape, x, value(bias), { relu: false }),
    addBiasRelu: (x, bias) => addBias(tape, x, value(bias), { relu: true }),
    flatten: (x) => flatten(tape, x),
  };
}

/**
 * Training: batch norm by the statistics of the rows at hand, which `onStatistics` learns of; dropout by the masks that
 * `dropoutMask` makes (null for none).
 */
export function trainingPass(
  tape: Tape,
  weights: Weights,
  given: {
    parameters: Map<string, Value>;
    epsilon: number;
    onStatistics: (layer: string, mean: Float64Array, variance: Float64Array, rows: number) => void;
    dropoutMask: ((shape: number[]) => TensorInfo) | null;
  },
): ForwardPass {
  const value = (name: string): Value => {
    const known = given.parameters.get(name);
    if (known) return known;
    const made = tape.parameter(weights.tensor(name));
    given.parameters.set(name, made);
    return made;
  };
  return {
    ...commonPass(tape, weights, value),
    batchNorm(x, layer, kind) {
      const { epsilon, onStatistics } = given;
      const relu = kind === "relu";
      const gamma = value(`${layer}/gamma`);
      const beta = value(`${layer}/beta`);
      const { y, mean, variance } = batchNorm(tape, x, { gamma, beta, epsilon, relu });
      const { shape } = x.tensor;
      onStatistics(
        layer,
        mean,
        variance,
        shape.slice(0, -1).reduce((a, b) => a * b, 1),
      );
      return kind && !relu ? activation(tape, y, kind) : y;
    },
    dropout(x) {
      return given.dropoutMask ? applyMask(tape, x, given.dropoutMask(x.tensor.shape)) : x;
    },
  };
}

/** Evaluation: batch norm by the running statistics, no dropout, nothing recorded. */
export function evaluationPass(tape: Tape, weights: Weights, { epsilon }: { epsilon: number }): ForwardPass {
  const value = (name: string) => tape.constant(weights.tensor(name));
  return {
    ...commonPass(tape, weights, value),
    batchNorm(x, layer, kind) {
      const relu = kind === "relu";
      const y = batchNormInference(tape, x, {
        gamma: value(`${layer}/gamma`),
        beta: value(`${layer}/beta`),
        mean: weights.tensor(`${layer}/runningMean`),
        variance: weights.tensor(`${layer}/runningVariance`),
        epsilon,
        relu,
      });
      return kind && !relu ? activation(tape, y, kind) : y;
    },
    dropout: (x) => x,
  };
}
