import { CsvError, parse } from "csv-parse/sync";

export type CsvTable = { header: string[]; rows: string[][]; problem: string | null };

/** Separator of a head line: the one of comma, semicolon and tab that stands in it most often. */
function separatorOf(text: string): string {
  const line = text.slice(0, text.search(/[\r\n]/) < 0 ? undefined : text.search(/[\r\n]/));
  const counts = [",", ";", "\t"].map((separator) => [separator, line.split(separator).length] as const);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** A CSV text with a head line; rows with more or fewer cells than it are kept. Null for no CSV. */
export function csvTable(text: string): CsvTable | null {
  const delimiter = separatorOf(text);
  const options = { delimiter, relax_column_count: true, skip_empty_lines: true } as const;
  let problem: string | null = null;
  let records: string[][];
  try {
    records = parse(text, options);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
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
