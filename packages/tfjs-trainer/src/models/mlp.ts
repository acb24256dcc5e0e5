import { batchNormTensors, type Model, type TensorSpec, trainedFirst } from "./model.js";

/**
 * Multi-layer perceptron: dense, [batch norm], ReLU, [dropout] per hidden layer, then a dense layer to the classes.
 * A layer followed by batch norm has no bias: the normalisation would cancel it.
 */
export function mlp(options: {
  inputs: number;
  hiddenUnits: readonly number[];
  classes: number;
  batchNorm: boolean;
}): Model {
  const { hiddenUnits, classes, batchNorm } = options;
  const tensors: TensorSpec[] = [];
  let fanIn = options.inputs;
  for (const [layer, units] of hiddenUnits.entries()) {
    tensors.push({ name: `dense${layer}/weight`, shape: [fanIn, units], role: "weight", fanIn });
    if (batchNorm) tensors.push(...batchNormTensors(`norm${layer}`, units));
    else tensors.push({ name: `dense${layer}/bias`, shape: [units], role: "bias", fanIn });
    fanIn = units;
  }
  tensors.push({ name: "logits/weight", shape: [fanIn, classes], role: "weight", fanIn });
  tensors.push({ name: "logits/bias", shape: [classes], role: "bias", fanIn });

  return {
    tensors: trainedFirst(tensors),
    lastLayer: "logits/weight",
    forward(x, pass) {
      let hidden = x.tensor.shape.length > 2 ? pass.flatten(x) : x;
      for (const layer of hiddenUnits.keys()) {
        hidden = pass.linear(hidden, `dense${layer}/weight`);
        hidden = batchNorm
          ? pass.batchNorm(hidden, `norm${layer}`, "relu")
          : pass.addBiasRelu(hidden, `dense${layer}/bias`);
        hidden = pass.dropout(hidden);
      }
      return pass.addBias(pass.linear(hidden, "logits/weight"), "logits/bias");
    },
  };
}
