import type { AuditColumn, AuditReading, AuditTable, ColumnRole } from "@reprise/contracts";
import { counted } from "../../analyses/words.js";
import { type Beside, type Cell, isBlank, readCell } from "./cells.js";
import type { Grid, Line } from "./grid.js";
import { headerParts, shareUnit } from "./headers.js";
import { commonConvention } from "./numbers.js";

/** Cells of these roles are words; everything else must be a number or blank. */
const wordRoles: ColumnRole[] = ["identity", "setting", "significantCount", "other"];
const isWords = ({ role }: Pick<AuditColumn, "role">): boolean => wordRoles.includes(role);
const countRoles: ColumnRole[] = ["n", "cases", "count"];
const rateRoles: ColumnRole[] = ["accuracy", "sensitivity", "specificity"];

const leftOut = "(left out)";
/** What stands for a cell that was not understood: no number, so that no mean or sum goes past it. */
const unread = (text: string) => `(${text})`;

type NotUnderstood = AuditReading["notUnderstood"][number] & { line: number };

/** A pasted table as rules take it, and how it was read. */
export type ReadTable = { table: AuditTable; remarks: string[]; notUnderstood: NotUnderstood[] };

const spreadOf = (beside: Beside | null) =>
  beside?.as === "plusMinus" || beside?.as === "bracket" || beside?.as === "lastDigits" ? beside : null;

/** What a column was given beside its numbers, as columns of their own, and what that was taken for. */
function besideColumns(column: AuditColumn, cells: readonly (Cell | null)[], taken: ReadonlySet<string>) {
  const besides = cells.map((cell) => (cell?.kind === "number" ? cell.beside : null));
  const made: { column: AuditColumn; texts: string[] }[] = [];
  const remarks: string[] = [];
  const add = (suffix: string, facts: Partial<AuditColumn>, text: (beside: Beside) => string) => {
    const key = `${column.key} ${suffix}`;
    if (taken.has(key)) return;
    const { unit, subject } = column;
    made.push({
      column: {
        ...{ key, label: key, role: "other", unit, subject, of: column.key, known: "inferred", note: "" },
        ...facts,
      },
      texts: besides.map((beside) => (beside ? text(beside) : "")),
    });
  };
  const some = (...kinds: Beside["as"][]) =>
    besides.filter((beside) => beside && kinds.includes(beside.as)).length;
  const { hint, name } = headerParts(column.key);
  const isError = /\b(?:se|sem|s\.e\.|standard error|ci|confidence)\b/i.test(`${hint} ${name}`);
  const spreads = some("plusMinus", "bracket", "lastDigits");
  if (spreads > 0) {
    const note = isError ? "not a standard deviation, by the header" : "read as a standard deviation";
    const where = [
      ...(some("plusMinus") > 0 ? ["behind ±"] : []),
      ...(some("bracket") > 0 ? ["in brackets"] : []),
      ...(some("lastDigits") > 0 ? ["in brackets close behind the number, in units of its last digit,"] : []),
    ].join(" or ");
    add("±", { role: isError ? "other" : "sd", note }, (beside) => spreadOf(beside)?.spread ?? "");
    remarks.push(
      `${column.key}: the number ${where} is ${isError ? "not a standard deviation, by the header, and is not checked" : "read as a standard deviation"} (${counted(spreads, "cell")}).`,
    );
  }
  if (some("interval") > 0) {
    const bound = (side: "low" | "high") => (beside: Beside) =>
      beside.as === "interval" ? beside[side] : "";
    add("from", { role: "min", note: "taken for the lower end of an interval" }, bound("low"));
    add("to", { role: "max", note: "taken for the upper end of an interval" }, bound("high"));
    remarks.push(
      `${column.key}: two numbers in brackets are read as an interval (${counted(some("interval"), "cell")}).`,
    );
  }
  if (some("counts") > 0) {
    const part = (side: "count" | "of") => (beside: Beside) => (beside.as === "counts" ? beside[side] : "");
    add("count", { role: "count", unit: "none" }, part("count"));
    add("cases", { role: "cases", unit: "none" }, part("of"));
    remarks.push(
      `${column.key}: a fraction in brackets is read as cases out of all cases (${counted(some("counts"), "cell")}).`,
    );
  }
  if (some("change") > 0)
    remarks.push(
      `${column.key}: a signed number in brackets is read as a change and is not checked (${counted(some("change"), "cell")}).`,
    );
  return { made, remarks };
}

function markRemark(key: string, cells: readonly (Cell | null)[]): string[] {
  const marks = cells.flatMap((cell) => (cell?.kind === "number" && cell.marks !== "" ? [cell.marks] : []));
  if (marks.length === 0) return [];
  return [
    `${key}: ${[...new Set(marks)].join(" ")} behind ${counted(marks.length, "number")} is read as a mark.`,
  ];
}

/** The name by which a reader finds a line again. */
function lineName(
  { cells, line }: Line,
  columns: readonly { position: number; column: AuditColumn }[],
): string {
  const words = columns
    .filter(({ column }) => column.role === "identity")
    .map(({ position }) => cells[position] ?? "")
    .filter(Boolean);
  return words.length > 0 ? `line ${line} (${words.join(", ")})` : `line ${line}`;
}

