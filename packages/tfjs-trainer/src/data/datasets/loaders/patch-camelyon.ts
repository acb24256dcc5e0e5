import { join } from "node:path";
import { partNames } from "@reprise/contracts";
import { userError } from "../../../program/errors.js";
import { fractions } from "../dataset.js";
import { resizeImages } from "../decode-images.js";
import { exists } from "../files.js";
import type { ImageFacts, ImageLoader } from "../image-source.js";
import { readColumns } from "../read-rows.js";

const side = 96;
const imageBytes = side * side * 3;
/** Images that are read at once, 28 MB: between two of them the process answers. */
const stretch = 1024;
const classes = ["normal", "tumour"];

/** The published parts and what their files call them. */
const parts = [
  ["train", "train"],
  ["validation", "valid"],
  ["test", "test"],
] as const;
const fileOf = (part: string, kind: "x.h5" | "y.h5" | "meta.csv") =>
  `camelyonpatch_level_2_split_${part}_${kind}`;

export const patchCamelyonFacts: ImageFacts = {
  name: "patch-camelyon",
  title: "PatchCamelyon",
  description:
    "327,680 patches of 96 × 96 pixels from lymph-node sections; positive if the central 32 × 32 pixels hold tumour tissue (half of them). Published in parts of 262,144, 32,768 and 32,768; patches of one slide belong together (groupBy slide, where the tables of positions are here).",
  citation:
    "Veeling, B. S., Linmans, J., Winkens, J., Cohen, T., & Welling, M. (2018). Rotation equivariant CNNs for digital pathology. MICCAI. https://github.com/basveeling/pcam",
  license: "CC0 1.0",
  classes,
  positiveClass: 1,
  groups: ["slide"],
  cases: 327_680,
  defaultSplit: { ...fractions(0.8, 0.1, 0.1), published: true },
};

/** PatchCamelyon: three HDF5 files of images (`x`) and three of labels (`y`). Case names: part and index, `test/17`. */
export function patchCamelyon(root: string): ImageLoader {
  const folder = join(root, "patch-camelyon");
  const needed = parts.flatMap(([, name]) => [fileOf(name, "x.h5"), fileOf(name, "y.h5")]);
  const missing = async () => {
    for (const file of needed) if (!(await exists(join(folder, file)))) return file;
    return null;
  };
  return {
    reading: "patch-camelyon 1",
    channels: 3,
    nativeSize: side,
    async absence() {
      const file = await missing();
      if (file === null) return null;
      if (await exists(join(folder, `${file}.gz`))) return `Unpack ${join(folder, file)}.gz with gunzip.`;
      return `Get the files of PatchCamelyon (links at https://github.com/basveeling/pcam), unpack them with gunzip and put them into ${folder}; ${file} is missing.`;
    },
    async locate() {
      const tables = parts.map(([, name]) => fileOf(name, "meta.csv"));
      const here = await Promise.all(tables.map((file) => exists(join(folder, file))));
      return { folder, files: [...needed, ...(here.every(Boolean) ? tables : [])] };
    },
    async list({ files }) {
      const labels: number[] = [];
      const names: string[] = [];
      const ofPart: number[] = [];
      const counts: number[] = [];
      for (const [part, name] of parts) {
        const read = await readLabels(join(folder, fileOf(name, "y.h5")), join(folder, fileOf(name, "x.h5")));
        counts.push(read.length);
        for (const [i, label] of read.entries()) {
          labels.push(label);
          names.push(`${part}/${i}`);
          ofPart.push(partNames.indexOf(part));
        }
      }
      const groups: Record<string, string[]> = {};
      if (files.some((file) => file.endsWith("meta.csv"))) groups.slide = await readSlides(folder, counts);
      return {
        classes,
        positiveClass: 1,
        labels: Int32Array.from(labels),
        names,
        groups,
        publishedParts: Uint8Array.from(ofPart),
        remarks: [],
        async decode(ids, { place, shape, report }) {
          let done = 0;
          let start = 0;
          for (const [i, [, name]] of parts.entries()) {
            const count = counts[i] ?? 0;
            const inside = ids.filter((id) => id >= start && id < start + count).map((id) => id - start);
            start += count;
            for await (const images of readImages(join(folder, fileOf(name, "x.h5")), inside)) {
              const from = done;
              done += images.length / imageBytes;
              if (shape[0] === side) {
                for (let j = from; j < done; j++)
                  place(j).set(images.subarray((j - from) * imageBytes, (j - from + 1) * imageBytes));
              } else {
                await resizeImages(images, {
                  from: [side, side, 3],
                  to: shape,
                  place: (j) => place(from + j),
                });
              }
              report(done, ids.length, "images read");
            }
          }
        },
      };
    },
  };
}

