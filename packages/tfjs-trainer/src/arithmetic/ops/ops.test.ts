import { beforeAll, describe, expect, test } from "vitest";
import { cnn } from "../../models/cnn.js";
import { mlp } from "../../models/mlp.js";
import type { Model } from "../../models/model.js";
import { startTestBackend } from "../../test-support/start-test-backend.js";
import { floatView, type HostBackend } from "../kernels/wasm-context.js";
import { trainingPass } from "../passes.js";
import { draws, streamKey } from "../streams.js";
import { createTape, type Value } from "../tape.js";
import { batchNorm } from "./batch-norm.js";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.js";

let backend: HostBackend;
beforeAll(async () => {
  backend = await startTestBackend();
});

function random(size: number, index: number): Float32Array {
  const stream = draws(streamKey(5, "init", null), index);
  return Float32Array.from({ length: size }, () => 2 * stream.uniform() - 1);
}
const tensorOf = (shape: number[], values: Float32Array) =>
  backend.makeOutput(shape, "float32", undefined, values);

describe("batch norm", () => {
  /** Σ dy · relu(norm(x)), in float64. */
  function reference(
    x: ArrayLike<number>,
    dy: ArrayLike<number>,
    gamma: ArrayLike<number>,
    beta: ArrayLike<number>,
    relu: boolean,
  ): number {
    const channels = gamma.length;
    const rows = x.length / channels;
    let total = 0;
    for (let c = 0; c < channels; c++) {
      const column = Array.from({ length: rows }, (_, r) => Number(x[r * channels + c]));
      const mean = column.reduce((a, b) => a + b) / rows;
      const variance = column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / rows;
      for (const [r, value] of column.entries()) {
        const y = ((value - mean) / Math.sqrt(variance + 1e-5)) * Number(gamma[c]) + Number(beta[c]);
        total += Number(dy[r * channels + c]) * (relu ? Math.max(0, y) : y);
      }
    }
    return total;
  }

  test.each([
    [[4, 3], false],
    [[4, 64], true],
    [[2, 5], true],
    [[3, 4, 4, 6], true],
    [[33, 7], false],
  ])("gradient of shape %j, relu %j, against central differences in float64", (shape, relu) => {
    const channels = shape.at(-1) ?? 0;
    const size = shape.reduce((a, b) => a * b, 1);
    const values = {
      x: random(size, 0),
      dy: random(size, 1),
      gamma: random(channels, 2),
      beta: random(channels, 3),
    };
    const tape = createTape(backend);
    const x = tape.parameter(tensorOf(shape, values.x));
    const gamma = tape.parameter(tensorOf([channels], values.gamma));
    const beta = tape.parameter(tensorOf([channels], values.beta));
    const { y } = batchNorm(tape, x, { gamma, beta, epsilon: 1e-5, relu });
    tape.backward(y, tensorOf(shape, values.dy));
    const given = { x, gamma, beta };
    for (const name of ["x", "gamma", "beta"] as const) {
      const gradient = given[name].gradient;
      if (!gradient) throw new Error(`No gradient of ${name}.`);
      const ours = Float32Array.from(floatView(backend, gradient));
      for (let i = 0; i < ours.length; i += Math.ceil(ours.length / 40)) {
        const at = (h: number) => {
          const moved = {
            ...values,
            [name]: Float64Array.from(values[name], (v, j) => (j === i ? v + h : v)),
          };
          return reference(moved.x, moved.dy, moved.gamma, moved.beta, relu);
        };
        const expected = (at(1e-6) - at(-1e-6)) / 2e-6;
        expect(Math.abs((ours[i] ?? Number.NaN) - expected), `${name}[${i}]`).toBeLessThan(
          2e-4 * Math.max(1, Math.abs(expected)),
        );
      }
    }
    tape.release();
  });
});

