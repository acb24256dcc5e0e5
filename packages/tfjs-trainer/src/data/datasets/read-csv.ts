import { createReadStream } from "node:fs";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { userError } from "../../program/errors.js";

const parsedRow = z.object({ info: z.object({ lines: z.number() }), record: z.array(z.string()) });

/** One row: its cells in file order, and the line of the file it begins on, from 1. */
export type CsvRow = {
  cells: string[];
  line: number;
};

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
