import { nameOf, type Reading, textOf, warn } from "../files/reading.js";
import { type CsvTable, csvTable } from "../values/csv.js";
import { addPoint, type Histories } from "../values/histories.js";
import { numberOf } from "../values/python-text.js";

/** Columns that say where a row lies. */
const counters = ["step", "epoch", "iteration", "iter"];

/** The column that counts, by its name in lower case; null where there is none. */
export const counterOf = (header: readonly string[]): string | null =>
  counters
    .map((counter) => header.find((name) => name.toLowerCase() === counter))
    .find((name) => name !== undefined) ?? null;

/** A CSV file, with a warning for what it could not be read; null for none. */
export function csvIn(reading: Reading, file: string): CsvTable | null {
  const text = textOf(reading, file);
  if (text === null) return null;
  if (text.trim() === "") {
    warn(reading, file, "is empty");
    return null;
  }
  const table = csvTable(text, (reason) => warn(reading, file, reason));
  if (table !== null && table.problem !== null)
    warn(reading, file, `was read up to a fault: ${table.problem}`);
  return table;
}

/**
 * Histories of a table with a row a step; cells without a number are no points. A head line in the middle begins anew, as
 * programs write it that append after they were resumed.
 */
export function addRows(table: CsvTable, counter: string, histories: Histories): { restarts: number } {
  const place = table.header.indexOf(counter);
  let last = Number.NEGATIVE_INFINITY;
  let restarts = 0;
  for (const row of table.rows) {
    const step = numberOf(row[place] ?? "");
    if (step === null) continue;
    if (step < last) restarts += 1;
    last = step;
    for (const [index, name] of table.header.entries()) {
      if (index === place || name === "") continue;
      const value = numberOf(row[index] ?? "");
      if (value !== null) addPoint(histories, name, step, value);
    }
  }
  return { restarts };
}

/** Whether a head line is that of a table of histories. */
export const isHistoryHead = (line: string) => {
  const header = csvTable(`${line}\n`)?.header ?? [];
  return header.length > 1 && counterOf(header) !== null;
};

export const isCsvName = (file: string) => /\.(csv|tsv|log|txt)$/i.test(nameOf(file));
