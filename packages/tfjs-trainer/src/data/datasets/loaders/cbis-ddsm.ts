import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { partNames } from "@reprise/contracts";
import { userError } from "../../../program/errors.js";
import { fractions } from "../dataset.js";
import { decodeImageFiles } from "../decode-images.js";
import { exists, imageFile } from "../files.js";
import type { ImageFacts, ImageLoader } from "../image-source.js";
import { readColumns } from "../read-rows.js";

/** The four tables of the collection: what was annotated, and for which part. */
const tables = (["mass", "calc"] as const).flatMap((finding) =>
  (["train", "test"] as const).map((part) => ({
    file: `${finding}_case_description_${part}_set.csv`,
    part: partNames.indexOf(part),
  })),
);

const cbisDdsmVariants = {
  "cbis-ddsm": {
    title: "CBIS-DDSM, mammograms",
    column: "image file path",
    what: "whole mammograms; one is malignant if any of its annotated lesions is",
    cases: 3_103,
  },
  "cbis-ddsm-lesions": {
    title: "CBIS-DDSM, lesions",
    column: "cropped image file path",
    what: "crops around annotated masses and calcifications",
    cases: 3_568,
  },
} as const;
export type CbisDdsmName = keyof typeof cbisDdsmVariants;

const classes = ["benign", "malignant"];

export function cbisDdsmFacts(name: CbisDdsmName): ImageFacts {
  const { title, what, cases } = cbisDdsmVariants[name];
  return {
    name,
    title,
    description: `Curated Breast Imaging Subset of DDSM: ${what}. Malignant is the positive class; "benign without callback" counts as benign. Grey images. Split by groupBy patient, or take the published parts.`,
    citation:
      "Sawyer-Lee, R., Gimenez, F., Hoogi, A., & Rubin, D. (2016). Curated Breast Imaging Subset of Digital Database for Screening Mammography (CBIS-DDSM). The Cancer Imaging Archive. https://doi.org/10.7937/K9/TCIA.2016.7O02S9CY",
    license: "CC BY 3.0",
    classes,
    positiveClass: 1,
    groups: ["patient"],
    cases,
    defaultSplit: { ...fractions(0.64, 0.16, 0.2), groupBy: "patient" },
  };
}

type Case = {
  /** Path that the table gives, of a DICOM file. */
  path: string;
  table: string;
  line: number;
  label: number;
  patient: string;
  part: number;
};

/**
 * CBIS-DDSM: the tables of the collection, and its images converted from DICOM to PNG, JPEG or TIFF. An image is looked for
 * at the path that the table gives, with another ending, and at `jpeg/<series>/`, as the collection is also passed on.
 */
export function cbisDdsm(root: string, name: CbisDdsmName): ImageLoader {
  const folder = join(root, "cbis-ddsm");
  const { column } = cbisDdsmVariants[name];
  const hint = `Get the tables and images from https://doi.org/10.7937/K9/TCIA.2016.7O02S9CY. Put the four tables (${tables[0]?.file ?? ""}, …) into ${folder} or its folder csv, convert the images to PNG, and put them at the paths that the tables give, below ${folder}.`;
  const tableFolder = async () => {
    for (const place of [folder, join(folder, "csv")])
      if (await exists(join(place, tables[0]?.file ?? ""))) return place;
    return null;
  };
  let found: { cases: Case[]; images: string[] } | null = null;
  const survey = async () => {
    const place = await tableFolder();
    if (place === null) throw userError("The tables of CBIS-DDSM are not here.", hint);
    const cases = await readCases(place, column);
    const isImage = await imageFinder(folder, hint);
    return { cases, images: await Promise.all(cases.map(isImage)) };
  };
  return {
    reading: `${name} 1`,
    channels: 1,
    nativeSize: null,
    absence: async () => ((await tableFolder()) === null ? hint : null),
    async locate() {
      found = await survey();
      const csv = (await tableFolder()) === folder ? "" : "csv/";
      return { folder, files: [...new Set([...tables.map(({ file }) => `${csv}${file}`), ...found.images])] };
    },
    async list() {
      const { cases, images } = found ?? (await survey());
      return {
        classes,
        positiveClass: 1,
        labels: Int32Array.from(cases, ({ label }) => label),
        names: images,
        groups: { patient: cases.map(({ patient }) => patient) },
        publishedParts: Uint8Array.from(cases, ({ part }) => part),
        remarks: sharedPatients(cases),
        decode: (ids, to) =>
          decodeImageFiles(
            folder,
            Array.from(ids, (id) => images[id] ?? ""),
            to,
          ),
      };
    },
  };
}

