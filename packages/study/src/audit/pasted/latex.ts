import type { Parsed } from "@reprise/contracts";
import { type Grid, joinedHeader, type Line } from "./grid.js";
import { plainText } from "./markup.js";

const environment = /\\begin\{(tabular[*x]?|tabulary|array|longtable|tblr|xltabular)\}/;
/** Stands for a horizontal rule while rows are told apart. */
const rule = "␞";

/** A tabular, or lines of one: cells between & and rows ended by \\. */
export const isLatex = (text: string): boolean =>
  environment.test(text) || (/(?<!\\)&/.test(text) && /\\\\\s*(?:\[[^\]]*\])?\s*$/m.test(text));

/** The end of the group in braces (or brackets) that begins at `from`. */
function endOfGroup(text: string, from: number): number {
  const close = text[from] === "[" ? "]" : "}";
  const open = text[from];
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === open) depth += 1;
    else if (text[at] === close) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** What stands between \begin{tabular}{lcc} and \end{tabular}, comments taken out, line breaks kept. */
function bodyOf(text: string): { body: string; firstLine: number } {
  const uncommented = text.replace(/(?<!\\)((?:\\\\)*)%.*$/gm, "$1");
  const begin = environment.exec(uncommented);
  if (!begin) return { body: uncommented, firstLine: 1 };
  let at = begin.index + begin[0].length;
  while (/^\s*[{[]/.test(uncommented.slice(at)))
    at = endOfGroup(uncommented, at + uncommented.slice(at).search(/[{[]/));
  const end = uncommented.indexOf(`\\end{${begin[1]}}`, at);
  return {
    body: uncommented.slice(at, end < 0 ? undefined : end),
    firstLine: uncommented.slice(0, at).split("\n").length,
  };
}

type Row = { text: string; line: number };

/** Rows between \\, outside braces; horizontal rules become a mark of their own. */
function rowsOf(body: string, firstLine: number): Row[] {
  const marked = body
    .replace(
      /\\(?:toprule|midrule|bottomrule|hline|Xhline\{[^}]*\}|specialrule(?:\{[^}]*\}){3})(?:\[[^\]]*\])?/g,
      rule,
    )
    .replace(/\\(?:cmidrule|cline)(?:\([^)]*\))?(?:\[[^\]]*\])?\{[^}]*\}/g, "")
    .replace(/\\(?:addlinespace|endhead|endfirsthead|endfoot|endlastfoot)(?:\[[^\]]*\])?/g, "")
    .replace(/\\(?:caption|label)\{[^}]*\}/g, "")
    .replace(/\\tabularnewline/g, "\\\\");
  const rows: Row[] = [];
  let depth = 0;
  let from = 0;
  let line = firstLine;
  let startLine = firstLine;
  for (let at = 0; at <= marked.length; at += 1) {
    const isEnd = at === marked.length;
    if (isEnd || (depth === 0 && marked.startsWith("\\\\", at))) {
      const text = marked.slice(from, at);
      const blank = /^[\s␞]*/.exec(text)?.[0] ?? "";
      rows.push({ text, line: startLine + (blank.match(/\n/g)?.length ?? 0) });
      const skip = isEnd ? 0 : (/^\\\\\*?(?:[ \t]*\[[^\]]*\])?/.exec(marked.slice(at))?.[0].length ?? 2);
      from = at + skip;
      startLine = line;
      at += Math.max(0, skip - 1);
      continue;
    }
    if (marked[at] === "\\") at += 1;
    else if (marked[at] === "{") depth += 1;
    else if (marked[at] === "}") depth -= 1;
    else if (marked[at] === "\n") line += 1;
  }
  return rows.filter(({ text }) => text.trim() !== "");
}

type Spanned = { text: string; span: number; rows: number };

/** Cells between &; \multicolumn and \multirow say how far a cell reaches. */
function cellsOf(text: string): Spanned[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "{") depth += 1;
    else if (text[at] === "}") depth -= 1;
    else if (text[at] === "&" && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.map((part): Spanned => {
    const [whole = "", columns = "1"] =
      /\\multicolumn\s*\{(\d+)\}\s*\{(?:[^{}]|\{[^{}]*\})*\}/.exec(part) ?? [];
    const [, height = "1"] = /\\multirow\s*(?:\[[^\]]*\])?\s*\{(-?\d+)\}/.exec(part) ?? [];
    const inner = part.replace(whole, "").replace(/\\multirow\s*\[[^\]]*\]/, "\\multirow");
    return { text: plainText(inner), span: Number(columns), rows: Math.abs(Number(height)) };
  });
}

/** Rows in full width: a cell over several columns stands in the first (in a header: in all), one over several rows in all. */
function spread(rows: readonly (Row & { isHeader: boolean })[]): (Line & { spans: boolean })[] {
  const hanging = new Map<number, { text: string; rows: number }>();
  return rows.map(({ text, line, isHeader }) => {
    const cells: string[] = [];
    let spans = false;
    for (const cell of cellsOf(text)) {
      const at = cells.length;
      const above = hanging.get(at);
      if (cell.rows > 1) hanging.set(at, { text: cell.text, rows: cell.rows - 1 });
      else if (above && above.rows > 0 && cell.text === "") {
        above.rows -= 1;
        cells.push(isHeader ? "" : above.text);
        continue;
      }
      spans ||= cell.span > 1;
      cells.push(cell.text);
      for (let more = 1; more < cell.span; more += 1) cells.push(isHeader ? cell.text : "");
    }
    return { cells, line, spans };
  });
}

/** How many of the first rows are header: those above the second rule, else the first, and the next if it spans columns. */
function headerRows(rows: readonly Row[]): number {
  const ruled = rows.findIndex(({ text }, index) => index > 0 && text.trimStart().startsWith(rule));
  if (ruled > 0 && ruled < rows.length && ruled <= 3) return ruled;
  return rows[0]?.text.includes("\\multicolumn") ? 2 : 1;
}

/** A LaTeX tabular: comments, rules and commands are no cells. */
export function readLatex(text: string, path: string): Parsed<Grid> {
  const { body, firstLine } = bodyOf(text);
  const rows = rowsOf(body, firstLine);
  const count = headerRows(rows);
  const printed = rows.map((row, index) => ({
    ...row,
    text: row.text.replaceAll(rule, " "),
    isHeader: index < count,
  }));
  const lines = spread(printed.filter(({ text: cells }) => cells.trim() !== ""));
  const header = lines.slice(0, count).reduce<string[]>((above, { cells }) => joinedHeader(above, cells), []);
  const data = lines.slice(count).map(({ cells, line }) => ({ cells, line }));
  if (data.length === 0)
    return { ok: false, errors: [{ path, message: "needs a header line and at least one row" }] };
  return {
    ok: true,
    value: {
      format: "latex",
      header,
      lines: data,
      remarks: count > 1 ? [`The first ${count} lines were taken for the header.`] : [],
    },
  };
}