/** Opens the one dataset of a file; `use` gets its shape and a function that reads a stretch of rows as bytes. */
async function openDataset(path: string, key: "x" | "y") {
  const { default: h5wasm } = await import("h5wasm/node");
  // Errors are thrown as messages instead of being printed.
  (await h5wasm.ready).activate_throwing_error_handler();
  const damaged = (reason: string) =>
    userError(
      `${path} is damaged or no HDF5 file: ${reason}.`,
      "Get the file again and unpack it with gunzip.",
    );
  let file: InstanceType<typeof h5wasm.File>;
  try {
    file = new h5wasm.File(path, "r");
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
  const dataset = file.get(key);
  if (!(dataset instanceof h5wasm.Dataset)) {
    file.close();
    throw damaged(`it has no dataset "${key}"`);
  }
  return {
    shape: dataset.shape ?? [],
    damaged,
    rows(from: number, to: number): Uint8Array {
      let values: unknown;
      try {
        values = dataset.slice([[from, to]]);
      } catch (error) {
        throw damaged(error instanceof Error ? error.message : String(error));
      }
      if (!(values instanceof Uint8Array)) throw damaged(`dataset "${key}" does not hold bytes`);
      return values;
    },
    close: () => file.close(),
  };
}

async function readLabels(path: string, imagesPath: string): Promise<number[]> {
  const images = await openDataset(imagesPath, "x");
  images.close();
  const [count = 0, ...size] = images.shape;
  if (size.join() !== [side, side, 3].join())
    throw images.damaged(`its images are ${size.join(" × ")}, not ${side} × ${side} × 3`);
  const file = await openDataset(path, "y");
  try {
    if (file.shape[0] !== count) throw file.damaged(`it has ${file.shape[0]} labels for ${count} images`);
    const labels = [...file.rows(0, count)];
    const wrong = labels.findIndex((label) => label > 1);
    if (wrong >= 0) throw file.damaged(`label ${wrong} is ${labels[wrong]}, not 0 or 1`);
    return labels;
  } finally {
    file.close();
  }
}

/** The wanted rows of a file of images, ascending, a stretch of the file at a time. */
async function* readImages(path: string, wanted: Int32Array): AsyncGenerator<Uint8Array> {
  if (wanted.length === 0) return;
  const file = await openDataset(path, "x");
  try {
    const [count = 0] = file.shape;
    for (let from = 0; from < count; from += stretch) {
      const to = Math.min(count, from + stretch);
      const here = wanted.filter((row) => row >= from && row < to);
      if (here.length === 0) continue;
      const rows = file.rows(from, to);
      if (here.length === to - from) yield rows;
      else {
        const images = new Uint8Array(here.length * imageBytes);
        for (const [j, row] of here.entries())
          images.set(rows.subarray((row - from) * imageBytes, (row - from + 1) * imageBytes), j * imageBytes);
        yield images;
      }
      await new Promise(setImmediate);
    }
  } finally {
    file.close();
  }
}

/** The slide of every patch, from the tables of positions. */
async function readSlides(folder: string, counts: readonly number[]): Promise<string[]> {
  const slides: string[] = [];
  for (const [i, [, name]] of parts.entries()) {
    const table = join(folder, fileOf(name, "meta.csv"));
    const before = slides.length;
    for await (const { cell } of readColumns(table, ["wsi"])) slides.push(cell("wsi"));
    if (slides.length - before !== counts[i])
      throw userError(
        `${table} has ${slides.length - before} rows for ${counts[i]} images.`,
        "Get the table again.",
      );
  }
  return slides;
}
