import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { layOut } from "../layout.js";
import { loadPretrained, openPretrained, pretrainedFile } from "./pretrained.js";
import { vitB32 } from "./shape.js";
import { clipTensors } from "./tensors.js";

/** The published names; widths small enough for a test. */
const small = { ...vitB32, visionWidth: 8, textWidth: 6, embedDim: 4, vocabulary: 50, contextLength: 7 };
const tensors = clipTensors(small);
const root = mkdtempSync(join(tmpdir(), "reprise-weights-"));

/** A safetensors file; the text projection in 16 bits, everything else in 32, each number its tensor's place in the list. */
function write(name: string, change: (shapes: Map<string, number[]>) => void = () => {}): void {
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
  change(shapes);
  const parts: Buffer[] = [];
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let at = 0;
  for (const [index, [tensor, shape]] of [...shapes].entries()) {
    const size = shape.reduce((a, b) => a * b, 1);
    const half = tensor === "text_projection";
    const bytes = Buffer.alloc(size * (half ? 2 : 4));
    // 0xC100 is -2.5 in 16 bits.
    for (let i = 0; i < size; i++)
      half ? bytes.writeUInt16LE(0xc100, 2 * i) : bytes.writeFloatLE(index + 0.5, 4 * i);
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
