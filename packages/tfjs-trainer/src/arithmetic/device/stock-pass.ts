import * as tf from "@tensorflow/tfjs-core";
import type { Activation, ForwardPass } from "../../models/model.js";
import type { Value } from "../tape.js";

/** What a pass over TensorFlow.js's own ops needs to know. */
export type StockPassOptions = {
  /** The named tensor of the model, on the device. */
  tensor(name: string): tf.Tensor;
  epsilon: number;
  /** How batch norm normalises: by the rows at hand, of which `onStatistics` learns, or by the running statistics. */
  batchNorm:
    | {
        by: "rows";
        onStatistics: (layer: string, mean: tf.Tensor, variance: tf.Tensor, rows: number) => void;
      }
    | { by: "running" };
  /** Null for no dropout. */
  dropoutMask: ((shape: number[]) => tf.Tensor) | null;
};

/** A tensor of the engine as a value of a pass; TensorFlow.js keeps its own record of how it came to be. */
export const stockValue = (tensor: tf.Tensor): Value => ({ tensor, tracked: false, gradient: null });

export function tensorOf({ tensor }: Value): tf.Tensor {
  if (tensor instanceof tf.Tensor) return tensor;
  throw new Error("This value was not computed by TensorFlow.js's engine.");
}

function rank4(value: Value): tf.Tensor4D {
  const tensor = tensorOf(value);
  if (tensor.rank === 4) return tensor as tf.Tensor4D;
  throw new Error(`Expected four dimensions, got [${tensor.shape.join(", ")}].`);
}

/** Below every number that a maximum could be taken of. */
const lowest = -3.4e38;

function frame(x: tf.Tensor4D, width: number, value: number): tf.Tensor4D {
  const sides: [number, number] = [width, width];
  return tf.pad(x, [[0, 0], sides, sides, [0, 0]], value);
}

/** x with (size - 1) / 2 zeros around, for a filter of that size: numeric padding is not known to every backend. */
function framed(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const width = (filter.shape[0] - 1) / 2;
  return width === 0 ? x : frame(x, width, 0);
}

function activate(x: tf.Tensor, kind: Activation | "hardSigmoid"): tf.Tensor {
  switch (kind) {
    case "relu":
      return tf.relu(x);
    case "relu6":
      return tf.relu6(x);
    case "hardSigmoid":
      return tf.div(tf.relu6(tf.add(x, 3)), 6);
    case "hardSwish":
      return tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6));
  }
}

/**
 * The operations of a forward pass as TensorFlow.js's own, for backends whose memory is not this process's. Its engine
 * differentiates them, and they mean the same as those of the other passes, which a test checks.
 */
export function stockPass({ tensor, epsilon, batchNorm, dropoutMask }: StockPassOptions): ForwardPass {
  const filterOf = (name: string) => rank4(stockValue(tensor(name)));
  const biased = (x: Value, bias: string) => tf.add(tensorOf(x), tensor(bias));

  function normalise(x: tf.Tensor, layer: string): tf.Tensor {
    const moments = (): { mean: tf.Tensor; variance: tf.Tensor } => {
      if (batchNorm.by === "running") {
        return { mean: tensor(`${layer}/runningMean`), variance: tensor(`${layer}/runningVariance`) };
      }
      const found = tf.moments(x, [...x.shape.keys()].slice(0, -1));
      const rows = x.size / (x.shape.at(-1) ?? 1);
      batchNorm.onStatistics(layer, found.mean, found.variance, rows);
      return found;
    };
    const { mean, variance } = moments();
    const slope = tf.mul(tf.rsqrt(tf.add(variance, epsilon)), tensor(`${layer}/gamma`));
    return tf.add(tf.mul(tf.sub(x, mean), slope), tensor(`${layer}/beta`));
  }

  return {
    linear: (x, weight) => stockValue(tf.matMul(tensorOf(x), tensor(weight))),
    convolution: (x, filter, stride = 1) =>
      stockValue(tf.conv2d(framed(rank4(x), filterOf(filter)), filterOf(filter), stride, "valid")),
    depthwiseConvolution: (x, filter, stride = 1) =>
      stockValue(tf.depthwiseConv2d(framed(rank4(x), filterOf(filter)), filterOf(filter), stride, "valid")),
    maxPool(x, { size, stride, padding } = { size: 2, stride: 2, padding: 0 }) {
      const framedX = padding === 0 ? rank4(x) : frame(rank4(x), padding, lowest);
      return stockValue(tf.maxPool(framedX, size, stride, "valid"));
    },
    globalAveragePool: (x) => stockValue(tf.mean(rank4(x), [1, 2])),
    addBias: (x, bias) => stockValue(biased(x, bias)),
    addBiasRelu: (x, bias) => stockValue(tf.relu(biased(x, bias))),
    batchNorm(x, layer, kind) {
      const y = normalise(tensorOf(x), layer);
      return stockValue(kind ? activate(y, kind) : y);
    },
    activation: (x, kind) => stockValue(activate(tensorOf(x), kind)),
    add: (a, b) => stockValue(tf.add(tensorOf(a), tensorOf(b))),
    scaleChannels(x, factors) {
      const [rows = 0, channels = 0] = factors.tensor.shape;
      return stockValue(tf.mul(tensorOf(x), tf.reshape(tensorOf(factors), [rows, 1, 1, channels])));
    },
    subsample(x, { stride, channels }) {
      // Pooling over single pixels: slices with strides have no gradient in the library.
      const picked = stride === 1 ? rank4(x) : tf.avgPool(rank4(x), 1, stride, "same");
      const missing = channels - (picked.shape.at(-1) ?? 0);
      const none: [number, number] = [0, 0];
      return stockValue(missing === 0 ? picked : tf.pad(picked, [none, none, none, [0, missing]]));
    },
    dropout: (x) => (dropoutMask ? stockValue(tf.mul(tensorOf(x), dropoutMask(x.tensor.shape))) : x),
    flatten: (x) => stockValue(tf.reshape(tensorOf(x), [x.tensor.shape[0] ?? 0, -1])),
  };
}
