import {
  activationBlock,
  type Block,
  batchNormBlock,
  convolutionBlock,
  denseBlock,
  depthwiseBlock,
  dropoutBlock,
  type FilterInitial,
  globalAveragePoolBlock,
  heNormal,
  modelOf,
  residual,
  sequence,
} from "./blocks.js";
import {
  type InvertedResidual,
  invertedResidualsV2,
  invertedResidualsV3Large,
  roundedWidth,
  separableLayers,
} from "./mobilenet-shapes.js";
import type { Activation, Initial, Model } from "./model.js";
import type { Stem } from "./resnet.js";

export type MobilenetOptions = {
  inputShape: readonly number[];
  classes: number;
  variant: "v1" | "v2" | "v3-large";
  stem: Stem;
  widthMultiplier: number;
};

/** Initial values as in torchvision: filters by fan-out, dense layers N(0, 0.01²), biases 0. */
const initial: FilterInitial = ({ fanOut }) => heNormal(fanOut);
const denseInitial: Initial = { distribution: "normal", deviation: 0.01 };

type Convolution = { inputs: number; outputs: number; size: number; stride?: number };

const convolutionNorm = (name: string, shape: Convolution, activation?: Activation) =>
  sequence(
    convolutionBlock(name, { ...shape, initial }),
    batchNormBlock(`${name}/norm`, shape.outputs, activation),
  );

const depthwiseNorm = (
  name: string,
  shape: { channels: number; size: number; stride: number },
  activation: Activation,
) =>
  sequence(
    depthwiseBlock(name, { ...shape, initial }),
    batchNormBlock(`${name}/norm`, shape.channels, activation),
  );

/** Weighs channels by what the means of all of them say (J. Hu et al. 2018), with a hard sigmoid as in the third version. */
function squeezeExcite(name: string, channels: number): Block {
  const squeezed = roundedWidth(Math.floor(channels / 4));
  const dense = (part: string, inputs: number, outputs: number) =>
    denseBlock(`${name}/${part}`, { inputs, outputs, initial: heNormal(outputs) });
  const weigh = sequence(
    globalAveragePoolBlock,
    dense("squeeze", channels, squeezed),
    activationBlock("relu"),
    dense("excite", squeezed, channels),
    activationBlock("hardSigmoid"),
  );
  return {
    tensors: weigh.tensors,
    forward: (x, pass) => pass.scaleChannels(x, weigh.forward(x, pass)),
  };
}

function invertedResidual(name: string, inputs: number, shape: InvertedResidual): Block {
  const { size, expanded, outputs, activation, stride } = shape;
  const main = sequence(
    ...(expanded === inputs
      ? []
      : [convolutionNorm(`${name}/expand`, { inputs, outputs: expanded, size: 1 }, activation)]),
    depthwiseNorm(`${name}/depthwise`, { channels: expanded, size, stride }, activation),
    ...(shape.squeezeExcite ? [squeezeExcite(`${name}/squeezeExcite`, expanded)] : []),
    convolutionNorm(`${name}/project`, { inputs: expanded, outputs, size: 1 }),
  );
  return stride === 1 && inputs === outputs ? residual(main, null) : main;
}

/** With the `cifar` stem, the first convolution and the first strided block keep small images whole. */
function strideOf(stem: Stem): (given: number) => number {
  let kept = stem === "cifar" ? 2 : 0;
  return (given) => {
    if (given === 1 || kept === 0) return given;
    kept -= 1;
    return 1;
  };
}

/** Network of depthwise separable layers (A. Howard et al., "MobileNets", 2017). */
function mobilenetV1({ inputShape, classes, stem, widthMultiplier }: MobilenetOptions): Model {
  const stride = strideOf(stem);
  let inputs = roundedWidth(32 * widthMultiplier);
  const first = { inputs: inputShape[2] ?? 0, outputs: inputs, size: 3, stride: stride(2) };
  const layers = separableLayers.map(([filters, given], index) => {
    const outputs = roundedWidth(filters * widthMultiplier);
    const name = `layer${index + 1}`;
    const layer = sequence(
      depthwiseNorm(`${name}/depthwise`, { channels: inputs, size: 3, stride: stride(given) }, "relu"),
      convolutionNorm(`${name}/pointwise`, { inputs, outputs, size: 1 }, "relu"),
    );
    inputs = outputs;
    return layer;
  });
  return modelOf(
    convolutionNorm("stem", first, "relu"),
    ...layers,
    globalAveragePoolBlock,
    dropoutBlock,
    denseBlock("logits", { inputs, outputs: classes, initial: denseInitial }),
  );
}

/**
 * Network of inverted residuals: M. Sandler et al., "MobileNetV2" (CVPR 2018), or the large shape of A. Howard et al.,
 * "Searching for MobileNetV3" (ICCV 2019), which adds squeeze-and-excitation, hard swish and a second dense layer.
 */
function invertedNetwork({ inputShape, classes, stem, variant, widthMultiplier }: MobilenetOptions): Model {
  const third = variant === "v3-large";
  const shapes = third ? invertedResidualsV3Large(widthMultiplier) : invertedResidualsV2(widthMultiplier);
  const activation: Activation = third ? "hardSwish" : "relu6";
  const stride = strideOf(stem);
  let inputs = roundedWidth((third ? 16 : 32) * widthMultiplier);
  const first = { inputs: inputShape[2] ?? 0, outputs: inputs, size: 3, stride: stride(2) };
  const blocks = shapes.map((shape, index) => {
    const block = invertedResidual(`block${index + 1}`, inputs, { ...shape, stride: stride(shape.stride) });
    inputs = shape.outputs;
    return block;
  });
  const wide = third ? 6 * inputs : roundedWidth(1280 * Math.max(1, widthMultiplier));
  const hidden = roundedWidth(1280 * widthMultiplier);
  return modelOf(
    convolutionNorm("stem", first, activation),
    ...blocks,
    convolutionNorm("last", { inputs, outputs: wide, size: 1 }, activation),
    globalAveragePoolBlock,
    ...(third
      ? [
          denseBlock("hidden", { inputs: wide, outputs: hidden, initial: denseInitial }),
          activationBlock(activation),
        ]
      : []),
    dropoutBlock,
    denseBlock("logits", { inputs: third ? hidden : wide, outputs: classes, initial: denseInitial }),
  );
}

export function mobilenet(options: MobilenetOptions): Model {
  return options.variant === "v1" ? mobilenetV1(options) : invertedNetwork(options);
}
