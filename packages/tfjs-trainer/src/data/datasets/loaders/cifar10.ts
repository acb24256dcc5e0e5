import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { partNames } from "@reprise/contracts";
import { userError } from "../../../program/errors.js";
import { fractions } from "../dataset.js";
import { resizeImages } from "../decode-images.js";
import { exists } from "../files.js";
import type { ImageFacts, ImageListing, ImageLoader } from "../image-source.js";

const side = 32;
const pixels = side * side;
/** Label, then 1024 red, 1024 green and 1024 blue bytes, row by row. */
const recordBytes = 1 + 3 * pixels;

const classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const batches = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`);
const files = [...batches, "test_batch.bin"];

export const cifar10Facts: ImageFacts = {
  name: "cifar10",
  title: "CIFAR-10",
  description:
    "60,000 colour images of 32 × 32 pixels in ten classes, 6,000 each; 50,000 for training and 10,000 for testing as published.",
  citation:
    "Krizhevsky, A. (2009). Learning multiple layers of features from tiny images. Technical report, University of Toronto. https://www.cs.toronto.edu/~kriz/cifar.html",
  license: "as stated at its source",
  classes,
  positiveClass: null,
  groups: [],
  cases: 60_000,
  defaultSplit: { ...fractions(0.75, 1 / 12, 1 / 6), published: true },
};

/** CIFAR-10 in its binary version (`cifar-10-binary.tar.gz`). Case names: file and record, as in `test_batch.bin/17`. */
export function cifar10(root: string): ImageLoader {
  const places = [
    join(root, "cifar10"),
    join(root, "cifar10", "cifar-10-batches-bin"),
    join(root, "cifar-10-batches-bin"),
  ];
  const find = async () => {
    for (const place of places) if (await exists(join(place, "test_batch.bin"))) return place;
    return null;
  };
  return {
    reading: "cifar10 1",
    channels: 3,
    nativeSize: side,
    async absence() {
      if (await find()) return null;
      return `Get cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html and unpack it into ${join(root, "cifar10")}.`;
    },
    async locate() {
      return { folder: (await find()) ?? join(root, "cifar10"), files: [...files] };
    },
    list: ({ folder }) => list(folder),
  };
}

async function list(folder: string): Promise<ImageListing> {
  const labels: number[] = [];
  const names: string[] = [];
  const parts: number[] = [];
  const counts: number[] = [];
  for (const file of files) {
    const path = join(folder, file);
    const { size } = await stat(path);
    if (size === 0 || size % recordBytes !== 0) {
      throw userError(
        `${path} is damaged: ${size} bytes are not a whole number of records of ${recordBytes} bytes.`,
        "Unpack cifar-10-binary.tar.gz again; each file has 30,730,000 bytes.",
      );
    }
    const bytes = await readFile(path);
    counts.push(size / recordBytes);
    for (let record = 0; record < size / recordBytes; record++) {
      const label = bytes[record * recordBytes] ?? 0;
      if (label >= classes.length) {
        throw userError(
          `${path} is damaged: record ${record} has label ${label}, and there are ${classes.length} classes.`,
          "Unpack cifar-10-binary.tar.gz again.",
        );
      }
      labels.push(label);
      names.push(`${file}/${record}`);
      parts.push(partNames.indexOf(file === "test_batch.bin" ? "test" : "train"));
    }
  }
  return {
    classes,
    positiveClass: null,
    labels: Int32Array.from(labels),
    names,
    groups: {},
    publishedParts: Uint8Array.from(parts),
    remarks: [],
    async decode(ids, { place, shape, report }) {
      let from = 0;
      let done = 0;
      for (const [i, file] of files.entries()) {
        const count = counts[i] ?? 0;
        const wanted = ids.filter((id) => id >= from && id < from + count).map((id) => id - from);
        const records = await readFile(join(folder, file));
        const first = done;
        if (shape[0] === side) {
          for (const [j, record] of wanted.entries()) interleave(records, record, place(first + j));
        } else {
          const images = new Uint8Array(wanted.length * 3 * pixels);
          for (const [j, record] of wanted.entries())
            interleave(records, record, images.subarray(j * 3 * pixels));
          await resizeImages(images, { from: [side, side, 3], to: shape, place: (j) => place(first + j) });
        }
        from += count;
        done += wanted.length;
        report(done, ids.length, "images read");
      }
    },
  };
}

/** From planes of colour to colours of pixels. */
function interleave(records: Uint8Array, record: number, target: Uint8Array): void {
  const from = record * recordBytes + 1;
  for (let p = 0; p < pixels; p++) {
    target[3 * p] = records[from + p] as number;
    target[3 * p + 1] = records[from + pixels + p] as number;
    target[3 * p + 2] = records[from + 2 * pixels + p] as number;
  }
}
