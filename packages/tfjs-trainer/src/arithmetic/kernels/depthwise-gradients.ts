import {
  AvgPool,
  type backend_util,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  type KernelFunc,
  Multiply,
  registerKernel,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { attributesOf, convolutionInfo, shape4 } from "./attributes.js";
import { transposedPadding, turnFilter, zeroDilate } from "./convolution-gradients.js";
import {
  caseChunks,
  forEachGridRow,
  gradientOnGrid,
  releaseWindow,
  type WindowGrid,
  windowAt,
  windowGrid,
} from "./shifted-windows.js";
import { callKernel, floatView, type HostBackend, input, wasmBackend } from "./wasm-context.js";

/** Cases of one phase on the grid, channels last, and zeros behind for the last windows. */
function channelsLastGrid(
  backend: HostBackend,
  x: TensorInfo,
  given: {
    info: backend_util.Conv2DInfo;
    grid: WindowGrid;
    phase: number;
    from: number;
    to: number;
  },
): TensorInfo {
  const { info, grid, from, to } = given;
  const { inChannels: channels, strideWidth } = info;
  const cells = (to - from) * grid.height * grid.width;
  const result = backend.makeOutput([cells + grid.reach, channels], "float32");
  const source = floatView(backend, x);
  const target = floatView(backend, result).fill(0);
  forEachGridRow(info, grid, given, (inputCell, gridCell, columns) => {
    // Without a stride, a row of the grid is a row of the input.
    const [pieces, length] = strideWidth === 1 ? [1, columns * channels] : [columns, channels];
    for (let piece = 0; piece < pieces; piece++) {
      const at = (inputCell + piece * strideWidth) * channels;
      target.set(source.subarray(at, at + length), (gridCell + piece) * channels);
    }
  });
  return result;
}

/**
 * Gradient towards the filter. With one filter per channel: at each tap the mean over all cells of the input's window times
 * dy, see {@link WindowGrid}; both are fast kernels. Otherwise, loops.
 */
const filterGradient: KernelFunc = (args) => {
  const filterShape = attributesOf(args).shape("filterShape");
  if (filterShape[3] !== 1) return filterGradientByLoops(args);
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const dy = input(args, "dy");
  const info = convolutionInfo(args, { inputShape: x.shape, filterShape, depthwise: true });
  const grid = windowGrid(info);
  const channels = filterShape[2];
  const area = grid.height * grid.width;
  const gradient = backend.makeOutput(filterShape, "float32");
  floatView(backend, gradient).fill(0);
  for (const { from, to } of caseChunks(info.batchSize, 2 * area * channels)) {
    const cells = (to - from) * area;
    const placed = gradientOnGrid(backend, dy, grid, { from, to });
    for (const phase of grid.phases.keys()) {
      const source = channelsLastGrid(backend, x, { info, grid, phase, from, to });
      for (const [tap, { phase: own, shift }] of grid.taps.entries()) {
        if (own !== phase) continue;
        const window = windowAt(backend, source, shift * channels, [cells, channels]);
        const products = callKernel(backend, Multiply, { a: window, b: placed });
        const columns = { ...products, shape: [1, cells, 1, channels] };
        const whole = { filterSize: [cells, 1], strides: [1, 1], pad: "valid" };
        const mean = callKernel(backend, AvgPool, { x: columns }, whole);
        const sums = floatView(backend, gradient);
        const means = floatView(backend, mean);
        for (let c = 0; c < channels; c++) {
          const slot = tap * channels + c;
          sums[slot] = (sums[slot] as number) + cells * (means[c] as number);
        }
        releaseWindow(backend, window);
        backend.disposeData(products.dataId);
        backend.disposeData(mean.dataId);
      }
      backend.disposeData(source.dataId);
    }
    backend.disposeData(placed.dataId);
  }
  return gradient;
};

/** The same in a fixed order of float64 sums. Shapes: x [n, h, w, c], dy [n, oh, ow, c·m]. */
const filterGradientByLoops: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const dy = input(args, "dy");
  const filterShape = attributesOf(args).shape("filterShape");
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
  const inputShape = attributesOf(args).shape("inputShape");
  const info = convolutionInfo(args, { inputShape, filterShape: filter.shape, depthwise: true });
  const [height, width, channels, multiplier] = shape4(filter.shape);
  const padding = transposedPadding(info);
  if (multiplier === 1 && padding) {
    const strided = info.strideHeight > 1 || info.strideWidth > 1;
    const dilated = strided ? zeroDilate(backend, dy, [info.strideHeight, info.strideWidth]) : null;
    const turned = turnFilter(backend, filter, { exchange: false });
    const gradient = callKernel(
      backend,
      DepthwiseConv2dNative,
      { x: dilated ?? dy, filter: turned },
      {
        strides: [1, 1],
        dilations: [info.dilationHeight, info.dilationWidth],
        pad: [[0, 0], ...padding, [0, 0]],
      },
    );
    if (dilated) backend.disposeData(dilated.dataId);
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
