/**
 * Tensors in a file: the safetensors format (https://huggingface.co/docs/safetensors), which Python reads with
 * `safetensors.numpy.load_file`. Eight bytes with the length of the header, the header as JSON, then the bytes of all
 * tensors without gaps, little-endian.
 */
import { z } from "zod";

/** Bytes per element of the types that are written here; files may hold others. */
const elementBytes = { F32: 4, F64: 8, I32: 4, U8: 1 } as const;

export type FiledTensor = {
  name: string;
  dtype: keyof typeof elementBytes;
  shape: readonly number[];
  bytes: Uint8Array;
};

export type TensorFile = {
  /** In the order of the file. */
  tensors: FiledTensor[];
  metadata: Record<string, string>;
};

const entry = z.object({
  dtype: z.enum(["F32", "F64", "I32", "U8"]),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const metadataKey = "__metadata__";
const header = z.record(z.string(), z.unknown());

/** The file as one block of bytes. The same tensors in the same order make the same bytes. */
export function encodeTensorFile({ tensors, metadata }: TensorFile): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, dtype, shape, bytes }) => {
    const from = offset;
    offset += bytes.length;
    return [name, { dtype, shape, data_offsets: [from, offset] }];
  });
  const json = JSON.stringify({ [metadataKey]: metadata, ...Object.fromEntries(entries) });
  const text = new TextEncoder().encode(json);
  // Spaces up to a multiple of 8, so that tensors begin aligned.
  const headerLength = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(text, 8);
  let at = 8 + headerLength;
  for (const { bytes } of tensors) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/**
 * Reads a tensor file; the tensors are views of `file`.
 *
 * @throws Error for what is no such file: cut short, with gaps, or with tensors of a type that is not known here
 */
export function decodeTensorFile(file: Uint8Array): TensorFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = file.length < 8 ? Number.NaN : Number(view.getBigUint64(0, true));
  const start = 8 + headerLength;
  if (!(start <= file.length)) throw new Error("This is not a tensor file: its header does not fit into it.");
  const parsed = header.parse(JSON.parse(new TextDecoder().decode(file.subarray(8, start))));
  const { [metadataKey]: metadata = {}, ...entries } = parsed;
  const tensors = Object.entries(entries)
    .map(([name, value]) => ({ name, ...entry.parse(value) }))
    .sort((a, b) => a.data_offsets[0] - b.data_offsets[0])
    .map(({ name, dtype, shape, data_offsets: [from, to] }): FiledTensor => {
      const size = shape.reduce((a, b) => a * b, 1) * elementBytes[dtype];
      if (to - from !== size || start + to > file.length)
        throw new Error(`Tensor ${name} does not fit into its place in the file.`);
      return { name, dtype, shape, bytes: file.subarray(start + from, start + to) };
    });
  return { tensors, metadata: z.record(z.string(), z.string()).parse(metadata) };
}

/** The numbers of a float32 tensor, copied. */
export function floatsOf({ name, dtype, bytes }: FiledTensor): Float32Array {
  if (dtype !== "F32") throw new Error(`Tensor ${name} is ${dtype}, not F32.`);
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** In a checkpoint, what is no weight has a name that begins so. */
export const checkpointStatePrefix = "state/";