describe("whole models", () => {
  const models: [string, Model, number[]][] = [
    ["mlp", mlp({ inputs: 6, hiddenUnits: [5, 4], classes: 3, batchNorm: false }), [6]],
    ["mlp with batch norm", mlp({ inputs: 6, hiddenUnits: [5, 4], classes: 3, batchNorm: true }), [6]],
    [
      "cnn",
      cnn({ inputShape: [8, 8, 2], filters: [3, 4], classes: 3, batchNorm: false, downsampling: "maxPool" }),
      [8, 8, 2],
    ],
    [
      "cnn with batch norm",
      cnn({ inputShape: [9, 8, 2], filters: [3, 4], classes: 3, batchNorm: true, downsampling: "maxPool" }),
      [9, 8, 2],
    ],
  ];

  /** Loss and gradients of one batch of five cases at the given parameters. */
  function evaluate(model: Model, inputShape: number[], parameters: Map<string, Float32Array>) {
    const tape = createTape(backend);
    const tensors = new Map(
      model.tensors.map(({ name, shape }) => [
        name,
        tape.own(tensorOf(shape, parameters.get(name) ?? new Float32Array())),
      ]),
    );
    const tensor = (name: string) => {
      const found = tensors.get(name);
      if (!found) throw new Error(name);
      return found;
    };
    const transposed = (name: string) => {
      const { shape } = tensor(name);
      const [rows = 0, columns = 0] = shape;
      const from = parameters.get(name) ?? new Float32Array();
      const swapped = Float32Array.from(
        from,
        (_, i) => from[(i % rows) * columns + Math.floor(i / rows)] ?? 0,
      );
      return tape.own(tensorOf([columns, rows], swapped));
    };
    const values = new Map<string, Value>();
    const pass = trainingPass(
      tape,
      { load: () => {}, tensor, transposed },
      { parameters: values, epsilon: 1e-5, onStatistics: () => {}, dropoutMask: null },
    );
    const size = inputShape.reduce((a, b) => a * b, 1);
    const x = tape.constant(tape.own(tensorOf([5, ...inputShape], random(5 * size, 99))));
    const labels = tape.own(backend.makeOutput([5], "int32", undefined, Int32Array.of(0, 1, 2, 1, 0)));
    const logits = model.forward(x, pass);
    const { loss, gradient } = softmaxCrossEntropy(tape, logits, { labels, divisor: 5 });
    tape.backward(logits, gradient);
    const gradients = new Map(
      [...values].map(([name, { gradient: g }]) => [
        name,
        g ? Float32Array.from(floatView(backend, g)) : null,
      ]),
    );
    tape.release();
    return { loss, gradients };
  }

  test.each(models)(
    "gradients of the loss of a %s are its slopes, and no memory is left behind",
    (_name, model, inputShape) => {
      const parameters = new Map(
        model.tensors.map(({ name, shape, role }, i) => {
          const values = random(
            shape.reduce((a, b) => a * b, 1),
            i + 10,
          );
          return [name, role === "scale" ? values.map((v) => 1 + v / 2) : values];
        }),
      );
      const before = backend.kernelBackend.numDataIds();
      const { gradients } = evaluate(model, inputShape, parameters);
      expect(backend.kernelBackend.numDataIds()).toBe(before);
      for (const { name, role } of model.tensors) {
        if (role === "runningMean" || role === "runningVariance") continue;
        const gradient = gradients.get(name);
        const values = parameters.get(name);
        if (!gradient || !values) throw new Error(`No gradient of ${name}.`);
        // Along the gradient itself the slope is its length; steps large enough for float32, small enough for few kinks.
        const length = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
        const h = 2e-3;
        const lossAt = (t: number) => {
          const moved = values.map((v, i) => v + (t * (gradient[i] ?? 0)) / length);
          return evaluate(model, inputShape, new Map(parameters).set(name, moved)).loss;
        };
        const slope = (lossAt(h) - lossAt(-h)) / (2 * h);
        expect(Math.abs(slope - length) / length, `${name}: ${slope} against ${length}`).toBeLessThan(0.02);
      }
    },
  );
});
