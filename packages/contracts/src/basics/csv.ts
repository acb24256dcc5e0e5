/** What a spreadsheet would take for a formula, in letters of full width too, and which is no number. */
const formula = /^[=+\-@\t\r\n＝＋－＠](?!(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$|inf(?:inity)?$)/i;

/**
 * A line of CSV without its end (RFC 4180): full precision, empty for null, quotes where needed. Text that a spreadsheet
 * would run as a formula gets an apostrophe before it, which spreadsheets do not show (OWASP, CSV injection).
 */
export function csvLine(cells: readonly (string | number | boolean | null | undefined)[]): string {
  return cells
    .map((cell) => {
      const text = typeof cell === "string" && formula.test(cell) ? `'${cell}` : String(cell ?? "");
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(",");
}
