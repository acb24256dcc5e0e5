import type { Parsed } from "@reprise/contracts";
import type { Grid } from "./grid.js";
import { plainText } from "./markup.js";

const separator = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
/** A row of blank cells may look like one; the line of dashes stands below the first line, or the second. */
const lastSeparator = 2;
/** Rules of tables drawn with characters: +----+----+ */
const drawn = /^\s*\+[-=+:\s]+\+?\s*$/;

/** Lines with bars and the line of dashes below the header, or every line between bars. */
export function isMarkdown(text: string): boolean {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !drawn.test(line));
  if (lines.some((line) => line.includes("|") && separator.test(line))) return true;
  return lines.length > 1 && lines.every((line) => /^\s*\|.*\|\s*$/.test(line));
}

/** Cells between bars that are not escaped; the bars at both ends are no cells. */
function cellsOf(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map(plainText);
}

/** A Markdown table; text around it is left out and counted. */
export function readMarkdown(text: string, path: string): Parsed<Grid> {
  const lines = text.split("\n").map((line, index) => ({ text: line, line: index + 1 }));
  const table = lines.filter(({ text: line }) => line.includes("|"));
  const around = lines.filter(
    ({ text: line }) => line.trim() !== "" && !line.includes("|") && !drawn.test(line),
  );
  const rows = table.filter(
    ({ text: line }, index) => !(index <= lastSeparator && separator.test(line)) && !drawn.test(line),
  );
  const [header, ...data] = rows.map(({ text: line, line: number }) => ({
    cells: cellsOf(line),
    line: number,
  }));
  if (!header || data.length === 0)
    return { ok: false, errors: [{ path, message: "needs a header line and at least one row" }] };
  const width = header.cells.length;
  return {
    ok: true,
    value: {
      format: "markdown",
      header: header.cells,
      // Markdown itself fills short rows and drops empty cells behind the last column.
      lines: data.map(({ cells, line }) => ({
        line,
        cells: cells.slice(width).every((cell) => cell === "") ? cells.slice(0, width) : cells,
      })),
      remarks:
        around.length > 0
          ? [
              `Left out as text around the table: line${around.length === 1 ? "" : "s"} ${around.map(({ line }) => line).join(", ")}.`,
            ]
          : [],
    },
  };
}
