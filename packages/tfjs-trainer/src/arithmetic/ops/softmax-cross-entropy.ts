import type { TensorInfo } from "@tensorflow/tfjs-core";
import { dimension, floatView, intView } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";

/** The loss in nats, class probabilities [rows, classes], and the gradient towards the logits. */
export type SoftmaxCrossEntropy = {
  loss: number;
  probabilities: TensorInfo;
  gradient: TensorInfo;
};

/** Softmax of each row; the caller releases the result, or hands it to a tape. Shape: [rows, classes]. */
export function softmax({ backend }: Tape, logits: Value): TensorInfo {
  const { shape } = logits.tensor;
  const classes = dimension(shape, 1);
  const probabilities = backend.makeOutput(shape, "float32");
  const zs = floatView(backend, logits.tensor);
  const ps = floatView(backend, probabilities);
  for (let start = 0; start < zs.length; start += classes) {
    const logSum = logSumOfExponentials(zs, start, classes);
    for (let c = 0; c < classes; c++) ps[start + c] = Math.exp((zs[start + c] as number) - logSum);
  }
  return probabilities;
}

/**
 * Softmax, then the negative log-likelihood of the labels, summed over the rows and divided by `divisor`. With the rows of
 * the whole batch as divisor, losses and gradients of its shards add up to those of the batch.
 * Shapes: logits [rows, classes] float32, labels [rows] int32 class indices.
 */
export function softmaxCrossEntropy(
  tape: Tape,
  logits: Value,
  { labels, divisor }: { labels: TensorInfo; divisor: number },
): SoftmaxCrossEntropy {
  const { backend } = tape;
  const { shape } = logits.tensor;
  const classes = dimension(shape, 1);
  const probabilities = tape.own(softmax(tape, logits));
  const gradient = backend.makeOutput(shape, "float32");
  const zs = floatView(backend, logits.tensor);
  const ps = floatView(backend, probabilities);
  const wanted = intView(backend, labels);
  const gs = floatView(backend, gradient);
  let total = 0;
  for (let row = 0; row < wanted.length; row++) {
    const start = row * classes;
    const label = wanted[row] as number;
    total += logSumOfExponentials(zs, start, classes) - (zs[start + label] as number);
    for (let c = 0; c < classes; c++)
      gs[start + c] = ((ps[start + c] as number) - (c === label ? 1 : 0)) / divisor;
  }
  return { loss: total / divisor, probabilities, gradient };
}

/** ln Σ exp of one row, shifted by its largest entry against overflow. */
function logSumOfExponentials(zs: Float32Array, start: number, classes: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, zs[start + c] as number);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp((zs[start + c] as number) - largest);
  return largest + Math.log(sum);
}
