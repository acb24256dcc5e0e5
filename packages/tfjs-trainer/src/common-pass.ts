import { addBias } from "./kernels/bias.js";
import { convolution, maxPool2x2 } from "./kernels/convolution.js";
import { flatten } from "./kernels/shape.js";
import type { ForwardPass } from "./models/model.js";
import type { Weights } from "./weights.js";

/** The operations that are the same in training and evaluation. */
export function commonPass(
  weights: Weights,
): Pick<ForwardPass, "convolution" | "maxPool" | "addBias" | "addBiasRelu" | "flatten"> {
  return {
    convolution: (x, filter) => convolution(x, weights.tensor(filter)),
    maxPool: maxPool2x2,
    addBias: (x, bias) => addBias(x, weights.tensor(bias), { relu: false }),
    addBiasRelu: (x, bias) => addBias(x, weights.tensor(bias), { relu: true }),
    flatten,
  };
}
