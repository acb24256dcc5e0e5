import { isOften } from "@reprise/contracts";
import { CsvError, parse } from "csv-parse/sync";

export type CsvTable = { header: string[]; rows: string[][]; problem: string | null };

/** Separator of a head line: the one of comma, semicolon and tab that stands in it most often. */
function separatorOf(text: string): string {
  const line = text.slice(0, text.search(/[\r\n]/) < 0 ? undefined : text.search(/[\r\n]/));
  const counts = [",", ";", "\t"].map((separator) => [separator, line.split(separator).length] as const);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** Columns: three a run in a chart of ten thousand runs. */
export const mostColumns = 50_000;
/** Bytes of one row: those of a chart of ten thousand runs are a tenth of it. */
export const longestRow = 4 * 2 ** 20;

/** A CSV text with a head line; rows with more or fewer cells than it are kept. Null for no CSV. */
export function csvTable(text: string): CsvTable | null {
  const delimiter = separatorOf(text);
  const end = text.indexOf("\n");
  if (isOften(end < 0 ? text : text.slice(0, end), delimiter, mostColumns)) return null;
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
    if (error.code === "CSV_MAX_RECORD_SIZE") return null;
    problem = error.message;
    // What is open at the end of a file that was cut off is left out.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    try {
      records = parse(whole, { ...options, relax_quotes: true });
    } catch {
      return null;
    }
  }
  const [header, ...rows] = records;
  return header === undefined ? null : { header, rows, problem };
}
