import "@tensorflow/tfjs-backend-cpu";
import { backend, engine, type NamedAttrMap, setBackend, Tensor, tensor, tidy } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestBackend } from "../../test-support/start-test-backend.js";
import { draws, streamKey } from "../streams.js";

beforeAll(async () => {
  await startTestBackend();
});

type Case = {
  kernel: string;
  /** Shapes of the inputs by name. */
  inputs: Record<string, number[]>;
  attrs: NamedAttrMap;
};

let drawn = 0;
/** Values in [-1, 1), each tensor from its own stream; `sign: -1` makes them all negative. */
function random(shape: number[], sign = 0): Tensor {
  const stream = draws(streamKey(1, "init", null), drawn++);
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, () => {
    const value = 2 * stream.uniform() - 1;
    return sign === 0 ? value : sign * Math.abs(value) - 0.001;
  });
  return tensor(values, shape);
}

async function runOn(
  backend: string,
  { kernel, attrs }: Case,
  values: Record<string, Tensor>,
): Promise<Float32Array> {
  await setBackend(backend);
  return tidy(() => {
    const inputs = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        tensor(value.dataSync(), value.shape, value.dtype),
      ]),
    );
    const result: unknown = engine().runKernel(kernel, inputs, attrs);
    if (!(result instanceof Tensor)) throw new Error("Expected one tensor.");
    return Float32Array.from(result.dataSync());
  });
}

/** Largest difference, relative to the largest magnitude of the reference. */
async function relativeError(of: Case, values: Record<string, Tensor>): Promise<number> {
  const reference = await runOn("cpu", of, values);
  const ours = await runOn("wasm", of, values);
  expect(ours.length).toBe(reference.length);
  let scale = 1e-6;
  let worst = 0;
  for (const [i, value] of reference.entries()) {
    scale = Math.max(scale, Math.abs(value));
    worst = Math.max(worst, Math.abs(value - (ours[i] ?? Number.NaN)));
  }
  return worst / scale;
}

let checked = 0;
let worstOfAll = 0;

async function check(of: Case, signs: Record<string, number> = {}): Promise<void> {
  await setBackend("cpu");
  const values = Object.fromEntries(
    Object.entries(of.inputs).map(([name, shape]) => [name, random(shape, signs[name] ?? 0)]),
  );
  const error = await relativeError(of, values);
  checked += 1;
  worstOfAll = Math.max(worstOfAll, error);
  // Both sides sum in float32, in different orders.
  expect(error, `${of.kernel} ${JSON.stringify(of.inputs)} ${JSON.stringify(of.attrs)}`).toBeLessThan(5e-6);
  for (const value of Object.values(values)) value.dispose();
}

/** Output length of a convolution or pooling axis. */
function outputLength(size: number, kernel: number, { stride, dilation, pad }: Geometry): number {
  const reach = (kernel - 1) * dilation + 1;
  return pad === "same" ? Math.ceil(size / stride) : Math.floor((size - reach) / stride) + 1;
}

type Geometry = {
  stride: number;
  dilation: number;
  pad: "same" | "valid";
};

const undilated: Geometry[] = [
  { stride: 1, dilation: 1, pad: "same" },
  { stride: 1, dilation: 1, pad: "valid" },
  { stride: 2, dilation: 1, pad: "same" },
  { stride: 2, dilation: 1, pad: "valid" },
  { stride: 3, dilation: 1, pad: "same" },
];
const dilated: Geometry[] = [
  { stride: 1, dilation: 2, pad: "same" },
  { stride: 1, dilation: 2, pad: "valid" },
];

/** Shapes of [cases, height, width, channels] × filter [height, width, outputs], small, odd and even. */
const shapes = [
  { x: [1, 5, 5, 1], kernel: [1, 1], outputs: 1 },
  { x: [2, 6, 5, 3], kernel: [1, 1], outputs: 4 },
  { x: [2, 8, 8, 3], kernel: [3, 3], outputs: 5 },
  { x: [3, 7, 9, 2], kernel: [3, 3], outputs: 8 },
  { x: [1, 9, 8, 4], kernel: [5, 3], outputs: 2 },
  { x: [4, 8, 8, 8], kernel: [2, 2], outputs: 8 },
  { x: [2, 10, 7, 1], kernel: [4, 3], outputs: 6 },
  { x: [8, 8, 8, 1], kernel: [3, 3], outputs: 16 },
  { x: [5, 6, 6, 7], kernel: [3, 1], outputs: 3 },
  { x: [1, 12, 12, 3], kernel: [7, 7], outputs: 4 },
  { x: [2, 5, 11, 6], kernel: [1, 3], outputs: 6 },
  { x: [16, 4, 4, 2], kernel: [3, 3], outputs: 2 },
  { x: [1, 1, 9, 4], kernel: [1, 5], outputs: 5 },
  { x: [3, 32, 32, 3], kernel: [3, 3], outputs: 4 },
];

