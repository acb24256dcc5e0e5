import { type KernelFunc, registerGradient, registerKernel, type Tensor } from "@tensorflow/tfjs-core";
import {
  dimension,
  floatView,
  input,
  intView,
  runOp,
  runOps,
  savedTensor,
  single,
  wasmBackend,
} from "./wasm-context.js";

const lossKernel = "RepriseSoftmaxCrossEntropy";
const gradientKernel = "RepriseSoftmaxCrossEntropyGradient";

/** loss is a scalar in nats; probabilities are [rows, classes] and carry no gradient. */
export interface SoftmaxCrossEntropy {
  loss: Tensor;
  probabilities: Tensor;
}

/**
 * Softmax followed by the negative log-likelihood of the labels, summed over the rows and divided by `divisor`. With
 * the rows of the whole batch as divisor, the losses and gradients of its shards add up to those of the batch.
 * Shapes: logits [rows, classes] float32, labels [rows] int32 class indices.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor, divisor: number): SoftmaxCrossEntropy {
  const [loss, probabilities] = runOps(lossKernel, { logits, labels }, { divisor });
  if (!loss || !probabilities) throw new Error(`${lossKernel} returned too few tensors.`);
  return { loss, probabilities };
}

const forward: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const logits = input(args, "logits");
  const rows = dimension(logits.shape, 0);
  const classes = dimension(logits.shape, 1);
  const loss = backend.makeOutput([], "float32");
  const probabilities = backend.makeOutput(logits.shape, "float32");
  const zs = floatView(backend, logits);
  const labels = intView(backend, input(args, "labels"));
  const ps = floatView(backend, probabilities);
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const start = r * classes;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, zs[start + c] as number);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp((zs[start + c] as number) - largest);
    const logSum = largest + Math.log(sum);
    for (let c = 0; c < classes; c++) ps[start + c] = Math.exp((zs[start + c] as number) - logSum);
    total += logSum - (zs[start + (labels[r] as number)] as number);
  }
  floatView(backend, loss)[0] = total / Number(args.attrs?.divisor);
  return [loss, probabilities];
};

/** result: (probabilities - one-hot labels) · dy / divisor. */
const backward: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const probabilities = input(args, "probabilities");
  const classes = dimension(probabilities.shape, 1);
  const result = backend.makeOutput(probabilities.shape, "float32");
  const ps = floatView(backend, probabilities);
  const labels = intView(backend, input(args, "labels"));
  const out = floatView(backend, result);
  const factor = Number(floatView(backend, input(args, "dy"))[0]) / Number(args.attrs?.divisor);
  for (let r = 0, i = 0; r < labels.length; r++) {
    const label = labels[r] as number;
    for (let c = 0; c < classes; c++, i++) out[i] = ((ps[i] as number) - (c === label ? 1 : 0)) * factor;
  }
  return result;
};

export function registerSoftmaxCrossEntropy(): void {
  registerKernel({ kernelName: lossKernel, backendName: "wasm", kernelFunc: forward });
  registerKernel({ kernelName: gradientKernel, backendName: "wasm", kernelFunc: backward });
  registerGradient({
    kernelName: lossKernel,
    inputsToSave: ["labels"],
    outputsToSave: [false, true],
    gradFunc: (dy, saved, attrs) => ({
      logits: () =>
        runOp(
          gradientKernel,
          { dy: single(dy), labels: savedTensor(saved, 0), probabilities: savedTensor(saved, 1) },
          { divisor: attrs.divisor },
        ),
    }),
  });
}
