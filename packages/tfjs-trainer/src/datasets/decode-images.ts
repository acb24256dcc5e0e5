import { join } from "node:path";
import { userError } from "../errors.js";
import type { Report } from "./dataset.js";
import { inParallel } from "./files.js";

/** [height, width, channels]; 1 channel is grey, 3 are red, green, blue. */
export type ImageShape = readonly [height: number, width: number, channels: 1 | 3];

/**
 * What decodes and resizes, for keys of kept results: JPEG decoders differ in the last bit between versions, therefore
 * the decoded bytes have a digest of their own. Loaded only when something is to be decoded.
 */
async function decoder() {
  const { default: sharp } = await import("sharp");
  // Many small images: one thread each, several at a time, instead of several threads for one.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

/**
 * Decodes image files into `target`, [files × height × width × channels] bytes, on libuv's threads. Images of another
 * size are stretched to the shape by antialiased bilinear interpolation (libvips `linear`; what torchvision's Resize
 * does with two sides given); of deeper images the upper eight bits are taken; transparency is dropped; EXIF rotation is
 * ignored, as PIL does. Throws a user error naming a file that is absent, truncated or no image.
 */
export async function decodeImageFiles(
  folder: string,
  files: readonly string[],
  { shape, target, report }: { shape: ImageShape; target: Uint8Array; report: Report },
): Promise<void> {
  const sharp = await decoder();
  const [height, width, channels] = shape;
  const size = height * width * channels;
  let done = 0;
  await inParallel(files.length, async (i) => {
    const path = join(folder, files[i] ?? "");
    try {
      const { data, info } = await sharp(path, { failOn: "truncated", limitInputPixels: 1e9 })
        .removeAlpha()
        .resize(width, height, { fit: "fill", kernel: "linear", fastShrinkOnLoad: false })
        .toColourspace(channels === 1 ? "b-w" : "srgb")
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true });
      if (info.channels !== channels) throw new Error(`it has ${info.channels} channels`);
      target.set(data, i * size);
    } catch (error) {
      throw userError(
        `${path} is damaged or no image: ${reasonOf(error)}.`,
        "Replace it by the original file; the run then reads the set again.",
      );
    }
    done += 1;
    report(done, files.length, "images decoded");
  });
}

/** Resizes decoded images, [count × from] bytes, into `target`, [count × to]; the same interpolation as for files. */
export async function resizeImages(
  source: Uint8Array,
  { from, to, target, report }: { from: ImageShape; to: ImageShape; target: Uint8Array; report: Report },
): Promise<void> {
  const sharp = await decoder();
  const [height, width, channels] = from;
  const size = height * width * channels;
  const resized = to[0] * to[1] * channels;
  const count = source.length / size;
  let done = 0;
  await inParallel(count, async (i) => {
    // A copy: the decoder must not be handed shared memory.
    const raw = Buffer.from(source.subarray(i * size, (i + 1) * size));
    const data = await sharp(raw, { raw: { width, height, channels } })
      .resize(to[1], to[0], { fit: "fill", kernel: "linear" })
      .raw({ depth: "uchar" })
      .toBuffer();
    target.set(data.subarray(0, resized), i * resized);
    done += 1;
    report(done, count, "images resized");
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

/** Name and version of what decodes, part of the key of kept results. */
export async function decoderVersion(): Promise<string> {
  const { sharp, vips } = (await decoder()).versions;
  return `sharp ${sharp ?? "?"}, libvips ${vips}`;
}
