import type { AnalysisTable, PrintedTable } from "@reprise/contracts";
import { details, isEffectSize, isEvidence, isName, isPValue, isSaidOnce } from "./column-facts.js";
import { type Column, isInterval, joined, labelOf, withIntervals } from "./joined-columns.js";
import { printedRows, printedUnit } from "./rounding.js";

/** So many columns stand beside each other on a page of a paper without being made smaller. */
const mostColumns = 7;

/** So many fit in the smallest size; of more, intervals stand with their values. */
export const mostInSmall = 9;

const isText = (table: AnalysisTable, key: string) =>
  table.rows.some((row) => typeof row[key] === "string" && !/^(NaN|-?Infinity)$/.test(String(row[key])));

/** All columns with their cells as printed. */
function columnsOf(table: AnalysisTable, metricUnit: string): Column[] {
  const rows = printedRows(table, metricUnit);
  return table.columns.map((column, index) => ({
    key: column.key,
    with: [],
    name: column.label,
    unit: printedUnit(column, table, metricUnit).unit,
    description: column.description,
    text: isText(table, column.key),
    cells: rows.map((cells) => cells[index] ?? null),
  }));
}

const rests = (column: Column) => isEvidence(column.key) || (isInterval(column) && !isEffectSize(column.key));

/** Keys of the columns that are left out so that the others fit a page, as far as they can be spared. */
function leftOutOf(columns: readonly Column[]): Set<string> {
  const left = new Set<string>();
  const spared = columns.slice(1).filter((column) => !rests(column) && !isName(column.key));
  for (const isDetail of details)
    for (const { key } of spared.toReversed())
      if (columns.length - left.size > mostColumns && isDetail(key)) left.add(key);
  return left;
}

/** Whether every row has the same value, not only the same digits in print. */
function isConstant({ rows }: AnalysisTable, column: Column): boolean {
  return [column.key, ...column.with].every((key) => {
    const first = rows[0]?.[key] ?? null;
    return first !== null && rows.every((row) => row[key] === first);
  });
}

/** What needs no column of its own: it is the same in every row, or the only row has it and there is no room. */
function hoistedOf(table: AnalysisTable, columns: readonly Column[]): Column[] {
  const others = columns.slice(1);
  const isOnly = table.rows.length === 1;
  if (isOnly && columns.length <= mostColumns) return [];
  const isKept = (column: Column) => rests(column) && (isOnly || !isSaidOnce(column.key));
  return others.filter(
    (column) =>
      table.columns.find(({ key }) => key === column.key)?.unit === null &&
      !isPValue(column.key) &&
      !isKept(column) &&
      isConstant(table, column),
  );
}

/**
 * A table as it is printed. `short`, as papers have it: what is the same in every row stands once in a note, means stand with their SD and
 * ends of intervals with each other (of many, with their values), and details are left out that would not fit a page; the note names them. What tells rows apart and
 * what a claim rests on is never left out. `joined` leaves out nothing, and joins as a short one does where not all columns would stand beside each other.
 */
export function printedTable(
  table: AnalysisTable,
  metricUnit: string,
  length: "short" | "full" | "joined",
): PrintedTable {
  const all = columnsOf(table, metricUnit);
  const isEmpty = ({ cells }: Column) => cells.every((cell) => cell === null);
  const empty = all.filter(isEmpty).map(({ key }) => key);
  const printed = (columns: readonly Column[], notes: string[]): PrintedTable => ({
    columns: columns.map((column) => ({
      key: column.key,
      with: [...column.with],
      label: labelOf(column),
      description: column.description,
      text: column.text,
    })),
    rows: table.rows.map((_, row) => columns.map(({ cells }) => cells[row] ?? null)),
    notes,
    covers: [...new Set([...columns.flatMap((column) => [column.key, ...column.with]), ...empty])],
  });
  if (length === "full") return printed(all, []);
  if (length === "joined") return printed(all.length > mostInSmall ? withIntervals(joined(all)) : all, []);
  const joint = joined(all).filter((column, index) => index === 0 || !isEmpty(column));
  const hoisted = hoistedOf(table, joint);
  const several = joint.filter((column) => !hoisted.includes(column));
  const left = leftOutOf(several);
  const constants = hoisted
    // A remark is a sentence of its own; the note has the stop.
    .map((column) => `${labelOf(column)} = ${column.cells[0]?.replace(/\.$/, "")}`)
    .join("; ");
  const omitted = several.filter(({ key }) => left.has(key)).map(labelOf);
  const kept = several.filter(({ key }) => !left.has(key));
  return printed(kept.length > mostInSmall ? withIntervals(kept) : kept, [
    ...(hoisted.length > 0
      ? [`${table.rows.length === 1 ? "Also recorded" : "Constant across rows"}: ${constants}.`]
      : []),
    ...(omitted.length > 0 ? [`Omitted to fit the page: ${omitted.join("; ")} (see the full table).`] : []),
  ]);
}
