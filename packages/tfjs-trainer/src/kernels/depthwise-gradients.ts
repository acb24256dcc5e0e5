import {
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  type KernelFunc,
  registerKernel,
} from "@tensorflow/tfjs-core";
import { convolutionInfo, shape4, shapeAttribute } from "./attributes.js";
import { transposedPadding, turnFilter, zeroDilate } from "./convolution-gradients.js";
import { callKernel, floatView, input, wasmBackend } from "./wasm-context.js";

/** Gradient towards the filter: loops in a fixed order, float64 sums. Shapes: x [n, h, w, c], dy [n, oh, ow, c·m]. */
const filterGradient: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const dy = input(args, "dy");
  const filterShape = shapeAttribute(args, "filterShape");
  const info = convolutionInfo(args, { inputShape: x.shape, filterShape, depthwise: true });
  const [height, width, channels, multiplier] = filterShape;
  const result = backend.makeOutput(filterShape, "float32");
  const xs = floatView(backend, x);
  const dys = floatView(backend, dy);
  const sums = new Float64Array(height * width * channels * multiplier);
  const outputs = channels * multiplier;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  for (let n = 0; n < info.batchSize; n++) {
    for (let r = 0; r < info.outHeight; r++) {
      for (let c = 0; c < info.outWidth; c++) {
        const from = ((n * info.outHeight + r) * info.outWidth + c) * outputs;
        for (let tap = 0; tap < height * width; tap++) {
          const row = r * strideHeight + Math.floor(tap / width) * dilationHeight - padInfo.top;
          const column = c * strideWidth + (tap % width) * dilationWidth - padInfo.left;
          if (row < 0 || row >= info.inHeight || column < 0 || column >= info.inWidth) continue;
          const at = ((n * info.inHeight + row) * info.inWidth + column) * channels;
          for (let o = 0; o < outputs; o++) {
            const slot = tap * outputs + o;
            const value = xs[at + Math.floor(o / multiplier)] as number;
            sums[slot] = (sums[slot] as number) + value * (dys[from + o] as number);
          }
        }
      }
    }
  }
  floatView(backend, result).set(sums);
  return result;
};

/**
 * Gradient towards the input. With one filter per channel: dy, zero-dilated by the stride, convolved depthwise by the
 * turned filter. Otherwise, loops in a fixed order.
 */
const inputGradient: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const dy = input(args, "dy");
  const filter = input(args, "filter");
  const inputShape = shapeAttribute(args, "inputShape");
  const info = convolutionInfo(args, { inputShape, filterShape: filter.shape, depthwise: true });
  const [height, width, channels, multiplier] = shape4(filter.shape);
  const padding = transposedPadding(info);
  if (multiplier === 1 && padding) {
    const dilated = zeroDilate(backend, dy, [info.strideHeight, info.strideWidth]);
    const turned = turnFilter(backend, filter, { exchange: false });
    const gradient = callKernel(
      backend,
      DepthwiseConv2dNative,
      { x: dilated, filter: turned },
      {
        strides: [1, 1],
        dilations: [info.dilationHeight, info.dilationWidth],
        pad: [[0, 0], ...padding, [0, 0]],
      },
    );
    backend.disposeData(dilated.dataId);
    backend.disposeData(turned.dataId);
    return gradient;
  }
  const result = backend.makeOutput(inputShape, "float32");
  const weights = floatView(backend, filter);
  const dys = floatView(backend, dy);
  const dxs = new Float64Array(inputShape.reduce((a, b) => a * b, 1));
  const outputs = channels * multiplier;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  for (let n = 0; n < info.batchSize; n++) {
    for (let r = 0; r < info.outHeight; r++) {
      for (let c = 0; c < info.outWidth; c++) {
        const from = ((n * info.outHeight + r) * info.outWidth + c) * outputs;
        for (let tap = 0; tap < height * width; tap++) {
          const row = r * strideHeight + Math.floor(tap / width) * dilationHeight - padInfo.top;
          const column = c * strideWidth + (tap % width) * dilationWidth - padInfo.left;
          if (row < 0 || row >= info.inHeight || column < 0 || column >= info.inWidth) continue;
          const at = ((n * info.inHeight + row) * info.inWidth + column) * channels;
          for (let o = 0; o < outputs; o++) {
            const slot = at + Math.floor(o / multiplier);
            dxs[slot] =
              (dxs[slot] as number) + (weights[tap * outputs + o] as number) * (dys[from + o] as number);
          }
        }
      }
    }
  }
  floatView(backend, result).set(dxs);
  return result;
};

/** Registers both gradients of the depthwise convolution, which the wasm backend lacks. */
export function registerDepthwiseGradients(): void {
  const kernels = [
    [DepthwiseConv2dNativeBackpropFilter, filterGradient],
    [DepthwiseConv2dNativeBackpropInput, inputGradient],
  ] as const;
  for (const [kernelName, kernelFunc] of kernels)
    registerKernel({ kernelName, backendName: "wasm", kernelFunc });
}
