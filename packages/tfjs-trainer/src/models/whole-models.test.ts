import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { floatView, type HostBackend, sizeOf } from "../arithmetic/kernels/wasm-context.js";
import { softmaxCrossEntropy } from "../arithmetic/ops/softmax-cross-entropy.js";
import { evaluationPass, trainingPass } from "../arithmetic/passes.js";
import { createTape, type Value } from "../arithmetic/tape.js";
import { effectiveHyperparameters } from "../hyperparameters/effective.js";
import { startTestBackend } from "../test-support/start-test-backend.js";
import { buildModel } from "./build-model.js";
import { isTrained, type Model, type TensorSpec } from "./model.js";

/** Losses and gradients of the same networks in PyTorch; how they were made stands in whole-models.py. */
const references = z
  .record(
    z.string(),
    z.object({
      inputShape: z.array(z.number()),
      input: z.number(),
      loss: z.number(),
      gradients: z.array(z.tuple([z.number(), z.number()])),
    }),
  )
  .parse(
    JSON.parse(readFileSync(new URL("../../reference/whole-models.data.json", import.meta.url), "utf8")),
  );

const configurations: Record<string, Parameters<typeof effectiveHyperparameters>[0]> = {
  "resnet-8": { model: "resnet", depth: 8, widthMultiplier: 0.5 },
  "resnet-18": { model: "resnet", depth: 18, stem: "imagenet", widthMultiplier: 0.0625 },
  "preact-resnet-18": { model: "preact-resnet", depth: 18, widthMultiplier: 0.0625 },
  "mobilenet-v1": { model: "mobilenet", variant: "v1", widthMultiplier: 0.05 },
  "mobilenet-v2": { model: "mobilenet", variant: "v2", widthMultiplier: 0.05 },
  "mobilenet-v3-large": { model: "mobilenet", variant: "v3-large", widthMultiplier: 0.05 },
};

const rows = 6;
const classes = 3;
let backend: HostBackend;
beforeAll(async () => {
  backend = await startTestBackend();
});

/** Values in [-1, 1) of the generator that whole-models.py describes. */
function uniform(index: number, size: number): Float64Array {
  let state = Math.imul(2654435761, index + 1);
  return Float64Array.from({ length: size }, () => {
    state = (Math.imul(1664525, state) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 31 - 1;
  });
}

function valuesOf({ shape, role, fanIn }: TensorSpec, index: number): Float32Array {
  const values = uniform(index, sizeOf(shape));
  if (role === "weight") return Float32Array.from(values, (v) => v * Math.sqrt(6 / fanIn));
  if (role === "scale") return Float32Array.from(values, (v) => 1 + v / 2);
  if (role === "runningVariance") return new Float32Array(values.length).fill(1);
  if (role === "runningMean") return new Float32Array(values.length);
  return Float32Array.from(values, (v) => v / 4);
}

const float = (shape: number[], values: Float32Array) =>
  backend.makeOutput(shape, "float32", undefined, values);

/** Loss and gradients of one training pass, and the shape of the logits in evaluation. */
function evaluate(
  model: Model,
  { inputShape, input }: { inputShape: number[]; input: number },
  batch = rows,
) {
  const tape = createTape(backend);
  const tensors = new Map(
    model.tensors.map((spec, index) => [spec.name, tape.own(float(spec.shape, valuesOf(spec, index)))]),
  );
  const tensor = (name: string) => {
    const found = tensors.get(name);
    if (!found) throw new Error(name);
    return found;
  };
  const transposed = (name: string) => {
    const [height = 0, width = 0] = tensor(name).shape;
    const from = floatView(backend, tensor(name));
    const to = Float32Array.from(
      { length: from.length },
      (_, i) => from[(i % height) * width + Math.floor(i / height)] ?? 0,
    );
    return tape.own(float([width, height], to));
  };
  const weights = { load: () => {}, tensor, transposed };
  const parameters = new Map<string, Value>();
  const given = { parameters, epsilon: 1e-5, onStatistics: () => {}, dropoutMask: null };
  const size = sizeOf(inputShape);
  const x = tape.constant(
    tape.own(float([batch, ...inputShape], Float32Array.from(uniform(input, batch * size)))),
  );
  const wanted = Int32Array.from({ length: batch }, (_, row) => row % classes);
  const labels = tape.own(backend.makeOutput([batch], "int32", undefined, wanted));
  const logits = model.forward(x, trainingPass(tape, weights, given));
  const { loss, gradient } = softmaxCrossEntropy(tape, logits, { labels, divisor: batch });
  tape.backward(logits, gradient);
  const gradients = model.tensors.filter(isTrained).map(({ name }) => {
    const g = parameters.get(name)?.gradient;
    if (!g) throw new Error(`No gradient of ${name}.`);
    return { name, values: Float32Array.from(floatView(backend, g)) };
  });
  const evaluated = model.forward(x, evaluationPass(tape, weights, { epsilon: 1e-5 }));
  const result = { loss, gradients, logits: logits.tensor.shape, evaluated: evaluated.tensor.shape };
  tape.release();
  return result;
}

describe.each(Object.keys(configurations))("%s", (name) => {
  const reference = references[name];
  if (!reference) throw new Error(`No reference of ${name}.`);
  const { inputShape } = reference;
  const model = buildModel(effectiveHyperparameters(configurations[name] ?? {}), inputShape, classes);

  test("loss and every gradient are PyTorch's, shapes are right, and no memory is left behind", () => {
    const before = backend.kernelBackend.numDataIds();
    const { loss, gradients, logits, evaluated } = evaluate(model, reference);
    expect(backend.kernelBackend.numDataIds()).toBe(before);
    expect(logits).toEqual([rows, classes]);
    expect(evaluated).toEqual([rows, classes]);
    expect(Math.abs(loss - reference.loss)).toBeLessThan(1e-4);
    expect(gradients).toHaveLength(reference.gradients.length);
    const largest = Math.max(...reference.gradients.map(([norm]) => norm));
    for (const [index, { name: tensor, values }] of gradients.entries()) {
      const [norm = Number.NaN, projection = Number.NaN] = reference.gradients[index] ?? [];
      const along = uniform(2000 + index, values.length);
      const ours = {
        norm: Math.sqrt(values.reduce((sum, g) => sum + g * g, 0)),
        projection: values.reduce((sum, g, i) => sum + g * (along[i] ?? Number.NaN), 0),
      };
      // Shifts that the next normalisation cancels have no gradient but rounding.
      const scale = norm + 1e-3 * largest;
      expect(Math.abs(ours.norm - norm) / scale, tensor).toBeLessThan(1e-4);
      expect(Math.abs(ours.projection - projection) / scale, tensor).toBeLessThan(1e-4);
    }
  });

  test("the smallest shard that batch norm allows, two cases, gives finite gradients", () => {
    const { loss, gradients } = evaluate(model, reference, 2);
    expect(Number.isFinite(loss)).toBe(true);
    for (const { name: tensor, values } of gradients)
      expect(values.every(Number.isFinite), tensor).toBe(true);
  });
});
