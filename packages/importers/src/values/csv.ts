import { isOften } from "@reprise/contracts";
import { CsvError, parse } from "csv-parse/sync";
import { plainRows, type Rows } from "./csv-rows.js";

export type CsvTable = { header: string[]; rows: string[][]; problem: string | null };

/** What stands before the first line end: \n, \r\n, or \r alone. */
export const firstLine = (text: string): string => text.split(/[\r\n]/, 1)[0] ?? "";

/** Columns: three a run in a chart of ten thousand runs. */
const mostColumns = 50_000;
/** Characters of one row: those of a chart of ten thousand runs are a tenth of it. */
const longestRow = 4 * 2 ** 20;
/** Cells of one table, empty ones included: as many as histories of one import have points. */
const mostCells = 50_000_000;
const limits = { rowCells: mostColumns, rowCharacters: longestRow, cells: mostCells };
/** Characters of a text with a quote in a wrong place: what mends it reads two million of them a second. */
const longestToMend = 16 * 2 ** 20;

/** Separator of a head line: the one of comma, semicolon and tab that stands in it most often. */
function separatorOf(line: string): string {
  const counts = [",", ";", "\t"].map((separator) => [separator, line.split(separator).length] as const);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

const refusals: Record<Exclude<Rows["kind"], "rows" | "irregular">, string> = {
  wide: `has a row of more than ${mostColumns} cells, which is not read: leave some of them out`,
  long: `has a row of more than ${longestRow / 2 ** 20} MB, which is not read: a quote in it may be open`,
  many: `has more than ${mostCells} cells, which are not read: leave rows or columns out`,
};

/** A CSV text with a head line; rows with more or fewer cells than it are kept. Null for what is not read, whose reason is told to `refuse`. */
export function csvTable(text: string, refuse: (reason: string) => void = () => {}): CsvTable | null {
  const head = firstLine(text);
  if (head.length > longestRow) {
    refuse(refusals.long);
    return null;
  }
  const delimiter = separatorOf(head);
  if (isOften(head, delimiter, mostColumns)) {
    refuse(`has more than ${mostColumns} columns, which are not read: leave some of them out`);
    return null;
  }
  const read = plainRows(text, delimiter, limits);
  if (read.kind === "rows") return tableOf(read.rows, null);
  if (read.kind !== "irregular") {
    refuse(refusals[read.kind]);
    return null;
  }
  return mended(text, delimiter, refuse);
}

function tableOf([header, ...rows]: string[][], problem: string | null): CsvTable | null {
  return header === undefined ? null : { header, rows, problem };
}

/** What is open at the end of a file that was cut off is left out. */
const untilCut = (text: string) =>
  text.slice(0, Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1);

/** A text whose quotes do not all stand where they should. */
function mended(text: string, delimiter: string, refuse: (reason: string) => void): CsvTable | null {
  if (text.length > longestToMend) {
    const read = plainRows(untilCut(text), delimiter, limits);
    if (read.kind === "rows") return tableOf(read.rows, "its last row ends within quotes");
    refuse(
      `has a quote in the middle of a cell, or one that is never closed; up to ${longestToMend / 2 ** 20} MB are read of such a table`,
    );
    return null;
  }
  const options = {
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
  } as const;
  try {
    return tableOf(parse(text, options), null);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === "CSV_MAX_RECORD_SIZE") {
      refuse(refusals.long);
      return null;
    }
    try {
      return tableOf(parse(untilCut(text), { ...options, relax_quotes: true }), error.message);
    } catch {
      refuse(`is not CSV: ${error.message}`);
      return null;
    }
  }
}
