import type { Draws } from "../streams.js";

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
  const within = (value: number) => (value < 0 ? 0 : value > white ? white : value);
  const grey = (at: number) =>
    channels === 3
      ? luma[0] * (image[at] as number) +
        luma[1] * (image[at + 1] as number) +
        luma[2] * (image[at + 2] as number)
      : (image[at] as number);
  let sum = 0;
  for (let at = 0; at < image.length; at++) image[at] = within((image[at] as number) * brightness);
  for (let at = 0; at < image.length; at += channels) sum += grey(at);
  const middle = (sum * channels) / image.length;
  for (let at = 0; at < image.length; at++)
    image[at] = within(middle + ((image[at] as number) - middle) * contrast);
  if (channels !== 3) return;
  for (let at = 0; at < image.length; at += 3) {
    const own = grey(at);
    for (let c = at; c < at + 3; c++) image[c] = within(own + ((image[c] as number) - own) * saturation);
  }
}
