import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import sharp from "sharp";
import { create } from "tar";
import { put } from "./make-files.js";

/** Small sets of image-text pairs in their true formats, for tests: the bundled digits as PNG files with captions. */
export type DigitPicture = {
  /** In the form of QUILT-1M: source, `_image_`, number. Two pictures follow each other in one source. */
  file: string;
  digit: number;
  caption: string;
};

const words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** Writes the first so many digits, 8 × 8 grey levels, below a folder. */
export async function writeDigits(folder: string, count: number): Promise<DigitPicture[]> {
  const packed = await readFile(fileURLToPath(new URL("../../datasets/digits.csv.gz", import.meta.url)));
  const lines = gunzipSync(packed).toString("utf8").split("\n").slice(0, count);
  await mkdir(folder, { recursive: true });
  return Promise.all(
    lines.map(async (line, index) => {
      const cells = line.split(",").map(Number);
      const grey = Uint8Array.from(cells.slice(0, 64), (value) => Math.round((value * 255) / 16));
      const digit = cells[64] ?? 0;
      const file = `clip${Math.floor(index / 2)}_image_${index}.png`;
      await sharp(grey, { raw: { width: 8, height: 8, channels: 1 } }).toFile(join(folder, file));
      return { file, digit, caption: `a scan of the digit ${words[digit]}, number ${index % 7}` };
    }),
  );
}

/** A tar archive of texts and of copies of files, in the given order. */
export async function writeShard(
  path: string,
  members: readonly [name: string, content: string | Uint8Array][],
): Promise<void> {
  const source = `${path}.members`;
  for (const [name, content] of members) await put(join(source, name), content);
  await create(
    { file: path, cwd: source, portable: true, noDirRecurse: true },
    members.map(([name]) => name),
  );
}
