import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TrainerEvent, thumbnailCases, thumbnailSide } from "@reprise/contracts";
import type { CachedPictures } from "./datasets/cached-pictures.js";
import { type CachedReader, openCachedPictures } from "./datasets/cached-pictures.js";
import type { CachedDataset, Dataset } from "./datasets/dataset.js";
import { type ImageBlocks, imageAt } from "./datasets/image-blocks.js";

type Split = "validation" | "test";

/** The evaluated cases of a run with their pictures. */
export type Pictures = {
  /** The bytes of a case's picture; they need to stand only until the next is asked for. */
  read: (id: number) => Uint8Array;
  /** [height, width, channels] */
  inputShape: readonly number[];
  /** Byte of full brightness. */
  white: number;
  /** What decides the pixels: digests of the source and of what was decoded from it. */
  content: unknown;
  splits: { split: Split; cases: { id: number; name: string }[] }[];
};

function readerOf(features: ImageBlocks | CachedPictures): Pictures["read"] {
  if ("blocks" in features) return (id) => imageAt(features, id);
  const image = new Uint8Array(features.imageBytes);
  let read: CachedReader | null = null;
  return (id) => {
    read ??= openCachedPictures(features);
    read(id, image);
    return image;
  };
}

/** The pictures of a data set of images; none for a table. `names`: what predictions call the cases. */
export function picturesOf(
  {
    features,
    inputShape,
    white,
    digest,
    decodedDigest,
  }: Pick<Dataset | CachedDataset, "features" | "inputShape" | "white" | "digest" | "decodedDigest">,
  splitIds: Record<Split, Int32Array>,
  names: readonly string[] | null,
): Pictures[] {
  if (features instanceof Float32Array) return [];
  const splits = (["validation", "test"] as const).flatMap((split) => {
    const ids = splitIds[split].subarray(0, thumbnailCases);
    const cases = Array.from(ids, (id) => ({ id, name: names?.[id] ?? String(id) }));
    return cases.length === 0 ? [] : [{ split, cases }];
  });
  return [{ read: readerOf(features), inputShape, white, content: { digest, decodedDigest }, splits }];
}

/** Raise when the same cases would be drawn otherwise. */
const drawing = 1;

/**
 * Tells of a sheet of small pictures for each evaluated split, and writes those that are not among `known`. Reads the data
 * only: nothing that a run computes depends on it. Sheets are PNG files in `folder`, cells of at most `thumbnailSide`
 * pixels, averaged over areas where the images are larger.
 */
export async function makeThumbnails(
  { read, inputShape, white, content, splits }: Pictures,
  { known, folder }: { known: readonly string[]; folder: string },
): Promise<TrainerEvent[]> {
  const events: TrainerEvent[] = [];
  for (const { split, cases } of splits) {
    const key = createHash("sha256")
      .update(JSON.stringify({ drawing, content, inputShape, white, split, cases }))
      .digest("hex");
    if (known.includes(key)) {
      events.push({ type: "thumbnails", key, split, sheet: null });
      continue;
    }
    const { pixels, columns, rows, width, height, channels } = drawSheet(
      cases.map(({ id }) => id),
      { read, inputShape, white },
    );
    const { default: sharp } = await import("sharp");
    const raw = { width: columns * width, height: rows * height, channels };
    const png = await sharp(pixels, { raw }).png().toBuffer();
    const path = join(folder, `thumbnails-${split}-${key.slice(0, 8)}.png`);
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.part`, png);
    await rename(`${path}.part`, path);
    const ids = cases.map(({ name }) => name);
    events.push({ type: "thumbnails", key, split, sheet: { path, columns, width, height, ids } });
  }
  return events;
}

/** The images of cases on one sheet, about as wide as it is high, each scaled down to a cell; grey or colour as they are. */
export function drawSheet(
  ids: readonly number[],
  { read, inputShape, white }: Pick<Pictures, "read" | "inputShape" | "white">,
) {
  const [fullHeight = 1, fullWidth = 1, depth = 1] = inputShape;
  const shrink = Math.max(1, Math.max(fullHeight, fullWidth) / thumbnailSide);
  const width = Math.max(1, Math.round(fullWidth / shrink));
  const height = Math.max(1, Math.round(fullHeight / shrink));
  const channels = depth === 3 ? 3 : 1;
  const columns = Math.ceil(Math.sqrt(ids.length));
  const rows = Math.ceil(ids.length / columns);
  const pixels = Buffer.alloc(columns * width * rows * height * channels);
  for (const [place, id] of ids.entries()) {
    const image = read(id);
    const left = (place % columns) * width;
    const top = Math.floor(place / columns) * height;
    for (let y = 0; y < height; y++) {
      const fromY = Math.floor((y * fullHeight) / height);
      const toY = Math.max(fromY + 1, Math.floor(((y + 1) * fullHeight) / height));
      for (let x = 0; x < width; x++) {
        const fromX = Math.floor((x * fullWidth) / width);
        const toX = Math.max(fromX + 1, Math.floor(((x + 1) * fullWidth) / width));
        const at = ((top + y) * columns * width + left + x) * channels;
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          for (let row = fromY; row < toY; row++)
            for (let column = fromX; column < toX; column++)
              sum += image[(row * fullWidth + column) * depth + channel] as number;
          const mean = sum / ((toY - fromY) * (toX - fromX));
          pixels[at + channel] = Math.min(255, Math.round((mean * 255) / white));
        }
      }
    }
  }
  return { pixels, columns, rows, width, height, channels } as const;
}
