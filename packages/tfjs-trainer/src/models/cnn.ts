import { batchNormTensors, type Model, type TensorSpec, trainedFirst } from "./model.js";

const kernelSize = 3;

/**
 * Two blocks of 3 × 3 convolution, [batch norm], ReLU and 2 × 2 max pooling (or, instead of the pooling, convolutions of
 * stride 2), then a dense layer to the classes. `inputShape` is [height, width, channels]; both sides must be at least 4.
 */
export function cnn(options: {
  inputShape: readonly number[];
  filters: readonly number[];
  classes: number;
  batchNorm: boolean;
  downsampling: "maxPool" | "stride";
}): Model {
  const { filters, classes, batchNorm } = options;
  const strided = options.downsampling === "stride";
  const halved = strided ? Math.ceil : Math.floor;
  let [height = 0, width = 0, channels = 0] = options.inputShape;
  const tensors: TensorSpec[] = [];
  for (const [block, count] of filters.entries()) {
    const fanIn = kernelSize * kernelSize * channels;
    const shape = [kernelSize, kernelSize, channels, count];
    tensors.push({ name: `conv${block}/filter`, shape, role: "weight", fanIn });
    if (batchNorm) tensors.push(...batchNormTensors(`norm${block}`, count));
    else tensors.push({ name: `conv${block}/bias`, shape: [count], role: "bias", fanIn });
    height = halved(height / 2);
    width = halved(width / 2);
    channels = count;
  }
  const fanIn = height * width * channels;
  tensors.push({ name: "logits/weight", shape: [fanIn, classes], role: "weight", fanIn });
  tensors.push({ name: "logits/bias", shape: [classes], role: "bias", fanIn });

  return {
    tensors: trainedFirst(tensors),
    lastLayer: "logits/weight",
    forward(x, pass) {
      let features = x;
      for (const block of filters.keys()) {
        features = pass.convolution(features, `conv${block}/filter`, strided ? 2 : 1);
        features = batchNorm
          ? pass.batchNorm(features, `norm${block}`, "relu")
          : pass.addBiasRelu(features, `conv${block}/bias`);
        if (!strided) features = pass.maxPool(features);
      }
      const flat = pass.dropout(pass.flatten(features));
      return pass.addBias(pass.linear(flat, "logits/weight"), "logits/bias");
    },
  };
}
