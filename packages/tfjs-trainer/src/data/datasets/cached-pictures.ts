import { openSync, readSync } from "node:fs";
import { TrainerError } from "../../program/errors.js";

/** Pixels in a cached file, image after image from `start`: to be read when their turn comes. */
export type CachedPictures = {
  path: string;
  start: number;
  imageBytes: number;
};

/** Reads the image of a place in the set into a target. */
export type CachedReader = (index: number, target: Uint8Array) => void;

/**
 * For one thread: the images of a cached file, which stays open, so that whoever replaces it does not disturb a run. Throws an
 * infrastructure error where the file is gone or cut off: another attempt decodes the set again.
 */
export function openCachedPictures({ path, start, imageBytes }: CachedPictures): CachedReader {
  const gone = (reason: string) =>
    new TrainerError(
      "infrastructure",
      `Decoded images in ${path} cannot be read: ${reason}.`,
      "Leave REPRISE_CACHE alone while runs read from it.",
    );
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw gone(error instanceof Error ? error.message : String(error));
  }
  return (index, target) => {
    const read = readSync(descriptor, target, 0, imageBytes, start + index * imageBytes);
    if (read < imageBytes) throw gone("it is cut off");
  };
}
