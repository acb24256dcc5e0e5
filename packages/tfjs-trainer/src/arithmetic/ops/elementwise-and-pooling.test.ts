import { beforeAll, expect, test } from "vitest";
import { startTestBackend } from "../../test-support/start-test-backend.js";
import { floatView, type HostBackend, sizeOf } from "../kernels/wasm-context.js";
import { draws, streamKey } from "../streams.js";
import { createTape, type Tape, type Value } from "../tape.js";
import { activation } from "./activation.js";
import { add, scaleChannels } from "./arithmetic.js";
import { globalAveragePool, maxPool, subsample } from "./pooling.js";

let backend: HostBackend;
beforeAll(async () => {
  backend = await startTestBackend();
});

type Op = (tape: Tape, inputs: readonly [Value, Value]) => Value;

const images = [2, 5, 4, 6];
const cases: [name: string, op: Op, second: number[]][] = [
  ["relu", (tape, [x]) => activation(tape, x, "relu"), [1]],
  ["relu6", (tape, [x]) => activation(tape, x, "relu6"), [1]],
  ["hardSigmoid", (tape, [x]) => activation(tape, x, "hardSigmoid"), [1]],
  ["hardSwish", (tape, [x]) => activation(tape, x, "hardSwish"), [1]],
  ["add", (tape, [x, y]) => add(tape, x, y), images],
  ["a value added to itself", (tape, [x]) => add(tape, x, x), [1]],
  ["scaleChannels", (tape, [x, factors]) => scaleChannels(tape, x, factors), [2, 6]],
  ["globalAveragePool", (tape, [x]) => globalAveragePool(tape, x), [1]],
  ["subsample", (tape, [x]) => subsample(tape, x, { stride: 2, channels: 9 }), [1]],
  ["maxPool", (tape, [x]) => maxPool(tape, x, { size: 3, stride: 2, padding: 1 }), [1]],
];

/** Multiples of 1/16 in [-8, 8), shifted off the kinks at 0, ±3 and 6; among these draws no pooling window has a tie. */
function values(shape: number[], index: number): Float32Array {
  const stream = draws(streamKey(7, "init", null), index);
  return Float32Array.from({ length: sizeOf(shape) }, () => stream.below(256) / 16 - 8 + 1 / 32);
}

test.each(cases)("gradient of %s against central differences of its own result", (_name, op, second) => {
  const shapes = [images, second];
  const given = shapes.map(values);
  /** Σ weights · op(inputs), and the gradients of that sum. */
  function evaluate(inputs: readonly Float32Array[]) {
    const tape = createTape(backend);
    const [x, y] = shapes.map((shape, i) =>
      tape.parameter(tape.own(backend.makeOutput(shape, "float32", undefined, inputs[i]))),
    );
    if (!x || !y) throw new Error("Two inputs.");
    const result = op(tape, [x, y]);
    const weights = values(result.tensor.shape, 9);
    const results = floatView(backend, result.tensor);
    const sum = results.reduce((total, r, i) => total + r * (weights[i] ?? Number.NaN), 0);
    tape.backward(result, backend.makeOutput(result.tensor.shape, "float32", undefined, weights));
    const gradients = [x, y].map(({ gradient }) =>
      gradient ? Float64Array.from(floatView(backend, gradient)) : null,
    );
    tape.release();
    return { sum, gradients };
  }
  const before = backend.kernelBackend.numDataIds();
  const { gradients } = evaluate(given);
  expect(gradients[0]).not.toBeNull();
  for (const [which, gradient] of gradients.entries()) {
    for (const [i, slope] of (gradient ?? []).entries()) {
      // Every op is at most quadratic within the step: central differences are exact but for rounding.
      const h = 1 / 64;
      const at = (step: number) =>
        evaluate(given.map((array, j) => array.map((v, k) => (j === which && k === i ? v + step : v)))).sum;
      const expected = (at(h) - at(-h)) / (2 * h);
      expect(Math.abs(slope - expected), `input ${which}[${i}]`).toBeLessThan(2e-3);
    }
  }
  expect(backend.kernelBackend.numDataIds()).toBe(before);
});

test("what is not a number stays so through every activation", () => {
  const tape = createTape(backend);
  // Both signs: processors make NaN with the sign bit set.
  const bits = Int32Array.of(0x7fc00000, 0xffc00000 | 0);
  const x = tape.constant(
    tape.own(backend.makeOutput([2], "float32", undefined, new Float32Array(bits.buffer))),
  );
  for (const kind of ["relu", "relu6", "hardSigmoid", "hardSwish"] as const) {
    expect([...floatView(backend, activation(tape, x, kind).tensor)], kind).toEqual([Number.NaN, Number.NaN]);
  }
  tape.release();
});