/**
 * The table that a grid and the meanings of its columns make: numbers with a decimal point, what stands beside them in columns
 * of its own, and every cell that is no number where one belongs.
 */
export function readTable(
  name: string,
  grid: Grid,
  columns: readonly { position: number; column: AuditColumn }[],
): ReadTable {
  const numbers = columns.filter(({ column }) => !isWords(column));
  const printed = numbers.flatMap(({ position }) => grid.lines.map(({ cells }) => cells[position] ?? ""));
  const convention = commonConvention(printed.flatMap((text) => text.match(/[\d][\d.,]*\d/g) ?? []));
  const remarks = [...grid.remarks];
  if (convention.comma === "decimal") remarks.push("Commas are read as decimal points.");
  const notUnderstood: NotUnderstood[] = [];
  const missed = (line: Line, key: string, text: string, reason: string) =>
    notUnderstood.push({ row: lineName(line, columns), column: key, text, reason, line: line.line });
  const taken = new Set(columns.map(({ column }) => column.key));
  const made: { column: AuditColumn; texts: string[] }[] = [];
  for (const { position, column: given } of columns) {
    const texts = grid.lines.map(({ cells }) => cells[position] ?? "");
    if (isWords(given)) {
      made.push({ column: given, texts });
      continue;
    }
    const cells = texts.map((text) => readCell(text, convention, countRoles.includes(given.role)));
    const filled = cells.filter((cell) => cell.kind === "number");
    const column = { ...given };
    if (rateRoles.includes(given.role) && given.unit === "none") column.unit = shareUnit(given.key, texts);
    if (column.unit === "fraction" && filled.length > 0 && filled.every(({ percent }) => percent)) {
      column.unit = "percent";
      remarks.push(`${given.key}: the cells carry a percent sign and are read as percentages.`);
    }
    made.push({
      column,
      texts: cells.map((cell, index) => {
        const line = grid.lines[index];
        const text = texts[index] ?? "";
        if (line?.isLeftOut) return leftOut;
        if (cell.kind === "unclear") {
          if (line) missed(line, given.key, text, cell.reason);
          return unread(text);
        }
        if (cell.kind !== "number") return "";
        if (cell.percent && column.unit === "fraction" && line) {
          missed(line, given.key, text, "a percentage in a column of fractions");
          return unread(text);
        }
        if (cell.beside?.as === "unknown" && line)
          missed(line, given.key, text, `what stands in brackets; ${cell.value} is read as the value`);
        return cell.value;
      }),
    });
    remarks.push(...markRemark(given.key, cells));
    const beside = besideColumns(column, cells, taken);
    made.push(...beside.made);
    remarks.push(...beside.remarks);
  }
  return {
    table: {
      name,
      title: "",
      columns: made.map(({ column }) => column),
      rows: grid.lines.map((_, index) => made.map(({ texts }) => texts[index] ?? "")),
    },
    remarks,
    notUnderstood,
  };
}

/** Lines in full width: lines with another number of cells keep their place, unread, and are named, lines of one cell head a group of others. */
export function squared(grid: Grid): { grid: Grid; ragged: NotUnderstood[] } {
  const width = grid.header.length;
  const ragged: NotUnderstood[] = [];
  const full = grid.lines.flatMap((line): Line[] => {
    const beyond = line.cells.slice(width);
    const isHeading = !isBlank(line.cells[0] ?? "") && line.cells.slice(1).every((cell) => cell === "");
    if (isHeading && line.cells.length < width)
      return [{ ...line, cells: [...line.cells, ...Array<string>(width - line.cells.length).fill("")] }];
    if (line.cells.length >= width && beyond.every((cell) => cell === ""))
      return [{ ...line, cells: line.cells.slice(0, width) }];
    ragged.push({
      row: `line ${line.line}`,
      column: "",
      text: line.cells.join(" | "),
      reason: `it has ${counted(line.cells.length, "cell")}, the header ${width}; the line is left out`,
      line: line.line,
    });
    const name = `line ${line.line}`;
    return [{ ...line, cells: [name, ...Array<string>(width - 1).fill(leftOut)], isLeftOut: true }];
  });
  const isGroup = ({ cells }: Line) =>
    width > 1 && cells[0] !== "" && cells.slice(1).every((cell) => cell === "");
  const [first] = full;
  if (!first || !isGroup(first) || full.every(isGroup)) return { grid: { ...grid, lines: full }, ragged };
  let group = "";
  const lines = full.flatMap((line): Line[] => {
    if (!isGroup(line)) return [{ ...line, cells: [group, ...line.cells] }];
    group = line.cells[0] ?? "";
    return [];
  });
  return {
    grid: {
      ...grid,
      header: ["group", ...grid.header],
      lines,
      remarks: [
        ...grid.remarks,
        "Lines with a single cell are read as the headings of those below them (column group).",
      ],
    },
    ragged,
  };
}
