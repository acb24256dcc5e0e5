import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { present, userError } from "../../../program/errors.js";
import { createImageDecoder, type ImageShape } from "../decode-images.js";
import type { Pair } from "./pair-loader.js";

/** Many texts in memory that threads share: a million strings would be copied to each. */
type SharedTexts = {
  bytes: Uint8Array;
  /** Where each begins; one more than there are texts. */
  starts: Float64Array;
};

/** Where pictures lie, to be decoded when their turn comes. Plain data in shared memory. */
export type PictureFiles = {
  folder: string;
  shape: ImageShape;
  paths: SharedTexts;
  /** By case, the number of its path. */
  fileOf: Int32Array;
  /** By case, offset and length within its file; null where files are images. */
  spans: Float64Array | null;
  /** By case, what names it within its file; null where files are images. */
  members: SharedTexts | null;
};

function shareTexts(texts: readonly string[]): SharedTexts {
  const starts = new Float64Array(new SharedArrayBuffer(8 * (texts.length + 1)));
  for (const [i, text] of texts.entries()) starts[i + 1] = (starts[i] as number) + Buffer.byteLength(text);
  const bytes = new Uint8Array(new SharedArrayBuffer(starts[texts.length] as number));
  for (const [i, text] of texts.entries()) bytes.set(Buffer.from(text), starts[i]);
  return { bytes, starts };
}

function textAt({ bytes, starts }: SharedTexts, index: number): string {
  return Buffer.from(bytes.slice(starts[index], starts[index + 1])).toString("utf8");
}

export function pictureFiles(folder: string, pairs: readonly Pair[], shape: ImageShape): PictureFiles {
  const numbers = new Map<string, number>();
  const fileOf = new Int32Array(new SharedArrayBuffer(4 * pairs.length));
  const inside = pairs.some(({ span }) => span !== null);
  const spans = inside ? new Float64Array(new SharedArrayBuffer(16 * pairs.length)) : null;
  for (const [id, { file, span }] of pairs.entries()) {
    const number = numbers.get(file) ?? numbers.size;
    numbers.set(file, number);
    fileOf[id] = number;
    if (span) spans?.set([span.offset, span.length], 2 * id);
  }
  const members = inside ? shareTexts(pairs.map(({ name }) => name)) : null;
  return { folder, shape, paths: shareTexts([...numbers.keys()]), fileOf, spans, members };
}

/** Decodes the picture of a case into a target. Rejects with a user error naming the file, and the sample within it. */
export type PictureDecoder = (id: number, target: Uint8Array) => Promise<void>;

/** For one thread. Files that hold many images stay open. */
export async function createPictureDecoder(files: PictureFiles): Promise<PictureDecoder> {
  const { folder, shape, paths, fileOf, spans, members } = files;
  const decode = await createImageDecoder(shape);
  const open = new Map<number, number>();
  const opened = (file: number, path: string) => {
    const descriptor = open.get(file) ?? openSync(path, "r");
    open.set(file, descriptor);
    if (open.size > 64) {
      const [oldest = -1] = open.keys();
      closeSync(present(open.get(oldest), "An open file"));
      open.delete(oldest);
    }
    return descriptor;
  };
  return async (id, target) => {
    const file = fileOf[id] as number;
    const path = join(folder, textAt(paths, file));
    if (!spans || !members) return decode(path, path, target);
    const [offset = 0, length = 0] = spans.subarray(2 * id, 2 * id + 2);
    // Read at once: the decoder then begins at once, whatever this thread does next.
    const bytes = Buffer.alloc(length);
    const name = `${path}, sample "${textAt(members, id)}"`;
    const got = readSync(opened(file, path), bytes, 0, length, offset);
    if (got < length) throw userError(`${name} is cut off.`, "The file changed while the run read it.");
    return decode(bytes, name, target);
  };
}
