import type { Draws } from "../../arithmetic/streams.js";
import type { EffectiveHyperparameters } from "../../hyperparameters/table.js";
import { jitterColours } from "./colour-jitter.js";
import { copyPlain, cropInto, drawCrop, drawShift, type Frame } from "./crop.js";

export type AugmentationOptions = Pick<
  EffectiveHyperparameters,
  "cropScale" | "cropPadding" | "flip" | "colorJitter"
>;

/** Whether the options change any image. */
export const augments = ({ cropScale, cropPadding, flip, colorJitter }: AugmentationOptions): boolean =>
  cropScale !== null || cropPadding > 0 || flip !== "none" || colorJitter > 0;

/**
 * Writes an augmented image into `target`, both [height × width × channels], values between 0 and `white`: crop, flip,
 * colours, in this order. All randomness comes from `stream`; the number of draws depends on nothing but options and
 * draws, so that the image is a function of the stream alone.
 */
export type Augmenter = (image: Uint8Array, target: Float32Array, stream: Draws) => void;

export function createAugmenter(
  options: AugmentationOptions,
  { frame, white }: { frame: Frame; white: number },
): Augmenter {
  const { cropScale, cropPadding, flip, colorJitter } = options;
  return (image, target, stream) => {
    const crop =
      cropScale !== null
        ? drawCrop(frame, cropScale, stream)
        : cropPadding > 0
          ? drawShift(frame, cropPadding, stream)
          : null;
    const mirrored = flip !== "none" && stream.uniform() < 0.5;
    const upsideDown = flip === "both" && stream.uniform() < 0.5;
    if (crop && cropScale !== null) cropInto(image, target, { frame, crop, mirrored, upsideDown });
    else copyPlain(image, target, { frame, shift: crop, mirrored, upsideDown });
    if (colorJitter > 0)
      jitterColours(target, { channels: frame.channels, strength: colorJitter, white }, stream);
  };
}
