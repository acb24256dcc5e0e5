import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Layout } from "../../loop/layout.js";
import type { TensorSpec } from "../../models/model.js";
import { userError } from "../../program/errors.js";

const entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int()),
  data_offsets: z.tuple([z.int(), z.int()]),
});
type Entry = z.infer<typeof entry>;

/** Bytes per number of the types that weights come in. */
const sizes: Record<string, number> = { F32: 4, F16: 2 };

/** Weights in a safetensors file: its header, checked against a model. */
export type PretrainedWeights = {
  path: string;
  entries: Record<string, Entry>;
  /** Where the numbers begin. */
  start: number;
};

/** Where weights lie: OpenAI's published ones have a place of their own, others are named below `REPRISE_DATA`. */
export const pretrainedFile = (name: string) =>
  name === "openai" ? join("openai-clip", "ViT-B-32.safetensors") : name;

function read(path: string, length: number, position: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    const got = readSync(file, bytes, 0, length, position);
    if (got < length) throw userError(`${path} ends after ${position + got} bytes; it is damaged.`);
    return bytes;
  } finally {
    closeSync(file);
  }
}

/**
 * Opens the weights that `pretrained` names and holds them against a model's tensors. Throws a user error for an absent or
 * damaged file and for the first tensor that is missing or of another shape. Further tensors of the file are ignored.
 */
export function openPretrained(
  name: string,
  { root, tensors }: { root: string | null; tensors: readonly TensorSpec[] },
): PretrainedWeights {
  const path = join(root ?? "REPRISE_DATA", pretrainedFile(name));
  if (root === null || !existsSync(path)) {
    throw userError(
      `Weights "${name}" are not there: no file ${path}.`,
      "Set REPRISE_DATA where the worker is started, and put the weights there as a safetensors file.",
    );
  }
  const length = Number(read(path, 8, 0).readBigUInt64LE());
  if (length > 100_000_000) throw userError(`${path} is not a safetensors file.`);
  const header: unknown = JSON.parse(read(path, length, 8).toString("utf8"));
  const { __metadata__: _, ...named } = z.record(z.string(), z.unknown()).parse(header);
  const entries = z.record(z.string(), entry).parse(named);
  for (const { name: tensor, shape } of tensors) {
    const found = entries[tensor];
    if (!found) throw userError(`${path} has no tensor "${tensor}": it is for another model.`);
    if (found.shape.join() !== shape.join()) {
      throw userError(
        `Tensor "${tensor}" of ${path} has shape [${found.shape.join(", ")}], the model needs [${shape.join(", ")}].`,
        "Choose model, image size and channels of the weights.",
      );
    }
    if (!sizes[found.dtype])
      throw userError(`Tensor "${tensor}" of ${path} is of type ${found.dtype}; F32 and F16 are read.`);
  }
  return { path, entries, start: 8 + length };
}

/** Copies the weights into the flat parameter vector. */
export function loadPretrained(
  { path, entries, start }: PretrainedWeights,
  layout: Layout,
  target: Float32Array,
): void {
  for (const { name, offset, size } of layout.tensors) {
    const { dtype = "", data_offsets: [from] = [0] } = entries[name] ?? {};
    const bytes = read(path, size * (sizes[dtype] ?? 0), start + from);
    const values = target.subarray(offset, offset + size);
    for (let i = 0; i < size; i++)
      values[i] = dtype === "F16" ? halfToNumber(bytes.readUInt16LE(2 * i)) : bytes.readFloatLE(4 * i);
  }
}

/** A 16-bit float (IEEE 754) as a number. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
