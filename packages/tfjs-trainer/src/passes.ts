import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { ForwardPass } from "./models/model.js";
import { batchNorm, batchNormInference } from "./ops/batch-norm.js";
import { addBias } from "./ops/bias.js";
import { convolution, maxPool2x2 } from "./ops/convolution.js";
import { linear } from "./ops/linear.js";
import { applyMask, flatten } from "./ops/shape.js";
import type { Tape, Value } from "./tape.js";
import type { Weights } from "./weights.js";

/** The operations that are the same in training and evaluation. */
function commonPass(
  tape: Tape,
  weights: Weights,
  value: (name: string) => Value,
): Omit<ForwardPass, "batchNormRelu" | "dropout"> {
  return {
    linear: (x, weight) =>
      linear(tape, x, {
        weight: value(weight),
        get transposed() {
          return weights.transposed(weight);
        },
      }),
    convolution: (x, filter) => convolution(tape, x, value(filter)),
    maxPool: (x) => maxPool2x2(tape, x),
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
    batchNormRelu(x, layer) {
      const { epsilon, onStatistics } = given;
      const gamma = value(`${layer}/gamma`);
      const beta = value(`${layer}/beta`);
      const { y, mean, variance } = batchNorm(tape, x, { gamma, beta, epsilon, relu: true });
      const { shape } = x.tensor;
      onStatistics(
        layer,
        mean,
        variance,
        shape.slice(0, -1).reduce((a, b) => a * b, 1),
      );
      return y;
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
    batchNormRelu: (x, layer) =>
      batchNormInference(tape, x, {
        gamma: value(`${layer}/gamma`),
        beta: value(`${layer}/beta`),
        mean: weights.tensor(`${layer}/runningMean`),
        variance: weights.tensor(`${layer}/runningVariance`),
        epsilon,
        relu: true,
      }),
    dropout: (x) => x,
  };
}
