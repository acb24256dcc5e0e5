import {
  type backend_util,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  getKernel,
  type KernelFunc,
  Reshape,
  registerKernel,
  Slice,
  type TensorInfo,
  Transpose,
  unregisterKernel,
} from "@tensorflow/tfjs-core";
import { convolutionInfo, shape4, shapeAttribute } from "./attributes.js";
import { matMul } from "./mat-mul.js";
import { callKernel, floatView, type HostBackend, input, sizeOf, wasmBackend } from "./wasm-context.js";

type ConvInfo = backend_util.Conv2DInfo;

/** Height, width and what goes with them, for loops that treat both alike. */
interface Axis {
  input: number;
  output: number;
  kernel: number;
  stride: number;
  dilation: number;
  padBefore: number;
}

function axes(info: ConvInfo): [Axis, Axis] {
  const { padInfo } = info;
  return [
    {
      input: info.inHeight,
      output: info.outHeight,
      kernel: info.filterHeight,
      stride: info.strideHeight,
      dilation: info.dilationHeight,
      padBefore: padInfo.top,
    },
    {
      input: info.inWidth,
      output: info.outWidth,
      kernel: info.filterWidth,
      stride: info.strideWidth,
      dilation: info.dilationWidth,
      padBefore: padInfo.left,
    },
  ];
}

const isPointwise = (info: ConvInfo) =>
  info.filterHeight === 1 &&
  info.filterWidth === 1 &&
  info.strideHeight === 1 &&
  info.strideWidth === 1 &&
  info.inHeight === info.outHeight &&
  info.inWidth === info.outWidth;

const reshape = (backend: HostBackend, x: TensorInfo, shape: number[]) =>
  callKernel(backend, Reshape, { x }, { shape });
const transpose = (backend: HostBackend, x: TensorInfo, perm: number[]) =>
  callKernel(backend, Transpose, { x }, { perm });

function release(backend: HostBackend, ...tensors: TensorInfo[]): void {
  for (const tensor of tensors) backend.disposeData(tensor.dataId);
}

/**
 * Gradient of a convolution towards its filter, as a forward convolution: the input with channels and cases exchanged,
 * convolved by dy with stride and dilation exchanged, gives [in, kh, kw, out].
 */
const filterGradient: KernelFunc = (args) => {
  const backend = wasmBackend(args.backend);
  const x = input(args, "x");
  const dy = input(args, "dy");
  const filterShape = shapeAttribute(args, "filterShape");
  const info = convolutionInfo(args, { inputShape: x.shape, filterShape, depthwise: false });
  const [rows, columns] = axes(info);
  const [, , channels, filters] = filterShape;
  if (isPointwise(info)) {
    const flatX = reshape(backend, x, [sizeOf(x.shape) / channels, channels]);
    const flatDy = reshape(backend, dy, [sizeOf(dy.shape) / filters, filters]);
    const product = matMul(backend, flatX, flatDy, { transposeA: true });
    release(backend, flatX, flatDy);
    return { ...product, shape: filterShape };
  }
  // What the windows reach past the end of the input; negative where a stride leaves the end unused.
  const after = ({ input: size, output, kernel, stride, dilation, padBefore }: Axis) =>
    (kernel - 1) * dilation + (output - 1) * stride + 1 - size - padBefore;
  const [below, right] = [after(rows), after(columns)];
  const used = [
    info.batchSize,
    rows.input + Math.min(0, below),
    columns.input + Math.min(0, right),
    channels,
  ];
  const cropped =
    below < 0 || right < 0 ? callKernel(backend, Slice, { x }, { begin: [0, 0, 0, 0], size: used }) : null;
  const exchanged = transpose(backend, cropped ?? x, [3, 1, 2, 0]);
  const dyAsFilter = transpose(backend, dy, [1, 2, 0, 3]);
  const result = callKernel(
    backend,
    Conv2D,
    { x: exchanged, filter: dyAsFilter },
    {
      strides: [rows.dilation, columns.dilation],
      dilations: [rows.stride, columns.stride],
      // biome-ignore format: one row per axis
      pad: [[0, 0], [rows.padBefore, Math.max(0, below)], [columns.padBefore, Math.max(0, right)], [0, 0]],
      dataFormat: "NHWC",
    },
  );
  const gradient = transpose(backend, result, [1, 2, 0, 3]);
  release(backend, exchanged, dyAsFilter, result, ...(cropped ? [cropped] : []));
  return gradient;
};

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
  const [rows, columns] = axes(info).map(({ input: size, output, kernel, stride, dilation, padBefore }) => {
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
    const inputShape = shapeAttribute(args, "inputShape");
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