function* convolutions(
  depthwise: boolean,
  geometries: Geometry[],
): Generator<{ x: number[]; filter: number[]; dy: number[]; attrs: NamedAttrMap }> {
  for (const { x, kernel, outputs } of shapes) {
    for (const geometry of geometries) {
      const [cases = 0, height = 0, width = 0, channels = 0] = x;
      const [kernelHeight = 0, kernelWidth = 0] = kernel;
      const outHeight = outputLength(height, kernelHeight, geometry);
      const outWidth = outputLength(width, kernelWidth, geometry);
      if (outHeight < 1 || outWidth < 1) continue;
      const multipliers = depthwise ? [1, 2] : [outputs];
      for (const last of multipliers) {
        const filter = [kernelHeight, kernelWidth, channels, last];
        yield {
          x,
          filter,
          dy: [cases, outHeight, outWidth, depthwise ? channels * last : last],
          attrs: {
            strides: [geometry.stride, geometry.stride],
            dilations: [geometry.dilation, geometry.dilation],
            pad: geometry.pad,
            dataFormat: "NHWC",
            inputShape: x,
            filterShape: filter,
          },
        };
      }
    }
  }
}

describe("training kernels on wasm agree with the cpu backend", () => {
  afterAll(() => {
    console.info(`${checked} configurations, worst relative error ${worstOfAll.toExponential(1)}`);
  });

  const kinds = [
    { name: "convolution", depthwise: false, forward: "Conv2D", prefix: "Conv2DBackprop" },
    {
      name: "depthwise convolution",
      depthwise: true,
      forward: "DepthwiseConv2dNative",
      prefix: "DepthwiseConv2dNativeBackprop",
    },
  ];

  test.each(kinds)("$name", async ({ depthwise, prefix }) => {
    for (const { x, filter, dy, attrs } of convolutions(depthwise, undilated)) {
      await check({ kernel: `${prefix}Filter`, inputs: { x, dy }, attrs });
      await check({ kernel: `${prefix}Input`, inputs: { dy, filter }, attrs });
    }
  });

  // The cpu backend's gradients ignore dilation. Its forward convolution does not, and a gradient is the adjoint of the
  // forward map: for any filter v, the sum of dFilter · v equals the sum of dy · convolution(x, v); likewise for inputs.
  test.each(kinds)("$name with dilation", async ({ depthwise, forward, prefix }) => {
    const dot = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, i) => sum + value * (b[i] ?? Number.NaN), 0);
    for (const { x, filter, dy, attrs } of convolutions(depthwise, dilated)) {
      await setBackend("cpu");
      const values = { x: random(x), filter: random(filter), dy: random(dy) };
      const data = (name: keyof typeof values) => Float32Array.from(values[name].dataSync());
      const y = await runOn(
        "cpu",
        { kernel: forward, inputs: {}, attrs },
        { x: values.x, filter: values.filter },
      );
      const expected = dot(data("dy"), y);
      const scale = Math.sqrt(dot(data("dy"), data("dy")) * dot(y, y));
      const dFilter = await runOn(
        "wasm",
        { kernel: `${prefix}Filter`, inputs: {}, attrs },
        { x: values.x, dy: values.dy },
      );
      const dInput = await runOn(
        "wasm",
        { kernel: `${prefix}Input`, inputs: {}, attrs },
        { dy: values.dy, filter: values.filter },
      );
      await setBackend("cpu");
      for (const gradient of [dot(dFilter, data("filter")), dot(dInput, data("x"))]) {
        checked += 1;
        worstOfAll = Math.max(worstOfAll, Math.abs(gradient - expected) / scale);
        expect(Math.abs(gradient - expected) / scale, JSON.stringify(attrs)).toBeLessThan(5e-6);
      }
    }
  });

  // Padding as the models use it, enough channels for windows without copies, and (last) cases too large for one group.
  test.each([
    [[2, 9, 8, 3], 3, 1, 5],
    [[2, 9, 8, 12], 3, 2, 6],
    [[3, 8, 7, 10], 5, 2, 4],
    [[2, 11, 12, 9], 7, 2, 3],
    [[2, 7, 8, 16], 1, 2, 5],
    [[2, 5, 5, 17], 1, 1, 9],
    [[2, 6, 9, 8], 5, 1, 8],
    [[2, 8, 8, 1700], 3, 1, 1],
  ])("padding on every side: %j, filter %i, stride %i", async (x, size, stride, outputs) => {
    const [cases = 0, height = 0, width = 0, channels = 0] = x;
    const sides = [Math.ceil(height / stride), Math.ceil(width / stride)];
    for (const depthwise of [false, true]) {
      const filter = [size, size, channels, depthwise ? 1 : outputs];
      const dy = [cases, ...sides, depthwise ? channels : outputs];
      const attrs = {
        strides: [stride, stride],
        dilations: [1, 1],
        pad: (size - 1) / 2,
        dimRoundingMode: "floor",
        dataFormat: "NHWC",
        inputShape: x,
        filterShape: filter,
      };
      const prefix = depthwise ? "DepthwiseConv2dNativeBackprop" : "Conv2DBackprop";
      await check({ kernel: `${prefix}Filter`, inputs: { x, dy }, attrs });
      if (channels < 1000) await check({ kernel: `${prefix}Input`, inputs: { dy, filter }, attrs });
    }
  });

  test("max pooling, also of windows that are negative throughout", async () => {
    for (const sign of [0, -1]) {
      for (const [x, filterSize, stride, pad] of [
        [[2, 8, 8, 3], [2, 2], 2, "valid"],
        [[1, 7, 5, 4], [2, 2], 2, "valid"],
        [[2, 9, 8, 2], [3, 3], 2, "same"],
        [[3, 6, 6, 1], [3, 3], 1, "same"],
        [[1, 8, 8, 5], [2, 3], 1, "valid"],
        [[2, 9, 7, 6], [2, 2], 2, "valid"],
      ] as const) {
        const geometry = { stride, dilation: 1, pad };
        const [cases, height, width, channels] = x;
        const output = [
          cases,
          outputLength(height, filterSize[0], geometry),
          outputLength(width, filterSize[1], geometry),
          channels,
        ];
        const attrs = { filterSize: [...filterSize], strides: [stride, stride], pad };
        await check(
          { kernel: "MaxPoolGrad", inputs: { dy: output, input: [...x], output }, attrs },
          { input: sign },
        );
      }
    }
  });

  test("matrix product with every combination of transposed operands", async () => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        for (const [m, k, n] of [
          [1, 1, 1],
          [4, 30, 64],
          [3, 64, 2],
          [17, 5, 9],
          [32, 64, 64],
          [2, 100, 7],
        ] as const) {
          for (const batch of [[], [1], [3]]) {
            const a = [...batch, ...(transposeA ? [k, m] : [m, k])];
            const b = [...batch, ...(transposeB ? [n, k] : [k, n])];
            const three = (shape: number[]) => (shape.length === 2 ? [1, ...shape] : shape);
            await check({
              kernel: "BatchMatMul",
              inputs: { a: three(a), b: three(b) },
              attrs: { transposeA, transposeB },
            });
          }
        }
      }
    }
  });

  test("segment sum, with ids out of range left out", async () => {
    for (const [rows, width, numSegments] of [
      [1, 1, 1],
      [10, 3, 4],
      [64, 7, 5],
      [33, 16, 50],
    ] as const) {
      await setBackend("cpu");
      const x = random([rows, width]);
      const stream = draws(streamKey(2, "init", null), rows);
      const segmentIds = tensor(
        Int32Array.from({ length: rows }, () => stream.below(numSegments)),
        [rows],
        "int32",
      );
      const of = { kernel: "UnsortedSegmentSum", inputs: {}, attrs: { numSegments } };
      expect(await relativeError(of, { x, segmentIds })).toBeLessThan(5e-6);
      checked += 1;
    }
  });

  test("hundreds of configurations were checked, and no kernel leaks memory", async () => {
    expect(checked).toBeGreaterThan(400);
    await setBackend("wasm");
    const before = backend().numDataIds();
    const values = { x: random([2, 9, 8, 3]), dy: random([2, 3, 3, 5]) };
    const filter = random([3, 3, 3, 5]);
    const attrs = {
      strides: [3, 3],
      pad: "same",
      dataFormat: "NHWC",
      filterShape: filter.shape,
      inputShape: [2, 9, 8, 3],
    };
    await runOn("wasm", { kernel: "Conv2DBackpropFilter", inputs: {}, attrs }, values);
    await runOn("wasm", { kernel: "Conv2DBackpropInput", inputs: {}, attrs }, { dy: values.dy, filter });
    filter.dispose();
    for (const value of Object.values(values)) value.dispose();
    expect(backend().numDataIds()).toBe(before);
  });
});
