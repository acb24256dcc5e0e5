import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { defaultSplit } from "@reprise/contracts";
import { userError } from "../../program/errors.js";
import { chosenCases } from "./case-selection.js";
import { type CaseSelection, type Dataset, sharedFloats } from "./dataset.js";
import type { DatasetFacts, DatasetSource } from "./dataset-source.js";
import { allocateImages, imageAt } from "./image-blocks.js";
import { numbered } from "./image-source.js";

type Bundled = {
  facts: DatasetFacts & { cases: number };
  file: string;
  hasHeader: boolean;
  /** Grey level of full brightness, for images. */
  white: number;
  /** Columns behind the label, in their order: groupings, then columns by which results are shown apart. */
  columns?: { groups: string[]; subgroups: string[] };
};

const license = "CC BY 4.0";

/** Data sets that come with the trainer: one line per case, the label last but for columns that are no features. */
const bundled: readonly Bundled[] = [
  {
    file: "wdbc.csv",
    hasHeader: true,
    white: 1,
    facts: {
      name: "wdbc",
      title: "Breast Cancer Wisconsin (Diagnostic)",
      description:
        "569 fine-needle aspirates of breast masses, 30 features of cell nuclei; malignant (212) is the positive class.",
      citation:
        "Wolberg, W., Mangasarian, O., Street, N., & Street, W. (1995). Breast Cancer Wisconsin (Diagnostic). UCI Machine Learning Repository. https://doi.org/10.24432/C5DW2B",
      license,
      inputShape: [30],
      classes: ["malignant", "benign"],
      positiveClass: 0,
      groups: [],
      cases: 569,
      defaultSplit,
    },
  },
  {
    file: "digits.csv.gz",
    hasHeader: false,
    white: 16,
    facts: {
      name: "digits",
      title: "Optical Recognition of Handwritten Digits (test part)",
      description: "1797 handwritten digits, 8 × 8 pixels with 17 grey levels, ten classes.",
      citation:
        "Alpaydin, E., & Kaynak, C. (1998). Optical Recognition of Handwritten Digits. UCI Machine Learning Repository. https://doi.org/10.24432/C50P49",
      license,
      inputShape: [8, 8, 1],
      classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
      positiveClass: null,
      groups: [],
      cases: 1797,
      defaultSplit,
    },
  },
  {
    file: "parkinson-voice.csv",
    hasHeader: true,
    white: 1,
    columns: { groups: ["patient"], subgroups: ["sex"] },
    facts: {
      name: "parkinson-voice",
      title: "Parkinson's Disease Classification, five measures of the voice",
      description:
        "756 recordings of a sustained vowel, three of each of 252 people; 188 of them have Parkinson's disease, the positive class. Five of the published measures of the voice.",
      citation:
        "Sakar, C., Serbes, G., Gunduz, A., Nizam, H., & Sakar, B. (2018). Parkinson's Disease Classification. UCI Machine Learning Repository. https://doi.org/10.24432/C5MS4X",
      license,
      inputShape: [5],
      classes: ["parkinson", "control"],
      positiveClass: 0,
      groups: ["patient"],
      subgroups: ["sex"],
      cases: 756,
      defaultSplit: { ...defaultSplit, groupBy: "patient" },
    },
  },
];

/** The bundled sets in `folder`. A case is a row of its file, from 0. */
export function bundledSources(folder: string): DatasetSource[] {
  return bundled.map((set) => ({
    facts: set.facts,
    absence: async () => null,
    digest: async () => (await contentOf(set, folder)).digest,
    async read({ imageSize, selection }) {
      const side = set.facts.inputShape[0];
      if (imageSize !== null && set.facts.inputShape.length === 3 && imageSize !== side) {
        throw userError(
          `Data set ${set.facts.name} has one size: ${side} × ${side} pixels; imageSize ${imageSize} was asked for.`,
          `Leave imageSize out, or set it to ${side}, and choose a model that takes such images.`,
        );
      }
      const whole = await read(set, folder);
      return selection ? selected(whole, selection) : whole;
    },
  }));
}

/** Some cases of a set of images, by their names in the whole set. */
function selected(set: Dataset, selection: CaseSelection): Dataset {
  const { features, labels, name } = set;
  if (features instanceof Float32Array)
    throw userError(`Cases of ${name} cannot be chosen: it is a table.`, "Use all of its cases.");
  const ids = chosenCases(name, set, selection);
  const chosen = allocateImages(ids.length, features.imageBytes);
  for (const [place, id] of ids.entries()) imageAt(chosen, place).set(imageAt(features, id));
  return {
    ...set,
    cases: ids.length,
    features: chosen,
    labels: ids.map((id) => labels[id] ?? -1),
    caseNames: Array.from(ids, String),
  };
}

async function contentOf({ file }: Bundled, folder: string): Promise<{ text: string; digest: string }> {
  const raw = await readFile(join(folder, file));
  const bytes = file.endsWith(".gz") ? gunzipSync(raw) : raw;
  return { text: bytes.toString("utf8"), digest: createHash("sha256").update(bytes).digest("hex") };
}

async function read(set: Bundled, folder: string): Promise<Dataset> {
  const { facts, file, hasHeader, white } = set;
  const { text, digest } = await contentOf(set, folder);
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  const rows = hasHeader ? lines.slice(1) : lines;
  const width = facts.inputShape.reduce((a, b) => a * b, 1);
  const isImage = facts.inputShape.length === 3;
  const features = isImage ? allocateImages(rows.length, width) : sharedFloats(rows.length * width);
  const labels = new Int32Array(rows.length);
  const { groups, subgroups } = set.columns ?? { groups: [], subgroups: [] };
  const columns = new Map([...groups, ...subgroups].map((column) => [column, [] as string[]]));
  for (const [row, line] of rows.entries()) {
    const cells = line.split(",");
    const [label = Number.NaN, ...values] = [...cells.slice(width, width + 1), ...cells.slice(0, width)].map(
      Number,
    );
    const damaged =
      cells.length !== width + 1 + columns.size ||
      values.some(Number.isNaN) ||
      facts.classes[label] === undefined;
    if (damaged) throw userError(`${file} is damaged at data row ${row}: "${line.slice(0, 60)}".`);
    for (const [place, texts] of [...columns.values()].entries()) texts.push(cells[width + 1 + place] ?? "");
    if (features instanceof Float32Array) features.set(values, row * width);
    else imageAt(features, row).set(values);
    labels[row] = label;
  }
  const { name, inputShape, classes, positiveClass } = facts;
  return {
    name,
    inputShape,
    classes,
    positiveClass,
    cases: rows.length,
    features,
    white,
    labels,
    caseNames: null,
    groups: Object.fromEntries(groups.map((column) => [column, numbered(columns.get(column) ?? [])])),
    subgroups: Object.fromEntries(subgroups.map((column) => [column, columns.get(column) ?? []])),
    publishedParts: null,
    digest,
    decodedDigest: null,
    decoder: null,
    remarks: [],
  };
}
