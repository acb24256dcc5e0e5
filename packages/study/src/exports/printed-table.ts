import type { AnalysisTable, PrintedTable } from "@reprise/contracts";
import { printedRows, printedUnit, stemOfEnd } from "./rounding.js";

/** So many columns stand beside each other on a page of a paper without being made smaller. */
const mostColumns = 7;

type Cells = (string | null)[];
type Column = PrintedTable["columns"][number] & { cells: Cells };

const isText = (table: AnalysisTable, key: string) =>
  table.rows.some((row) => typeof row[key] === "string" && !/^(NaN|-?Infinity)$/.test(String(row[key])));

function withUnit(label: string, unit: string | null): string {
  if (unit === null || label.includes(`(${unit})`)) return label;
  if (unit === "%" && label.endsWith("%")) return label;
  return `${label} (${unit})`;
}

/** All columns with their cells as printed, and the unit in their heads. */
function columnsOf(table: AnalysisTable, metricUnit: string): Column[] {
  const rows = printedRows(table, metricUnit);
  return table.columns.map((column, index) => ({
    key: column.key,
    label: withUnit(column.label, printedUnit(column, table, metricUnit).unit),
    description: column.description,
    text: isText(table, column.key),
    cells: rows.map((cells) => cells[index] ?? null),
  }));
}

const bare = (label: string) => label.replace(/ \([^()]*\)$/, "");
const unitOf = (label: string) => / \(([^()]*)\)$/.exec(label)?.[1] ?? null;

/** Columns that were read beside one and stand in it. */
type Joined = Column & { with?: string };

/** Two columns that are read together as one: "95.6 ± 0.7", "[94.1, 97.0]". */
function joined(columns: readonly Column[]): Joined[] {
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const second = new Set<string>();
  const merged = columns.map((column): Joined => {
    const of = /^(.*)(Mean|mean)$/.exec(column.key)?.[1];
    const sd = of === undefined ? undefined : byKey.get(of === "" ? "sd" : `${of}Sd`);
    if (sd) {
      second.add(sd.key);
      return {
        ...{ ...column, with: sd.key },
        label: withUnit(`${bare(column.label)} ± SD`, unitOf(column.label)),
        cells: column.cells.map((cell, row) =>
          cell === null || sd.cells[row] == null ? cell : `${cell} ± ${sd.cells[row]}`,
        ),
      };
    }
    const stem = /[Ll]ow$/.test(column.key) ? stemOfEnd(column.key) : null;
    const high = stem === null ? undefined : byKey.get(stem === "" ? "high" : `${stem}High`);
    if (!high) return column;
    second.add(high.key);
    const name = bare(column.label).replace(/ ?low$/i, "");
    return {
      ...{ ...column, with: high.key },
      label: withUnit(
        name === "" ? "95 % interval" : name === "PI" ? "95 % PI" : `${name}, 95 %`,
        unitOf(column.label),
      ),
      cells: column.cells.map((cell, row) =>
        cell === null || high.cells[row] == null ? null : `[${cell}, ${high.cells[row]}]`,
      ),
    };
  });
  return merged.filter(({ key }) => !second.has(key));
}

/** What a reader misses least, in this order, where there are too many columns. */
const details: readonly ((key: string, keys: ReadonlySet<string>) => boolean)[] = [
  (key) => /(^df|Df|T|^statistic)$/.test(key),
  (key, keys) => /P$/.test(key) && !/AdjustedP$/.test(key) && keys.has(key.replace(/P$/, "AdjustedP")),
  (key, keys) => key === "p" && keys.has("adjustedP"),
  (key) => /^(falsePositiveRate|maxAbsDifference|distinctDigests|deltaPercent)$/.test(key),
  (key) => /^(min|max)$|(Min|Max)$/.test(key),
  (key) => /^oneSample/.test(key),
  (key) => /^(range|meanPercent.*|minimumDetectableShift)$/.test(key),
  (key) => /^newObservation/.test(key),
  (key) => /^(reason|moreNeeded.*)$/.test(key),
  (key) => /^(metric|design|planned|equivalent)$/.test(key),
  // What stands last was thought of last; what a claim rests on stays.
  (key) => !/(^p|P)$/.test(key),
];

/**
 * A table as it is printed. `short`, as papers have it: what is the same in every row stands once in a note, means stand with their SD and
 * ends of intervals with each other, and no more columns are kept than fit a page; the note names those left out.
 */
export function printedTable(
  table: AnalysisTable,
  metricUnit: string,
  length: "short" | "full",
): PrintedTable {
  const all = columnsOf(table, metricUnit);
  const isEmpty = ({ cells }: Column) => cells.every((cell) => cell === null);
  const empty = all.filter(isEmpty).map(({ key }) => key);
  const printed = (columns: readonly Joined[], notes: string[]): PrintedTable => ({
    columns: columns.map(({ key, label, description, text }) => ({ key, label, description, text })),
    rows: table.rows.map((_, row) => columns.map(({ cells }) => cells[row] ?? null)),
    notes,
    covers: [
      ...new Set([
        ...columns.flatMap((column) => [column.key, ...(column.with ? [column.with] : [])]),
        ...empty,
      ]),
    ],
  });
  if (length === "full") return printed(all, []);
  const [named, ...others] = all;
  const isSame = ({ key, cells }: Column) =>
    cells.length > 1 &&
    table.columns.find((column) => column.key === key)?.unit === null &&
    !/(^p|P)$/.test(key) &&
    cells.every((cell) => cell !== null && cell === cells[0]);
  const kept = joined([
    ...(named ? [named] : []),
    ...others.filter((column) => !isEmpty(column) && !isSame(column)),
  ]);
  const keys = new Set(kept.map(({ key }) => key));
  const left = new Set<string>();
  for (const isDetail of details)
    for (const { key } of kept.toReversed())
      if (keys.size - left.size > mostColumns && isDetail(key, keys)) left.add(key);
  const same = others.filter((column) => !isEmpty(column) && isSame(column));
  const leftOut = kept.filter(({ key }) => left.has(key));
  return printed(
    kept.filter(({ key }) => !left.has(key)),
    [
      ...(same.length > 0
        ? [`The same in all rows: ${same.map(({ label, cells }) => `${label} ${cells[0]}`).join(", ")}.`]
        : []),
      ...(leftOut.length > 0
        ? [`Left out for width: ${leftOut.map(({ label }) => label).join(", ")}; the full table has them.`]
        : []),
    ],
  );
}
