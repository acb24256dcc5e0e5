import { didYouMean } from "@reprise/contracts";
import { userError } from "../../program/errors.js";
import { type CsvRow, readCsv } from "./read-csv.js";
import { parquetHeader, parquetRows } from "./read-parquet.js";

/** Files of rows that can be read, by their ending. */
export const rowFile = /\.(csv|tsv|parquet)$/i;

const isParquet = (path: string) => /\.parquet$/i.test(path);

/** Header and rows of a CSV, TSV or Parquet file, cells as text. Of a Parquet file only the wanted columns are read. */
export const rowsOf = (path: string, wanted?: readonly string[]): AsyncGenerator<CsvRow> =>
  isParquet(path) ? parquetRows(path, wanted) : readCsv(path);

export async function headerOf(path: string): Promise<string[]> {
  if (isParquet(path)) return parquetHeader(path);
  for await (const { cells } of readCsv(path)) return cells;
  throw userError(`${path} is empty.`, "Its first line must name the columns.");
}

/** Cells of a row by the names of the header. */
export type Cells = (column: string) => string;

/**
 * The header and every row of a file, with cells by name. `columns` are those that must be there; throws a user error
 * naming the file, the missing column and the nearest one there is.
 */
export async function* readColumns(
  path: string,
  columns: readonly string[],
): AsyncGenerator<{ cell: Cells; line: number }> {
  let places: Map<string, number> | null = null;
  for await (const { cells, line } of rowsOf(path, columns)) {
    if (places === null) {
      places = new Map(cells.map((name, place) => [name, place]));
      for (const column of columns) requireColumn(path, column, cells);
      continue;
    }
    const at = places;
    yield { line, cell: (column) => cells[at.get(column) ?? -1] ?? "" };
  }
  if (places === null) throw userError(`${path} is empty.`, "Its first line must name the columns.");
}

export function requireColumn(path: string, column: string, header: readonly string[]): number {
  const place = header.indexOf(column);
  if (place < 0) throw userError(`${path} has no column "${column}".`, didYouMean(column, [...header]));
  return place;
}
