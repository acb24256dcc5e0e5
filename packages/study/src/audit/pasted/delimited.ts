import type { Parsed } from "@reprise/contracts";
import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import type { Grid } from "./grid.js";
import { plainText } from "./markup.js";

const records = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));
const formats = { "\t": "tabs", ";": "semicolons", ",": "commas" } as const;
type Separator = keyof typeof formats;

/** The separator that stands most often in the header line; null where none does. */
function separatorOf(text: string): Separator | null {
  const [header = ""] = text.trimStart().split("\n", 1);
  const count = (separator: string) => header.split(separator).length - 1;
  const separators: Separator[] = ["\t", ";", ","];
  const best = separators.reduce((known, next) => (count(next) >= count(known) ? next : known));
  return count(best) > 0 ? best : null;
}

/** Columns that are told apart by two or more spaces, as programs print tables. */
function readSpaced(text: string): Grid | null {
  const lines = text
    .split("\n")
    .map((line, index) => ({ text: line.trim(), line: index + 1 }))
    .filter(({ text: line }) => line !== "" && !/^[-=\s+]+$/.test(line))
    .map(({ text: line, line: number }) => ({ cells: line.split(/\s{2,}/).map(plainText), line: number }));
  const [header, ...data] = lines;
  if (!header || header.cells.length < 2 || data.length === 0) return null;
  return { format: "spaces", header: header.cells, lines: data, remarks: [] };
}

/** A table whose cells are separated by commas, semicolons, tabs, or by two or more spaces. */
export function readDelimited(text: string, path: string): Parsed<Grid> {
  const separator = separatorOf(text);
  const spaced = separator === null || separator === "," ? readSpaced(text) : null;
  if (separator === null && spaced) return { ok: true, value: spaced };
  const delimiter = separator ?? ",";
  try {
    const [header, ...rows] = records.parse(
      parse(text, { delimiter, skip_empty_lines: true, trim: true, info: true, relax_quotes: true }),
    );
    if (!header || rows.length === 0)
      return { ok: false, errors: [{ path, message: "needs a header line and at least one row" }] };
    return {
      ok: true,
      value: {
        format: formats[delimiter],
        header: header.record.map(plainText),
        lines: rows.map(({ record, info }) => ({ cells: record.map(plainText), line: info.lines })),
        remarks: [],
      },
    };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const hint =
      delimiter === ","
        ? " If commas stand for decimal points, separate the columns by semicolons or tabs."
        : "";
    return { ok: false, errors: [{ path, message: `${error.message}${hint}` }] };
  }
}
