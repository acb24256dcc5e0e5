import type { Draws } from "../../arithmetic/streams.js";

/** Shares of red, green and blue in brightness (ITU-R BT.601, as PIL and torchvision use them). */
const luma = [0.299, 0.587, 0.114] as const;

/**
 * Changes brightness, contrast and saturation, each by a factor uniform in [1 - strength, 1 + strength], in this order;
 * results stay between 0 and `white`. The operations are torchvision's ColorJitter; its random order of them and its change of
 * hue are left out. Grey images have no saturation. Changes `image` in place.
 */
export function jitterColours(
  image: Float32Array,
  { channels, strength, white }: { channels: number; strength: number; white: number },
  stream: Draws,
): void {
  const factor = () => 1 + strength * (2 * stream.uniform() - 1);
  const brightness = factor();
  const contrast = factor();
  const saturation = factor();
  if (channels === 3) jitterRgb(image, { brightness, contrast, saturation, white });
  else jitterGrey(image, { brightness, contrast, white });
}

const within = (value: number, white: number) => Math.max(0, Math.min(white, value));

/** Two passes: contrast needs the mean brightness of the whole image. */
function jitterRgb(
  image: Float32Array,
  {
    brightness,
    contrast,
    saturation,
    white,
  }: Record<"brightness" | "contrast" | "saturation" | "white", number>,
): void {
  let sum = 0;
  for (let at = 0; at < image.length; at += 3) {
    const r = within((image[at] as number) * brightness, white);
    const g = within((image[at + 1] as number) * brightness, white);
    const b = within((image[at + 2] as number) * brightness, white);
    image[at] = r;
    image[at + 1] = g;
    image[at + 2] = b;
    sum += luma[0] * r + luma[1] * g + luma[2] * b;
  }
  const middle = (3 * sum) / image.length;
  const base = middle * (1 - contrast);
  for (let at = 0; at < image.length; at += 3) {
    const r = within(base + (image[at] as number) * contrast, white);
    const g = within(base + (image[at + 1] as number) * contrast, white);
    const b = within(base + (image[at + 2] as number) * contrast, white);
    const grey = (luma[0] * r + luma[1] * g + luma[2] * b) * (1 - saturation);
    image[at] = within(grey + r * saturation, white);
    image[at + 1] = within(grey + g * saturation, white);
    image[at + 2] = within(grey + b * saturation, white);
  }
}

function jitterGrey(
  image: Float32Array,
  { brightness, contrast, white }: Record<"brightness" | "contrast" | "white", number>,
): void {
  let sum = 0;
  for (let at = 0; at < image.length; at++) {
    const value = within((image[at] as number) * brightness, white);
    image[at] = value;
    sum += value;
  }
  const base = (sum / image.length) * (1 - contrast);
  for (let at = 0; at < image.length; at++)
    image[at] = within(base + (image[at] as number) * contrast, white);
}
