import { join, normalize } from "node:path";
import { partNames } from "@reprise/contracts";
import { userError } from "../../../program/errors.js";
import { exists, imageFile, inParallel } from "../files.js";
import { type Cells, readColumns } from "../read-rows.js";
import type { Pair, PairLoader } from "./pair-loader.js";

export type PairTable = {
  folder: string;
  /** Table of pairs, relative to the folder: CSV, TSV or Parquet. */
  file: string;
  /** Folder that image paths are relative to, itself relative to the data set's folder; empty for that. */
  images: string;
  /** Columns. */
  image: string;
  caption: string;
  groups: string[];
  /** Column that tells the published part of a pair; null where there is none. */
  part: string | null;
  /** By column, the values of rows that are wanted. */
  only: Record<string, string[]>;
  /** Groups that an image's path tells. */
  derived: Record<string, (path: string) => string>;
  /** What happens to pairs without image or caption. */
  incomplete: "refuse" | "leaveOut";
  /** What to get and where to put it. */
  hint: string;
};

const wayOut = (column: string) =>
  `Fill column "${column}", or set incomplete: leaveOut in the declaration to go without such pairs.`;

/** Published parts as tables write them. */
const writtenParts: Record<string, (typeof partNames)[number]> = {
  train: "train",
  training: "train",
  val: "validation",
  valid: "validation",
  validation: "validation",
  test: "test",
};

/** Rows between two reports. */
const reportEvery = 10_000;

/** Pairs that a table lists, in its order: a column names the image file, another holds the caption. */
export function pairTable(given: PairTable): PairLoader {
  const { folder, file: table, images, groups, incomplete } = given;
  const path = join(folder, table);
  return {
    async absence() {
      if (!(await exists(path))) return given.hint;
      return images === "" || (await exists(join(folder, images)))
        ? null
        : `Folder ${join(folder, images)} is missing. ${given.hint}`;
    },
    async list(report) {
      const pairs: Pair[] = [];
      const parts: number[] = [];
      const lineOf = new Map<string, number>();
      let rows = 0;
      let empty = 0;
      const columns = [given.image, given.caption, ...groups, ...Object.keys(given.only)];
      for await (const { cell, line } of readColumns(path, given.part ? [...columns, given.part] : columns)) {
        rows += 1;
        if (rows % reportEvery === 0) report(rows, 0, "rows read");
        if (Object.entries(given.only).some(([column, wanted]) => !wanted.includes(cell(column)))) continue;
        const caption = cell(given.caption).trim();
        if (caption === "" || cell(given.image) === "") {
          const column = caption === "" ? given.caption : given.image;
          empty += 1;
          if (incomplete === "leaveOut") continue;
          throw userError(`${path}, line ${line}: column "${column}" is empty.`, wayOut(column));
        }
        const file = imagePath(given, cell, { table: path, line });
        if (!lineOf.has(file)) lineOf.set(file, line);
        if (given.part !== null) parts.push(partOf(given.part, cell, { table: path, line }));
        const ofPath = Object.values(given.derived).map((groupOf) => groupOf(file));
        pairs.push({ file, span: null, name: file, caption, groups: [...groups.map(cell), ...ofPath, file] });
      }
      const absent = incomplete === "leaveOut" ? await absentFiles(folder, [...lineOf.keys()]) : new Set();
      const here = pairs.map(({ file }) => !absent.has(file));
      const kept = pairs.filter((_, i) => here[i]);
      const left = empty + pairs.length - kept.length;
      return {
        folder,
        files: [table, ...[...lineOf.keys()].filter((file) => !absent.has(file))],
        pairs: kept,
        publishedParts: given.part === null ? null : Uint8Array.from(parts.filter((_, i) => here[i])),
        remarks:
          left === 0
            ? []
            : [
                `${left} of the pairs in ${table} are left out: ${empty} without caption or path, ${left - empty} without the image file.`,
              ],
        missing: (file) =>
          userError(
            `${path}, line ${lineOf.get(file) ?? 1}, column "${given.image}": there is no file ${join(folder, file)}.`,
            `Put the image there, or set incomplete: leaveOut in the declaration to go without such pairs.`,
          ),
      };
    },
  };
}

/** The path of a row's image below the data set's folder. */
function imagePath(
  { image, images }: PairTable,
  cell: Cells,
  { table, line }: { table: string; line: number },
): string {
  const given = cell(image);
  const path = normalize(images === "" ? given : `${images}/${given}`).replaceAll("\\", "/");
  if (given.startsWith("/") || path.startsWith("..") || path.startsWith("/")) {
    throw userError(
      `${table}, line ${line}, column "${image}": "${given}" is not inside the data set's folder.`,
      "Write paths relative to the folder of the data set, or to the folder that images names.",
    );
  }
  if (!imageFile.test(path)) {
    throw userError(
      `${table}, line ${line}, column "${image}": "${given}" is not the name of an image file.`,
      "Images end in jpg, jpeg, png, webp, tif, tiff, gif, bmp or avif.",
    );
  }
  return path;
}

function partOf(column: string, cell: Cells, { table, line }: { table: string; line: number }): number {
  const part = writtenParts[cell(column).toLowerCase()];
  if (part) return partNames.indexOf(part);
  throw userError(
    `${table}, line ${line}, column "${column}": "${cell(column)}" is not a part.`,
    `Parts are written ${Object.keys(writtenParts).join(", ")}.`,
  );
}

async function absentFiles(folder: string, files: readonly string[]): Promise<Set<string>> {
  const absent = new Set<string>();
  await inParallel(
    files.length,
    async (i) => {
      const file = files[i] ?? "";
      if (!(await exists(join(folder, file)))) absent.add(file);
    },
    32,
  );
  return absent;
}
