import type { Draws } from "../../arithmetic/streams.js";

export type Frame = {
  height: number;
  width: number;
  channels: number;
};

/** A rectangle of whole pixels; it may reach beyond the image, where everything is black. */
export type Crop = {
  top: number;
  left: number;
  height: number;
  width: number;
};

const attempts = 10;
const logWidest = Math.log(4 / 3);

/**
 * A random rectangle as torchvision's RandomResizedCrop draws it: an area uniform between two shares of the image's, a ratio of sides
 * log-uniform in [3/4, 4/3], whole pixels, and after ten rectangles that do not fit the largest central one with an allowed ratio.
 */
export function drawCrop(
  { height, width }: Frame,
  [least = 1, most = 1]: readonly number[],
  stream: Draws,
): Crop {
  const area = height * width;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const target = area * (least + (most - least) * stream.uniform());
    // Rounded to whole pixels below: a last bit of exp that differs between engines does not get through.
    const ratio = Math.exp(logWidest * (2 * stream.uniform() - 1));
    const w = Math.round(Math.sqrt(target * ratio));
    const h = Math.round(Math.sqrt(target / ratio));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return { top: stream.below(height - h + 1), left: stream.below(width - w + 1), height: h, width: w };
  }
  const h = Math.min(height, Math.round((width * 4) / 3));
  const w = Math.min(width, Math.round((height * 4) / 3));
  return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
}

/** The whole frame, moved by up to `padding` pixels in each direction: a random crop of the padded image. */
export function drawShift({ height, width }: Frame, padding: number, stream: Draws): Crop {
  const top = stream.below(2 * padding + 1) - padding;
  const left = stream.below(2 * padding + 1) - padding;
  return { top, left, height, width };
}

type Mirrors = {
  frame: Frame;
  mirrored: boolean;
  upsideDown: boolean;
};

/** Copies an image, moved by `shift` (black comes in), mirrored and turned as asked. */
export function copyPlain(
  image: Uint8Array,
  target: Float32Array,
  { frame, shift, mirrored, upsideDown }: Mirrors & { shift: Crop | null },
): void {
  const { height, width, channels } = frame;
  const { top, left } = shift ?? { top: 0, left: 0 };
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = top + (upsideDown ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const column = left + (mirrored ? width - 1 - x : x);
      const inside = row >= 0 && row < height && column >= 0 && column < width;
      const from = (row * width + column) * channels;
      for (let c = 0; c < channels; c++) target[at++] = inside ? (image[from + c] as number) : 0;
    }
  }
}

/** Where a row or column of the result comes from: two of the source, and the share of the second. */
type Taps = {
  first: Int32Array;
  second: Int32Array;
  share: Float64Array;
};

function taps(
  size: number,
  { start, length, reversed }: { start: number; length: number; reversed: boolean },
): Taps {
  const first = new Int32Array(size);
  const second = new Int32Array(size);
  const share = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const place = reversed ? size - 1 - i : i;
    const exact = Math.min(Math.max(((place + 0.5) * length) / size - 0.5, 0), length - 1);
    const low = Math.floor(exact);
    first[i] = start + low;
    second[i] = start + Math.min(low + 1, length - 1);
    share[i] = exact - low;
  }
  return { first, second, share };
}

/** Enlarges a rectangle to the whole frame by bilinear interpolation between pixel centres, mirrored and turned as asked. */
export function cropInto(
  image: Uint8Array,
  target: Float32Array,
  { frame, crop, mirrored, upsideDown }: Mirrors & { crop: Crop },
): void {
  const { height, width, channels } = frame;
  const rows = taps(height, { start: crop.top, length: crop.height, reversed: upsideDown });
  const columns = taps(width, { start: crop.left, length: crop.width, reversed: mirrored });
  let at = 0;
  for (let y = 0; y < height; y++) {
    const upper = (rows.first[y] as number) * width;
    const lower = (rows.second[y] as number) * width;
    const down = rows.share[y] as number;
    for (let x = 0; x < width; x++) {
      const left = columns.first[x] as number;
      const right = columns.second[x] as number;
      const across = columns.share[x] as number;
      const a = (upper + left) * channels;
      const b = (upper + right) * channels;
      const c = (lower + left) * channels;
      const d = (lower + right) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const top = (image[a + channel] as number) * (1 - across) + (image[b + channel] as number) * across;
        const bottom =
          (image[c + channel] as number) * (1 - across) + (image[d + channel] as number) * across;
        target[at++] = top * (1 - down) + bottom * down;
      }
    }
  }
}
