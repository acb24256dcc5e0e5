import { isOften } from "@reprise/contracts";
import { CsvError, parse } from "csv-parse/sync";

export type CsvTable = { header: string[]; rows: string[][]; problem: string | null };

/** What stands before the first line end: \n, \r\n, or \r alone. */
export const firstLine = (text: string): string => text.split(/[\r\n]/, 1)[0] ?? "";

/** Separator of a head line: the one of comma, semicolon and tab that stands in it most often. */
function separatorOf(text: string): string {
  const line = firstLine(text);
  const counts = [",", ";", "\t"].map((separator) => [separator, line.split(separator).length] as const);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** Columns: three a run in a chart of ten thousand runs. */
const mostColumns = 50_000;
/** Bytes of one row: those of a chart of ten thousand runs are a tenth of it. */
const longestRow = 4 * 2 ** 20;

/** A CSV text with a head line; rows with more or fewer cells than it are kept. Null for what is not read, whose reason is told to `refuse`. */
export function csvTable(text: string, refuse: (reason: string) => void = () => {}): CsvTable | null {
  const delimiter = separatorOf(text);
  if (isOften(firstLine(text), delimiter, mostColumns)) {
    refuse(`has more than ${mostColumns} columns, which are not read: leave some of them out`);
    return null;
  }
  const options = {
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
  } as const;
  let problem: string | null = null;
  let records: string[][];
  try {
    records = parse(text, options);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === "CSV_MAX_RECORD_SIZE") {
      refuse(
        `has a row of more than ${longestRow / 2 ** 20} MB, which is not read: a quote in it may be open`,
      );
      return null;
    }
    problem = error.message;
    // What is open at the end of a file that was cut off is left out.
    const whole = text.slice(0, Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1);
    try {
      records = parse(whole, { ...options, relax_quotes: true });
    } catch {
      refuse(`is not CSV: ${error.message}`);
      return null;
    }
  }
  const [header, ...rows] = records;
  return header === undefined ? null : { header, rows, problem };
}
