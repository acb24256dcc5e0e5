import { beforeAll, describe, expect, it } from "vitest";
import { floatView, type HostBackend } from "../../arithmetic/kernels/wasm-context.js";
import { createTape, type Value } from "../../arithmetic/tape.js";
import { type Layout, layOut } from "../../loop/layout.js";
import { createWeights } from "../../loop/weights.js";
import { golden, wave } from "../../test-support/golden-clip.js";
import { startTestBackend } from "../../test-support/start-test-backend.js";
import { encodeImages, encodeTexts, trackedParameters } from "./encoders.js";
import { rankLoss } from "./info-nce.js";
import { writePatches } from "./pictures.js";
import { vitB32 } from "./shape.js";
import { clipTensors } from "./tensors.js";

const { shape } = golden;
const pairs = 4;
const tokens = [9, 1, 2, 10, 0, 9, 3, 10, 0, 0, 9, 4, 5, 6, 10, 9, 2, 7, 10, 0];
const ends = [3, 2, 4, 3];

let backend: HostBackend;
beforeAll(async () => {
  backend = await startTestBackend();
});

/** Parameters by the formula of the golden file. */
function goldenParameters(layout: Layout): Float32Array {
  const parameters = new Float32Array(layout.total);
  const byName = [...layout.tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const [phase, { name, role, offset, size }] of byName.entries()) {
    const values = wave(size, phase).map((value) => 0.4 * value);
    if (name === "logit_scale") values.fill(1.5);
    else if (role === "scale") for (const [i, value] of values.entries()) values[i] = value + 1;
    parameters.set(values, offset);
  }
  return parameters;
}

/** The golden pictures, [channels, height, width] each, as the model's patches. */
function goldenPatches(): Float32Array {
  const { imageSize, channels } = shape;
  const pixels = channels * imageSize * imageSize;
  const channelFirst = wave(pairs * pixels, 50);
  const patches = new Float32Array(pairs * pixels);
  for (let image = 0; image < pairs; image++) {
    const picture = new Float32Array(pixels);
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < imageSize * imageSize; i++)
        picture[i * channels + c] = channelFirst[image * pixels + c * imageSize * imageSize + i] as number;
    writePatches(picture, patches.subarray(image * pixels, (image + 1) * pixels), shape);
  }
  return patches;
}

/** Features, loss and all gradients of the golden model, once over. */
function compute(gradCheckpointing: boolean) {
  const layout = layOut(clipTensors(shape));
  const parameters = goldenParameters(layout);
  const weights = createWeights(layout, { parameters }, backend);
  weights.load();
  const tape = createTape(backend);
  const used = new Map<string, Value>();
  const options = { parameters: trackedParameters(tape, weights, used), gradCheckpointing };
  const patches = tape.own(backend.makeOutput([pairs * 4, 8], "float32", undefined, goldenPatches()));
  const images = encodeImages(tape, patches, shape, options);
  const texts = encodeTexts(
    tape,
    { ids: Int32Array.from(tokens), ends: Int32Array.from(ends) },
    shape,
    options,
  );
  const features = (value: Value) => Float32Array.from(floatView(backend, value.tensor));
  const imageGradients = new Float32Array(pairs * shape.embedDim);
  const textGradients = new Float32Array(pairs * shape.embedDim);
  const all = { images: features(images), texts: features(texts) };
  const loss = rankLoss(backend, all, {
    ranks: 1,
    rows: pairs,
    embedDim: shape.embedDim,
    gatherWithGrad: true,
    localLoss: false,
    rank: 0,
    logitScale: 1.5,
    imageGradients,
    textGradients,
  });
  const tensor = (values: Float32Array) =>
    backend.makeOutput([pairs, shape.embedDim], "float32", undefined, values);
  images.gradient = tape.own(tensor(imageGradients));
  tape.backward(texts, tensor(textGradients));
  const gradients = new Map<string, Float32Array>();
  for (const { name } of layout.tensors) {
    const gradient = used.get(name)?.gradient;
    gradients.set(
      name,
      gradient ? Float32Array.from(floatView(backend, gradient)) : Float32Array.of(loss.logitScale),
    );
  }
  tape.release();
  return { ...all, loss: loss.loss, gradients };
}

describe("the CLIP model", () => {
  it("has the public ViT-B/32's tensors, name by name and shape by shape: 151,277,313 parameters", () => {
    const tensors = clipTensors(vitB32);
    expect(Object.fromEntries(tensors.map(({ name, shape }) => [name, shape]))).toEqual(golden.publicShapes);
    expect(layOut(tensors).trained).toBe(151_277_313);
    expect(golden.publicParameters).toBe(151_277_313);
  });

  it("gives OpenCLIP's features, loss and gradients", () => {
    const { images, texts, loss, gradients } = compute(false);
    for (const [ours, theirs] of [
      [images, golden.imageFeatures],
      [texts, golden.textFeatures],
    ] as const) {
      expect(ours).toHaveLength(theirs.length);
      for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
    }
    expect(loss).toBeCloseTo(golden.loss, 6);
    const byName = [...gradients.keys()].sort();
    expect(byName).toEqual(Object.keys(golden.gradients).sort());
    for (const [phase, name] of byName.entries()) {
      const gradient = gradients.get(name) ?? new Float32Array();
      const [norm = 0, projection = 0] = golden.gradients[name] ?? [];
      const direction = wave(gradient.length, phase + 7);
      const ourNorm = Math.hypot(...gradient);
      const ourProjection = gradient.reduce((sum, value, i) => sum + value * (direction[i] ?? 0), 0);
      expect(Math.abs(ourNorm - norm) / norm, `norm of ${name}`).toBeLessThan(2e-4);
      expect(Math.abs(ourProjection - projection) / norm, `projection of ${name}`).toBeLessThan(2e-4);
    }
  });

  it("gives the same bits with gradient checkpointing", () => {
    expect(compute(true)).toEqual(compute(false));
  });
});
