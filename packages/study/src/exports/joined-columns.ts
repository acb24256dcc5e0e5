import { highOf, neighboursOf, sdOfMean, stemOfEnd } from "./column-facts.js";
import type { PrintedUnit } from "./rounding.js";

/** A column with its cells as printed. `with` names the columns that were read beside it and stand in it. */
export type Column = {
  key: string;
  with: readonly string[];
  name: string;
  unit: PrintedUnit["unit"];
  description: string;
  text: boolean;
  cells: (string | null)[];
};

/** The head of a column, with its unit unless the name says it already. */
export function labelOf({ name, unit }: Pick<Column, "name" | "unit">): string {
  if (unit === null || name.includes(`(${unit})`) || (unit === "%" && name.endsWith("%"))) return name;
  return `${name} (${unit})`;
}

/** What an interval is called by the description of its lower end: its level, where that is known. */
function intervalWords(description: string): string {
  if (description.includes("over all looks")) return "interval over all looks";
  const level = /\d+(\.\d+)? %/.exec(description)?.[0];
  return level === undefined ? "interval" : `${level} interval`;
}

/** Of what an interval is: the quantity of its stem, else what its own label says, else the column before it. */
function intervalName(low: Column, stem: string, columns: readonly Column[]): string {
  const own = low.name.replace(/ ?low$/i, "");
  const words = intervalWords(low.description);
  if (own === "PI") return words.replace("interval", "PI");
  const keys = stem === "" ? [] : [stem, `${stem}Mean`, `${stem}Sd`];
  const of = keys.flatMap((key) => columns.find((column) => column.key === key) ?? []).at(0);
  const before = columns[columns.indexOf(low) - 1];
  return [of?.name ?? (own === "" ? before?.name : own), words].filter(Boolean).join(", ");
}

/** Whether a column holds both ends of an interval. */
export const isInterval = (column: Column) => column.with.length > 0 && stemOfEnd(column.key) !== null;

/** Columns that are read together as one: "95.6 ± 0.7", "[94.1, 97.0]". An end that is not known is a dash beside the other. */
export function joined(columns: readonly Column[]): Column[] {
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const second = new Set<string>();
  const merged = columns.map((column): Column => {
    const sd = byKey.get(sdOfMean(column.key) ?? "");
    if (sd) {
      second.add(sd.key);
      return {
        ...column,
        with: [sd.key],
        name: `${column.name} ± SD`,
        cells: column.cells.map((cell, row) =>
          cell === null || sd.cells[row] == null ? cell : `${cell} ± ${sd.cells[row]}`,
        ),
      };
    }
    const high = byKey.get(highOf(column.key) ?? "");
    if (!high) return column;
    second.add(high.key);
    return {
      ...column,
      with: [high.key],
      name: intervalName(column, stemOfEnd(column.key) ?? "", columns),
      cells: column.cells.map((cell, row) =>
        cell === null && high.cells[row] == null ? null : `[${cell ?? "–"}, ${high.cells[row] ?? "–"}]`,
      ),
    };
  });
  return merged.filter(({ key }) => !second.has(key));
}

/** Intervals with the value that they are of, where each in a column of its own would not fit: "95.6 ± 0.7 [94.1, 97.0]". */
export function withIntervals(columns: readonly Column[]): Column[] {
  const intervalOf = (column: Column) =>
    isInterval(column)
      ? undefined
      : columns.find((other) => isInterval(other) && other.key === neighboursOf(column.key)?.low);
  const taken = new Set(columns.flatMap((column) => intervalOf(column)?.key ?? []));
  return columns
    .filter(({ key }) => !taken.has(key))
    .map((column) => {
      const interval = intervalOf(column);
      if (!interval) return column;
      return {
        ...column,
        with: [...column.with, interval.key, ...interval.with],
        name: `${column.name}, ${interval.name.replace(/^.*, /, "")}`,
        cells: column.cells.map((cell, row) => [cell, interval.cells[row]].filter(Boolean).join(" ") || null),
      };
    });
}