/** One case per lesion, or per mammogram: malignant if any of its lesions is. In the order of the tables. */
async function readCases(place: string, column: string): Promise<Case[]> {
  const cases = new Map<string, Case>();
  for (const { file, part } of tables) {
    const table = join(place, file);
    if (!(await exists(table)))
      throw userError(`${table} is missing.`, "All four tables of the collection are needed.");
    for await (const { cell, line } of readColumns(table, ["patient_id", "pathology", column])) {
      const pathology = cell("pathology");
      const label = /^MALIGNANT$/i.test(pathology)
        ? 1
        : /^BENIGN(_WITHOUT_CALLBACK)?$/i.test(pathology)
          ? 0
          : null;
      const path = cell(column).trim();
      if (label === null || path === "") {
        throw userError(
          `${table} is damaged at line ${line}: pathology "${pathology}", ${column} "${path}".`,
          "Get the table again; pathology is MALIGNANT, BENIGN or BENIGN_WITHOUT_CALLBACK.",
        );
      }
      const key = column === "image file path" ? path : `${file}:${line}`;
      const known = cases.get(key);
      if (known) known.label = Math.max(known.label, label);
      else cases.set(key, { path, table, line, label, patient: cell("patient_id"), part });
    }
  }
  return [...cases.values()];
}

/** Finds the image of a case, relative to the set's folder. */
async function imageFinder(folder: string, hint: string): Promise<(of: Case) => Promise<string>> {
  const kinds = await seriesKinds(folder);
  return async ({ path, table, line }) => {
    const stem = path.replace(/\.dcm$/i, "");
    for (const base of ["", "CBIS-DDSM/", "images/"])
      for (const ending of ["png", "jpg", "jpeg", "tif", "tiff"])
        if (await exists(join(folder, `${base}${stem}.${ending}`))) return `${base}${stem}.${ending}`;
    const series = path.split("/").at(-2) ?? "";
    const inSeries = await readdir(join(folder, "jpeg", series)).catch(() => []);
    const images = inSeries.filter((file) => imageFile.test(file)).map((file) => `jpeg/${series}/${file}`);
    const wanted = path === "" ? [] : images.filter((image) => kinds.get(image) !== "ROI mask images");
    const [only] = wanted;
    if (only !== undefined && wanted.length === 1) return only;
    const problem =
      wanted.length > 1
        ? `is one of ${wanted.length} in jpeg/${series}, and nothing tells which`
        : "is missing";
    throw userError(`The image of line ${line} of ${table} ${problem}: ${path}.`, hint);
  };
}

/** What kind of image each file below `jpeg/` is, where a `dicom_info.csv` tells. */
async function seriesKinds(folder: string): Promise<Map<string, string>> {
  const kinds = new Map<string, string>();
  const table = join(folder, "csv", "dicom_info.csv");
  if (!(await exists(table))) return kinds;
  for await (const { cell } of readColumns(table, ["image_path", "SeriesDescription"]))
    kinds.set(cell("image_path").replace(/^CBIS-DDSM\//, ""), cell("SeriesDescription"));
  return kinds;
}

function sharedPatients(cases: readonly Case[]): string[] {
  const patients = (part: number) =>
    new Set(cases.filter((one) => one.part === part).map(({ patient }) => patient));
  const test = patients(partNames.indexOf("test"));
  const shared = [...patients(partNames.indexOf("train"))].filter((patient) => test.has(patient)).length;
  if (shared === 0) return [];
  return [
    `${shared} patients have images in both published parts of CBIS-DDSM; groupBy patient keeps them together.`,
  ];
}
