import type { ClipShape } from "./shape.js";

/**
 * Writes a picture [side, side, channels] patch by patch, row by row from the top left, each patch as
 * [channels, height, width]: the order of the published patch filter.
 */
export function writePatches(picture: Float32Array, target: Float32Array, shape: ClipShape): void {
  const { imageSize, patchSize, channels } = shape;
  let at = 0;
  for (let top = 0; top < imageSize; top += patchSize) {
    for (let left = 0; left < imageSize; left += patchSize) {
      for (let c = 0; c < channels; c++) {
        for (let y = top; y < top + patchSize; y++) {
          for (let x = left; x < left + patchSize; x++)
            target[at++] = picture[(y * imageSize + x) * channels + c] as number;
        }
      }
    }
  }
}
