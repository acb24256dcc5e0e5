import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOfWeights } from "../../loop/digests.js";
import { layOut } from "../../loop/layout.js";
import { buildTrainer } from "../../program/build.js";
import { runBundled } from "../../test-support/run-bundled.js";
import { digestOf, eventsOf, rungOf } from "../../test-support/run-events.js";
import { requestOf } from "../../test-support/run-request.js";
import { loadPretrained, openPretrained, pretrainedFile } from "./pretrained.js";
import { type ClipShape, vitB32 } from "./shape.js";
import { clipTensors } from "./tensors.js";

/** The published names; widths small enough for a test. */
const small = { ...vitB32, visionWidth: 8, textWidth: 6, embedDim: 4, vocabulary: 50, contextLength: 7 };
const tensors = clipTensors(small);
const root = mkdtempSync(join(tmpdir(), "reprise-weights-"));

/** A safetensors file; the text projection in 16 bits, everything else in 32, each number its tensor's place in the list. */
function write(name: string, change: (shapes: Map<string, number[]>) => void = () => {}): void {
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
  change(shapes);
  writeTensors(name, shapes);
}

function writeTensors(
  name: string,
  shapes: ReadonlyMap<string, number[]>,
  numberAt: (tensor: number, place: number) => number = (tensor) => tensor + 0.5,
): void {
  const parts: Buffer[] = [];
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let at = 0;
  for (const [index, [tensor, shape]] of [...shapes].entries()) {
    const size = shape.reduce((a, b) => a * b, 1);
    const half = tensor === "text_projection";
    const bytes = Buffer.alloc(size * (half ? 2 : 4));
    // 0xC100 is -2.5 in 16 bits.
    for (let i = 0; i < size; i++)
      half ? bytes.writeUInt16LE(0xc100, 2 * i) : bytes.writeFloatLE(numberAt(index, i), 4 * i);
    header[tensor] = { dtype: half ? "F16" : "F32", shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
    parts.push(bytes);
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const path = join(root, pretrainedFile(name));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat([length, text, ...parts]));
}

describe("pretrained weights", () => {
  it("are what a run starts from: with a learning rate of 0 it also ends with them", async () => {
    await buildTrainer();
    const shape: ClipShape = {
      imageSize: 8,
      channels: 1,
      patchSize: 4,
      visionWidth: 8,
      visionLayers: 1,
      visionHeads: 2,
      contextLength: 16,
      vocabulary: 49_408,
      textWidth: 8,
      textLayers: 1,
      textHeads: 2,
      embedDim: 8,
    };
    const layout = layOut(clipTensors(shape));
    const expected = new Float32Array(layout.total);
    // The text projection is written in 16 bits: -2.5, everywhere.
    const numberAt = (tensor: number, place: number) => 0.1 * Math.sin(1.7 * place + tensor);
    for (const [index, { name, offset, size }] of layout.tensors.entries())
      for (let i = 0; i < size; i++)
        expected[offset + i] = name === "text_projection" ? -2.5 : numberAt(index, i);
    writeTensors(
      "tiny.safetensors",
      new Map(layout.tensors.map((tensor) => [tensor.name, tensor.shape])),
      numberAt,
    );
    const parameters = {
      model: "clip",
      patchSize: 4,
      width: 8,
      layers: 1,
      heads: 2,
      embedDim: 8,
      contextLength: 16,
      batchSizePerRank: 16,
      epochs: 1,
      learningRate: 0,
      pretrained: "tiny.safetensors",
    };
    const split = { train: 0.05, validation: 0, test: 0.95, seed: 1, groupBy: null };
    const run = await runBundled(
      requestOf("fixed", parameters, {
        task: "contrastive",
        dataset: { name: "digits", split },
        resources: { threads: 2, ranks: 2 },
      }),
      { ...process.env, REPRISE_DATA: root },
    );
    expect(eventsOf(run, "error")).toEqual([]);
    expect(digestOf(run)).toBe(digestOfWeights(expected, layout));
    expect(rungOf(run, "initialWeights").get(0)).toBe(rungOf(run, "epoch").get(1));
    expect(eventsOf(run, "hello")[0]?.disclosures.join(" ")).toMatch(
      /starts from the weights in .*tiny.safetensors.*published CLIP weights expect their own/,
    );
  }, 60_000);

  it("are OpenAI's by name: all 302 tensors find their place, in 32 and in 16 bits", () => {
    write("openai");
    const layout = layOut(tensors);
    const parameters = new Float32Array(layout.total).fill(Number.NaN);
    loadPretrained(openPretrained("openai", { root, tensors }), layout, parameters);
    expect(layout.tensors).toHaveLength(302);
    for (const [index, { name, offset, size }] of layout.tensors.entries()) {
      const expected = name === "text_projection" ? -2.5 : index + 0.5;
      expect(new Set(parameters.subarray(offset, offset + size))).toEqual(new Set([expected]));
    }
  });

  it("are refused where they do not fit, with the tensor and both shapes", () => {
    write("wrong.safetensors", (shapes) => shapes.set("visual.conv1.weight", [8, 1, 32, 32]));
    expect(() => openPretrained("wrong.safetensors", { root, tensors })).toThrow(
      /"visual\.conv1\.weight".*has shape \[8, 1, 32, 32\], the model needs \[8, 3, 32, 32\]/,
    );
    write("short.safetensors", (shapes) => shapes.delete("ln_final.bias"));
    expect(() => openPretrained("short.safetensors", { root, tensors })).toThrow(
      /has no tensor "ln_final\.bias"/,
    );
    expect(() => openPretrained("absent.safetensors", { root, tensors })).toThrow(/are not there: no file/);
    expect(() => openPretrained("openai", { root: null, tensors })).toThrow(/are not there/);
  });
});
