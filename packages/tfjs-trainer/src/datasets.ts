import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type DatasetInfo, didYouMean, type Split } from "@reprise/contracts";
import { userError } from "./errors.js";

/** A bundled data set, all cases in file order. Case ids are their row numbers in the file, from 0. */
export interface Dataset {
  name: string;
  inputShape: number[];
  classes: string[];
  /** Class that sensitivity is about; null for more than two classes. */
  positiveClass: number | null;
  cases: number;
  /** [cases × size of inputShape], raw values. */
  features: Float32Array;
  labels: Int32Array;
  /** SHA-256 of the uncompressed file. */
  digest: string;
}

interface Source {
  file: string;
  title: string;
  description: string;
  citation: string;
  inputShape: number[];
  classes: string[];
  positiveClass: number | null;
  hasHeader: boolean;
  defaultSplit: Split;
}

const license = "CC BY 4.0";
const sources: Record<string, Source> = {
  wdbc: {
    file: "wdbc.csv",
    title: "Breast Cancer Wisconsin (Diagnostic)",
    description:
      "569 fine-needle aspirates of breast masses, 30 features of cell nuclei; malignant (212) is the positive class.",
    citation:
      "Wolberg, W., Mangasarian, O., Street, N., & Street, W. (1995). Breast Cancer Wisconsin (Diagnostic). UCI Machine Learning Repository. https://doi.org/10.24432/C5DW2B",
    inputShape: [30],
    classes: ["malignant", "benign"],
    positiveClass: 0,
    hasHeader: true,
    defaultSplit: { train: 0.45, validation: 0.15, test: 0.4, seed: 1, groupBy: null },
  },
  digits: {
    file: "digits.csv.gz",
    title: "Optical Recognition of Handwritten Digits (test part)",
    description: "1797 handwritten digits, 8 × 8 pixels with 17 grey levels, ten classes.",
    citation:
      "Alpaydin, E., & Kaynak, C. (1998). Optical Recognition of Handwritten Digits. UCI Machine Learning Repository. https://doi.org/10.24432/C50P49",
    inputShape: [8, 8, 1],
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    positiveClass: null,
    hasHeader: false,
    defaultSplit: { train: 0.334, validation: 0.167, test: 0.499, seed: 1, groupBy: null },
  },
};

export const datasetNames = Object.keys(sources);

/**
 * Reads a bundled data set from `folder`.
 * Throws a user error naming the nearest known set for an unknown name, and one naming the line for a damaged file.
 */
export function loadDataset(name: string, folder: string): Dataset {
  const source = sources[name];
  if (!source) throw userError(`Unknown dataset "${name}".`, didYouMean(name, datasetNames));
  const raw = readFileSync(join(folder, source.file));
  const bytes = source.file.endsWith(".gz") ? gunzipSync(raw) : raw;
  const lines = bytes
    .toString("utf8")
    .split(/\r?\n/)
    .filter((line) => line !== "");
  const rows = source.hasHeader ? lines.slice(1) : lines;
  const width = source.inputShape.reduce((a, b) => a * b, 1);
  const features = new Float32Array(rows.length * width);
  const labels = new Int32Array(rows.length);
  for (const [row, line] of rows.entries()) {
    const cells = line.split(",").map(Number);
    const label = cells[width] ?? Number.NaN;
    const damaged =
      cells.length !== width + 1 || cells.some(Number.isNaN) || source.classes[label] === undefined;
    if (damaged) throw userError(`${source.file} is damaged at data row ${row}: "${line.slice(0, 60)}".`);
    features.set(cells.slice(0, width), row * width);
    labels[row] = label;
  }
  return {
    name,
    inputShape: source.inputShape,
    classes: source.classes,
    positiveClass: source.positiveClass,
    cases: rows.length,
    features,
    labels,
    digest: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** All bundled sets as they are announced. */
export function describeDatasets(folder: string): DatasetInfo[] {
  return Object.entries(sources).map(([name, source]) => {
    const { cases, digest } = loadDataset(name, folder);
    const { title, description, citation, inputShape, classes, positiveClass, defaultSplit } = source;
    return {
      name,
      title,
      description,
      citation,
      license,
      available: true,
      hint: null,
      cases,
      inputShape,
      classes,
      positiveClass,
      groups: [],
      digest,
      defaultSplit,
    };
  });
}
