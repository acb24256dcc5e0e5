import { join, normalize } from "node:path";
import { didYouMean } from "@reprise/contracts";
import { userError } from "../../../program/errors.js";
import type { ImageTableDeclaration } from "../declaration.js";
import { decodeImageFiles } from "../decode-images.js";
import { exists } from "../files.js";
import type { ImageLoader } from "../image-source.js";
import { readColumns } from "../read-rows.js";

type Row = {
  image: string;
  label: number;
  groups: string[];
  subgroups: string[];
};

/** Images named by a CSV file with a column for the path and one for the label. Case names are the paths. */
export function imageTable(options: {
  folder: string;
  declared: ImageTableDeclaration;
  positiveClass: number | null;
  reading: string;
}): ImageLoader {
  const { folder, declared } = options;
  const table = join(folder, declared.file);
  let rows: Row[] | null = null;
  return {
    reading: options.reading,
    channels: declared.channels,
    nativeSize: declared.imageSize ?? null,
    absence: async () => ((await exists(table)) ? null : `Put ${declared.file} into ${folder}.`),
    async locate() {
      rows = await readRows(table, declared);
      return { folder, files: [...new Set([declared.file, ...rows.map(({ image }) => image)])] };
    },
    async list() {
      const read = rows ?? (await readRows(table, declared));
      const images = read.map(({ image }) => image);
      return {
        classes: declared.classes,
        positiveClass: options.positiveClass,
        labels: Int32Array.from(read, ({ label }) => label),
        names: images,
        groups: Object.fromEntries(
          declared.groups.map((name, i) => [name, read.map(({ groups }) => groups[i] ?? "")]),
        ),
        subgroups: Object.fromEntries(
          declared.subgroups.map((name, i) => [name, read.map(({ subgroups }) => subgroups[i] ?? "")]),
        ),
        publishedParts: null,
        remarks: [],
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

async function readRows(table: string, declared: ImageTableDeclaration): Promise<Row[]> {
  const { image, label, groups, subgroups, classes } = declared;
  const rows: Row[] = [];
  for await (const { cell, line } of readColumns(table, [image, label, ...groups, ...subgroups])) {
    const path = normalize(cell(image)).replaceAll("\\", "/");
    if (cell(image) === "" || path.startsWith("..") || path.startsWith("/")) {
      throw userError(
        `${table}, line ${line}: "${cell(image)}" is not inside the data set's folder.`,
        `Column ${image} must name images relative to it.`,
      );
    }
    rows.push({
      image: path,
      label: labelOf(cell(label), classes, { table, line }),
      groups: groups.map(cell),
      subgroups: subgroups.map(cell),
    });
  }
  return rows;
}

/** The label of a class name. Throws a user error naming file and line for one that was not declared. */
export function labelOf(
  name: string,
  classes: readonly string[],
  { table, line }: { table: string; line: number },
): number {
  const label = classes.indexOf(name);
  if (label >= 0) return label;
  throw userError(
    `${table}, line ${line}: class "${name}" is not declared.`,
    `Declare it under classes, or correct the line. ${didYouMean(name, [...classes])}`,
  );
}
