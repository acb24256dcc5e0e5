import {
  type backend_util,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  getKernel,
  type KernelFunc,
  Reshape,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { attributesOf, convolutionInfo, shape4 } from "./attributes.js";
import { matMul } from "./mat-mul.js";
import {
  axesOf,
  caseChunks,
  forEachGridRow,
  gradientOnGrid,
  releaseWindow,
  type WindowGrid,
  windowAt,
  windowGrid,
} from "./shifted-windows.js";
import { callKernel, floatView, type HostBackend, input, sizeOf, wasmBackend } from "./wasm-context.js";

type ConvInfo = backend_util.Conv2DInfo;

const isPointwise = (info: ConvInfo) =>
  info.filterHeight === 1 &&
  info.filterWidth === 1 &&
  info.strideHeight === 1 &&
  info.strideWidth === 1 &&
  info.inHeight === info.outHeight &&
  info.inWidth === info.outWidth;

const reshape = (backend: HostBackend, x: TensorInfo, shape: number[]) =>
  callKernel(backend, Reshape, { x }, { shape });

function release(backend: HostBackend, ...tensors: TensorInfo[]): void {
  for (const tensor of tensors) backend.disposeData(tensor.dataId);
}

/** Cases of one phase with channels first, [channels, cells], and zeros behind for the last windows. */
function channelPlanes(
  backend: HostBackend,
  x: TensorInfo,
  { info, grid, phase, from, to }: PhaseCases,
): TensorInfo {
  const { inChannels: channels, strideWidth } = info;
  const cells = (to - from) * grid.height * grid.width;
  const planes = backend.makeOutput([channels * cells + grid.reach], "float32");
  const source = floatView(backend, x);
  const target = floatView(backend, planes).fill(0);
  const step = strideWidth * channels;
  forEachGridRow(info, grid, { phase, from, to }, (inputCell, gridCell, columns) => {
    let channel = 0;
    for (; channel + 3 < channels; channel += 4) {
      let at = inputCell * channels + channel;
      const first = channel * cells + gridCell;
      const [second, third, fourth] = [first + cells, first + 2 * cells, first + 3 * cells];
      for (let column = 0; column < columns; column++, at += step) {
        target[first + column] = source[at] as number;
        target[second + column] = source[at + 1] as number;
        target[third + column] = source[at + 2] as number;
        target[fourth + column] = source[at + 3] as number;
      }
    }
    for (; channel < channels; channel++) {
      let at = inputCell * channels + channel;
      const first = channel * cells + gridCell;
      for (let column = 0; column < columns; column++, at += step)
        target[first + column] = source[at] as number;
    }
  });
  return planes;
}

type PhaseCases = {
  info: ConvInfo;
  grid: WindowGrid;
  phase: number;
  from: number;
  to: number;
};

/** With fewer input channels, windows are copied into one matrix: a product of a few rows would mostly wait for dy. */
const fewChannels = 8;

/**
 * Gradient of a convolution towards its filter: at each tap the product of the input's window, channels first, with dy; see
 * {@link WindowGrid}. Sums over groups of cases that fit the cache, in a fixed order.
 */
const filterGradient: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const dy = input(args, "dy");
  const filterShape = attributesOf(args).shape("filterShape");
  const info = convolutionInfo(args, { inputShape: x.shape, filterShape, depthwise: false });
  const [, , channels, filters] = filterShape;
  if (isPointwise(info)) {
    const flatX = reshape(backend, x, [sizeOf(x.shape) / channels, channels]);
    const flatDy = reshape(backend, dy, [sizeOf(dy.shape) / filters, filters]);
    const product = matMul(backend, flatX, flatDy, { transposeA: true });
    release(backend, flatX, flatDy);
    return { ...product, shape: filterShape };
  }
  const grid = windowGrid(info);
  const area = grid.height * grid.width;
  const taps = grid.taps.length;
  const gradient = backend.makeOutput(filterShape, "float32");
  floatView(backend, gradient).fill(0);
  for (const { from, to } of caseChunks(info.batchSize, area * Math.max(channels, filters))) {
    const cells = (to - from) * area;
    const right = gradientOnGrid(backend, dy, grid, { from, to });
    const stacked = channels < fewChannels ? backend.makeOutput([taps * channels, cells], "float32") : null;
    for (const phase of grid.phases.keys()) {
      const planes = channelPlanes(backend, x, { info, grid, phase, from, to });
      for (const [tap, { phase: own, shift }] of grid.taps.entries()) {
        if (own !== phase) continue;
        if (stacked) {
          const source = floatView(backend, planes).subarray(shift, shift + channels * cells);
          floatView(backend, stacked).set(source, tap * channels * cells);
        } else {
          const left = windowAt(backend, planes, shift, [channels, cells]);
          const product = matMul(backend, left, right);
          addTo(floatView(backend, gradient), tap * channels * filters, floatView(backend, product));
          releaseWindow(backend, left);
          release(backend, product);
        }
      }
      release(backend, planes);
    }
    if (stacked) {
      const product = matMul(backend, stacked, right);
      addTo(floatView(backend, gradient), 0, floatView(backend, product));
      release(backend, stacked, product);
    }
    release(backend, right);
  }
  return gradient;
};

