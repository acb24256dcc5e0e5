import { join } from "node:path";
import { userError } from "../../program/errors.js";
import type { Report } from "./dataset.js";
import { inParallel } from "./files.js";

/** [height, width, channels]; 1 channel is grey, 3 are red, green, blue. */
export type ImageShape = readonly [height: number, width: number, channels: 1 | 3];

/**
 * What decodes and resizes, for keys of cached results: JPEG decoders differ in the last bit between versions, therefore
 * the decoded bytes have a digest of their own. Loaded only when something is to be decoded.
 */
async function decoder() {
  const { default: sharp } = await import("sharp");
  // Many small images: one thread each, several at a time, instead of several threads for one.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

/** Where the bytes of an image go. */
export type Place = (index: number) => Uint8Array;

/** How an image is brought to a size: stretched, with antialiasing. */
const stretch = { fit: "fill", kernel: "linear", fastShrinkOnLoad: false } as const;

/**
 * Decodes image files, each to its `place` of height × width × channels bytes, on libuv's threads. Images of another
 * size are stretched to the shape (libvips' antialiased `linear`; no other library's resizing gives the same bytes); of deeper
 * images the upper eight bits are taken; transparency is dropped; EXIF rotation is ignored, as PIL does.
 * Throws a user error naming a file that is absent, truncated or no image.
 */
export async function decodeImageFiles(
  folder: string,
  files: readonly string[],
  { shape, place, report }: { shape: ImageShape; place: Place; report: Report },
): Promise<void> {
  const decode = await createImageDecoder(shape);
  let done = 0;
  await inParallel(files.length, async (i) => {
    const path = join(folder, files[i] ?? "");
    await decode(path, path, place(i));
    done += 1;
    report(done, files.length, "images decoded");
  });
}

/** Decodes one image, a file or the bytes of one, into a target; `name` is what an error calls it. */
export type ImageDecoder = (source: string | Buffer, name: string, target: Uint8Array) => Promise<void>;

/** The decoder of single images of a shape; work begins when it is called, on one of libuv's threads. */
export async function createImageDecoder([height, width, channels]: ImageShape): Promise<ImageDecoder> {
  const sharp = await decoder();
  return async (source, name, target) => {
    try {
      const data = await sharp(source, { failOn: "truncated", limitInputPixels: 1e9 })
        .removeAlpha()
        .resize(width, height, stretch)
        .toColourspace("srgb")
        .raw({ depth: "uchar" })
        .toBuffer();
      putPixels(data, target, channels);
    } catch (error) {
      throw userError(
        `${name} is damaged or no image: ${reasonOf(error)}.`,
        "Replace it by the original file; the run then reads the set again.",
      );
    }
  };
}

/** Copies red, green and blue, or the brightness of them (ITU-R BT.601, as PIL's mode L; a grey image keeps its values). */
function putPixels(rgb: Uint8Array, target: Uint8Array, channels: 1 | 3): void {
  const pixels = target.length / channels;
  if (rgb.length !== 3 * pixels) throw new Error(`${rgb.length} bytes were decoded for ${pixels} pixels`);
  if (channels === 3) target.set(rgb);
  else
    for (let p = 0; p < pixels; p++) {
      const [r = 0, g = 0, b = 0] = [rgb[3 * p], rgb[3 * p + 1], rgb[3 * p + 2]];
      target[p] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    }
}

/** Resizes decoded images, [count × from] bytes, each to its place; the same interpolation as for files. */
export async function resizeImages(
  source: Uint8Array,
  { from, to, place }: { from: ImageShape; to: ImageShape; place: Place },
): Promise<void> {
  const sharp = await decoder();
  const [height, width, channels] = from;
  const size = height * width * channels;
  const count = source.length / size;
  await inParallel(count, async (i) => {
    // A copy: the decoder must not be handed shared memory.
    const raw = Buffer.from(source.subarray(i * size, (i + 1) * size));
    const data = await sharp(raw, { raw: { width, height, channels } })
      .resize(to[1], to[0], stretch)
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer();
    putPixels(data, place(i), channels);
  });
}

/** The decoder's first sentence, without the path it may repeat. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (
    text
      .split("\n")[0]
      ?.replace(/^Input file /, "")
      .trim() || "unreadable"
  );
}

/** Name and version of what decodes, part of the key of cached results. */
export async function decoderVersion(): Promise<string> {
  const { sharp, vips } = (await decoder()).versions;
  return `sharp ${sharp ?? "?"}, libvips ${vips}`;
}
