import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
} from "@tensorflow/tfjs-core";
import { callKernel, dimension } from "../kernels/wasm-context.js";
import type { Tape, Value } from "../tape.js";

type Kernels = {
  forward: string;
  towardsInput: string;
  towardsFilter: string;
};

function convolutionWith(
  { forward, towardsInput, towardsFilter }: Kernels,
  tape: Tape,
  { x, filter, stride }: { x: Value; filter: Value; stride: number },
): Value {
  const { backend } = tape;
  const attrs = {
    strides: [stride, stride],
    pad: (dimension(filter.tensor.shape, 0) - 1) / 2,
    dataFormat: "NHWC",
    dilations: [1, 1],
    dimRoundingMode: "floor",
  };
  const y = callKernel(backend, forward, { x: x.tensor, filter: filter.tensor }, attrs);
  return tape.record(y, [x, filter], (dy) => {
    if (x.tracked) {
      const given = { ...attrs, inputShape: x.tensor.shape };
      tape.give(x, callKernel(backend, towardsInput, { dy, filter: filter.tensor }, given));
    }
    if (filter.tracked) {
      const given = { ...attrs, filterShape: filter.tensor.shape };
      tape.give(filter, callKernel(backend, towardsFilter, { x: x.tensor, dy }, given));
    }
  });
}

/**
 * Convolution by an odd filter with (size - 1) / 2 zeros around. Shapes: x [n, h, w, in], filter [size, size, in, out],
 * result [n, ⌈h / stride⌉, ⌈w / stride⌉, out].
 */
export function convolution(tape: Tape, x: Value, filter: Value, stride: number): Value {
  const kernels = {
    forward: Conv2D,
    towardsInput: Conv2DBackpropInput,
    towardsFilter: Conv2DBackpropFilter,
  };
  return convolutionWith(kernels, tape, { x, filter, stride });
}

/** The same for each channel by itself; filter [size, size, channels, 1]. */
export function depthwiseConvolution(tape: Tape, x: Value, filter: Value, stride: number): Value {
  const kernels = {
    forward: DepthwiseConv2dNative,
    towardsInput: DepthwiseConv2dNativeBackpropInput,
    towardsFilter: DepthwiseConv2dNativeBackpropFilter,
  };
  return convolutionWith(kernels, tape, { x, filter, stride });
}