function addTo(sums: Float32Array, offset: number, terms: Float32Array): void {
  for (let i = 0; i < terms.length; i++)
    sums[offset + i] = (sums[offset + i] as number) + (terms[i] as number);
}

/** Puts stride - 1 zeros between the entries of dy along height and width. */
export function zeroDilate(
  backend: HostBackend,
  dy: TensorInfo,
  strides: readonly [number, number],
): TensorInfo {
  const [cases, height, width, channels] = shape4(dy.shape);
  const [strideHeight, strideWidth] = strides;
  const wide = [cases, (height - 1) * strideHeight + 1, (width - 1) * strideWidth + 1, channels] as const;
  const result = backend.makeOutput([...wide], "float32");
  const target = floatView(backend, result).fill(0);
  const source = floatView(backend, dy);
  for (let n = 0, from = 0; n < cases; n++) {
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width; c++, from += channels) {
        const to = ((n * wide[1] + r * strideHeight) * wide[2] + c * strideWidth) * channels;
        target.set(source.subarray(from, from + channels), to);
      }
    }
  }
  return result;
}

/** The filter turned by 180°; with `exchange`, also with inputs and outputs exchanged: [kh, kw, out, in]. */
export function turnFilter(
  backend: HostBackend,
  filter: TensorInfo,
  { exchange }: { exchange: boolean },
): TensorInfo {
  const [height, width, inputs, outputs] = shape4(filter.shape);
  const result = backend.makeOutput(
    exchange ? [height, width, outputs, inputs] : [height, width, inputs, outputs],
    "float32",
  );
  const source = floatView(backend, filter);
  const target = floatView(backend, result);
  const plane = inputs * outputs;
  for (let tap = 0, taps = height * width; tap < taps; tap++) {
    const from = (taps - 1 - tap) * plane;
    if (!exchange) target.set(source.subarray(from, from + plane), tap * plane);
    else {
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++)
          target[tap * plane + o * inputs + i] = source[from + i * outputs + o] as number;
      }
    }
  }
  return result;
}

/** Padding with which the turned filter over the dilated dy gives the input's size; null where one side is negative. */
export function transposedPadding(info: ConvInfo): [[number, number], [number, number]] | null {
  const [rows, columns] = axesOf(info).map(({ input: size, output, kernel, stride, dilation, padBefore }) => {
    const reach = (kernel - 1) * dilation;
    const before = reach - padBefore;
    return [before, size - ((output - 1) * stride + 1) - before + reach] as [number, number];
  });
  if (!rows || !columns || [...rows, ...columns].some((length) => length < 0)) return null;
  return [rows, columns];
}

/** Gradient of a convolution towards its input: dy, zero-dilated by the stride, convolved by the turned filter. */
function inputGradient(stock: KernelFunc): KernelFunc {
  return (args) => {
    const backend = wasmBackend(args.backend);
    const dy = input(args, "dy");
    const filter = input(args, "filter");
    const inputShape = attributesOf(args).shape("inputShape");
    const info = convolutionInfo(args, { inputShape, filterShape: filter.shape, depthwise: false });
    const [, , channels, filters] = shape4(filter.shape);
    if (isPointwise(info)) {
      const flatDy = reshape(backend, dy, [sizeOf(dy.shape) / filters, filters]);
      const flatFilter = reshape(backend, filter, [channels, filters]);
      const product = matMul(backend, flatDy, flatFilter, { transposeB: true });
      release(backend, flatDy, flatFilter);
      return { ...product, shape: inputShape };
    }
    const padding = transposedPadding(info);
    if (!padding) return stock(args);
    const strided = info.strideHeight > 1 || info.strideWidth > 1;
    const dilated = strided ? zeroDilate(backend, dy, [info.strideHeight, info.strideWidth]) : null;
    const turned = turnFilter(backend, filter, { exchange: true });
    const result = callKernel(
      backend,
      Conv2D,
      { x: dilated ?? dy, filter: turned },
      {
        strides: [1, 1],
        dilations: [info.dilationHeight, info.dilationWidth],
        pad: [[0, 0], ...padding, [0, 0]],
        dataFormat: "NHWC",
      },
    );
    release(backend, turned, ...(dilated ? [dilated] : []));
    return result;
  };
}

/** Registers the filter gradient, which the wasm backend lacks, and replaces its slow input gradient. */
export function registerConvolutionGradients(): void {
  registerKernel({ kernelName: Conv2DBackpropFilter, backendName: "wasm", kernelFunc: filterGradient });
  const stock = getKernel(Conv2DBackpropInput, "wasm");
  if (!stock) throw new Error("The wasm backend has no Conv2DBackpropInput kernel.");
  unregisterKernel(Conv2DBackpropInput, "wasm");
  registerKernel({ ...stock, kernelFunc: inputGradient(stock.kernelFunc) });
}
