import { createReadStream } from "node:fs";
import { didYouMean } from "@reprise/contracts";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { userError } from "../errors.js";

const parsedRow = z.object({ info: z.object({ lines: z.number() }), record: z.array(z.string()) });

/** One row: its cells in file order, and the line of the file it begins on, from 1. */
export interface CsvRow {
  cells: string[];
  line: number;
}

/**
 * Reads a delimited file row by row, without holding it in memory: the header first, then every row. The delimiter is a tab
 * for `.tsv` and a comma otherwise; quoted cells may hold delimiters and line breaks (RFC 4180); a byte-order mark
 * is skipped. Throws a user error naming the file and line of a row that has another number of cells than the header.
 */
export async function* readCsv(path: string): AsyncGenerator<CsvRow> {
  const parser = createReadStream(path).pipe(
    parse({
      bom: true,
      delimiter: path.endsWith(".tsv") ? "\t" : ",",
      info: true,
      skip_empty_lines: true,
      relax_quotes: true,
      trim: true,
    }),
  );
  try {
    // `lines` counts up to the end of a row, which quoted line breaks move away from its beginning.
    let end = 0;
    for await (const row of parser) {
      const { info, record } = parsedRow.parse(row);
      yield { cells: record, line: end + 1 };
      end = info.lines;
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw userError(
        `${path} is damaged: ${error.message}.`,
        "Every row needs as many cells as the header.",
      );
    throw error;
  }
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
  for await (const { cells, line } of readCsv(path)) {
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
