import { join } from "node:path";
import { userError } from "../../../program/errors.js";
import { type Dataset, type Report, sharedFloats } from "../dataset.js";
import type { DatasetFacts, DatasetSource } from "../dataset-source.js";
import type { TableDeclaration } from "../declaration.js";
import { contentDigest, exists, stampOf } from "../files.js";
import { numbered } from "../image-source.js";
import { headerOf, requireColumn, rowsOf } from "../read-rows.js";
import { labelOf } from "./image-table.js";

/** Rows between two reports. */
const reportEvery = 10_000;

/** A table of numbers with a column of classes: CSV, TSV or Parquet. A case is a row, from 0. */
export async function tableSource(
  facts: Omit<DatasetFacts, "inputShape">,
  { folder, declared }: { folder: string; declared: TableDeclaration },
): Promise<DatasetSource> {
  const path = join(folder, declared.file);
  const here = await exists(path);
  const inputs = here
    ? featuresOf(path, await headerOf(path), declared).reduce((sum, f) => sum + f.width, 0)
    : null;
  return {
    facts: { ...facts, inputShape: inputs === null ? [] : [inputs] },
    absence: async () => (here ? null : `Put ${declared.file} into ${folder}.`),
    digest: async () => null,
    async read({ imageSize, report }) {
      if (imageSize !== null)
        throw userError(
          `imageSize would not be used: data set ${facts.name} is a table.`,
          "Leave imageSize out.",
        );
      const { bytes } = await stampOf(folder, [declared.file]);
      const digest = await contentDigest(folder, [declared.file], { bytes, report });
      return { ...(await readTable(path, declared, report)), ...pick(facts), digest };
    },
  };
}

const pick = ({ name, classes, positiveClass }: Omit<DatasetFacts, "inputShape">) => ({
  name,
  classes,
  positiveClass,
});

/** One column as features: a number, or one 0 or 1 per declared value. */
type Feature = {
  place: number;
  column: string;
  values: readonly string[] | null;
  width: number;
};

function featuresOf(path: string, header: readonly string[], declared: TableDeclaration): Feature[] {
  const { label, groups, subgroups, ignore, categories } = declared;
  for (const column of [label, ...groups, ...subgroups, ...ignore, ...Object.keys(categories)])
    requireColumn(path, column, header);
  const others = new Set([label, ...groups, ...subgroups, ...ignore]);
  return header.flatMap((column, place): Feature[] => {
    if (others.has(column)) return [];
    const values = categories[column] ?? null;
    return [{ place, column, values, width: values?.length ?? 1 }];
  });
}

async function readTable(
  path: string,
  declared: TableDeclaration,
  report: Report,
): Promise<Omit<Dataset, "name" | "classes" | "positiveClass" | "digest">> {
  const numbers: number[] = [];
  const labels: number[] = [];
  const named = [...new Set([...declared.groups, ...declared.subgroups])];
  const columns: Record<string, string[]> = Object.fromEntries(named.map((name) => [name, []]));
  let header: string[] | null = null;
  let features: Feature[] = [];
  for await (const { cells, line } of rowsOf(path)) {
    if (header === null) {
      header = cells;
      features = featuresOf(path, cells, declared);
      continue;
    }
    for (const feature of features)
      numbers.push(...numbersOf(cells[feature.place] ?? "", feature, { path, line }));
    for (const name of named) columns[name]?.push(cells[header.indexOf(name)] ?? "");
    labels.push(
      labelOf(cells[header.indexOf(declared.label)] ?? "", declared.classes, { table: path, line }),
    );
    if (labels.length % reportEvery === 0) report(labels.length, 0, "rows read");
  }
  const cases = labels.length;
  if (cases === 0) throw userError(`${path} has no rows.`, "Its first line names the columns; cases follow.");
  const values = sharedFloats(numbers.length);
  values.set(numbers);
  return {
    inputShape: [numbers.length / cases],
    cases,
    features: values,
    white: 1,
    labels: Int32Array.from(labels),
    caseNames: null,
    groups: Object.fromEntries(declared.groups.map((name) => [name, numbered(columns[name] ?? [])])),
    subgroups: Object.fromEntries(declared.subgroups.map((name) => [name, columns[name] ?? []])),
    publishedParts: null,
    decodedDigest: null,
    decoder: null,
    remarks: [],
  };
}

function numbersOf(
  cell: string,
  { column, values }: Feature,
  { path, line }: { path: string; line: number },
): number[] {
  if (values) {
    const index = values.indexOf(cell);
    if (index >= 0) return values.map((_, i) => (i === index ? 1 : 0));
    throw userError(
      `${path}, line ${line}: "${cell}" is not among the declared values of column "${column}" (${values.join(", ")}).`,
      `Add it under categories.${column}, or correct the line.`,
    );
  }
  const number = cell === "" ? Number.NaN : Number(cell);
  if (Number.isFinite(number)) return [number];
  throw userError(
    `${path}, line ${line}: column "${column}" holds ${cell === "" ? "nothing" : `"${cell}"`}, not a number.`,
    "Fill it (Reprise does not guess missing values), declare the column under categories, or list it under ignore.",
  );
}
