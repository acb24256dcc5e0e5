import type { Value } from "../arithmetic/tape.js";
import {
  type Activation,
  batchNormTensors,
  type ForwardPass,
  type Initial,
  type Model,
  type TensorSpec,
  trainedFirst,
} from "./model.js";

/** A part of a network: its tensors and what it does with its input. */
export type Block = {
  tensors: TensorSpec[];
  forward(x: Value, pass: ForwardPass): Value;
};

/** N(0, 2 / fan): He et al. (2015), section 2.2, with the fan-in (forward case) or the fan-out (backward case). */
export const heNormal = (fan: number): Initial => ({ distribution: "normal", deviation: Math.sqrt(2 / fan) });

/** U(-1/√fanIn, 1/√fanIn): what PyTorch's layers start with unless told otherwise. */
export const torchDefault = (fanIn: number): Initial => ({
  distribution: "uniform",
  limit: 1 / Math.sqrt(fanIn),
});

/** How the initial values of a convolution's filter follow from its fans. */
export type FilterInitial = (fans: { fanIn: number; fanOut: number }) => Initial;

export type ConvolutionOptions = {
  inputs: number;
  outputs: number;
  size: number;
  stride?: number;
  initial: FilterInitial;
};

/** Convolution without bias: a normalisation follows it or precedes the next one. */
export function convolutionBlock(
  name: string,
  { inputs, outputs, size, stride = 1, initial }: ConvolutionOptions,
): Block {
  const fanIn = size * size * inputs;
  const fans = { fanIn, fanOut: size * size * outputs };
  const filter = `${name}/filter`;
  return {
    tensors: [
      {
        name: filter,
        shape: [size, size, inputs, outputs],
        role: "weight",
        fanIn,
        initial: initial(fans),
      },
    ],
    forward: (x, pass) => pass.convolution(x, filter, stride),
  };
}

/**
 * Convolution of each channel by itself. Its initial values take the fan-out over all channels, as PyTorch counts it:
 * the normalisation behind it makes up for the smaller values.
 */
export function depthwiseBlock(
  name: string,
  {
    channels,
    size,
    stride,
    initial,
  }: { channels: number; size: number; stride: number } & {
    initial: FilterInitial;
  },
): Block {
  const filter = `${name}/filter`;
  const area = size * size;
  return {
    tensors: [
      {
        name: filter,
        shape: [size, size, channels, 1],
        role: "weight",
        fanIn: area,
        initial: initial({ fanIn: area, fanOut: area * channels }),
      },
    ],
    forward: (x, pass) => pass.depthwiseConvolution(x, filter, stride),
  };
}

export function batchNormBlock(name: string, channels: number, activation?: Activation): Block {
  return {
    tensors: batchNormTensors(name, channels),
    forward: (x, pass) => pass.batchNorm(x, name, activation),
  };
}

/** Dense layer with bias on [rows, inputs]. */
export function denseBlock(
  name: string,
  {
    inputs,
    outputs,
    initial,
    biasInitial,
  }: { inputs: number; outputs: number; initial: Initial; biasInitial?: Initial },
): Block {
  const [weight, bias] = [`${name}/weight`, `${name}/bias`];
  return {
    tensors: [
      { name: weight, shape: [inputs, outputs], role: "weight", fanIn: inputs, initial },
      {
        name: bias,
        shape: [outputs],
        role: "bias",
        fanIn: inputs,
        ...(biasInitial && { initial: biasInitial }),
      },
    ],
    forward: (x, pass) => pass.addBias(pass.linear(x, weight), bias),
  };
}

export const maxPoolBlock = (size: number, stride: number, padding: number): Block => ({
  tensors: [],
  forward: (x, pass) => pass.maxPool(x, { size, stride, padding }),
});

export const globalAveragePoolBlock: Block = {
  tensors: [],
  forward: (x, pass) => pass.globalAveragePool(x),
};

export const dropoutBlock: Block = { tensors: [], forward: (x, pass) => pass.dropout(x) };

export const activationBlock = (kind: Activation | "hardSigmoid"): Block => ({
  tensors: [],
  forward: (x, pass) => pass.activation(x, kind),
});

export function sequence(...blocks: Block[]): Block {
  return {
    tensors: blocks.flatMap((block) => block.tensors),
    forward: (x, pass) => blocks.reduce((value, block) => block.forward(value, pass), x),
  };
}

/** main(x) + shortcut(x); without a shortcut block, main(x) + x. */
export function residual(main: Block, shortcut: Block | null): Block {
  return {
    tensors: [...main.tensors, ...(shortcut?.tensors ?? [])],
    forward: (x, pass) => pass.add(main.forward(x, pass), shortcut ? shortcut.forward(x, pass) : x),
  };
}

/** A whole classifier whose last dense layer is called `logits`. */
export function modelOf(...blocks: Block[]): Model {
  const { tensors, forward } = sequence(...blocks);
  return { tensors: trainedFirst(tensors), lastLayer: "logits/weight", forward };
}
