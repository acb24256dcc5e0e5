import {
  type AnalysisTable,
  csvLine,
  type ExportFormat,
  type PrintedTable,
  type Provenance,
  type TableLength,
} from "@reprise/contracts";
import { absenceNotes } from "../analyses/absences.js";
import { counted } from "../analyses/words.js";
import { isSpread, stemOfEnd } from "./column-facts.js";
import { mostInSmall, printedTable } from "./printed-table.js";

/** A table with what stands above it: any analysis is one. */
export type ExportedTable = { table: AnalysisTable; provenance: Provenance };

/** An analysis as it is exported: its table, for some a summary of it, and for some which classes are taken for which. */
export type ExportedAnalysis = ExportedTable & { summary?: AnalysisTable; confusions?: AnalysisTable | null };

/** How many runs a table rests on: what stands behind its title. */
export function captionOf({ table, provenance }: ExportedTable): string {
  const { runsUsed, runsExcluded, runsPending } = provenance;
  const missing = [
    ...(runsExcluded.length > 0 ? [`${runsExcluded.length} excluded`] : []),
    ...(runsPending > 0 ? [`${runsPending} not ended, provisional`] : []),
  ];
  return `${table.title}, n = ${counted(runsUsed, "run")}${missing.length > 0 ? ` (${missing.join(", ")})` : ""}.`;
}

/** What a reader needs to reproduce and cite a table, as sentences below it: method, correction, gaps, versions, digests. */
export function noteOf(
  { table, provenance }: ExportedTable,
  { columns, notes, covers }: PrintedTable,
): string {
  const { method, correction, software } = provenance;
  const ownName = (key: string) => table.columns.find((column) => column.key === key)?.label ?? key;
  /** What a column is read beside, where it is no end of an interval that stands alone. */
  const wholeOf = (key: string) =>
    columns.find((column) => column.with.includes(key) && stemOfEnd(column.key) === null)?.key;
  // Of what is told of only: gaps of columns that were left out for width are not seen, nor is a part without its whole.
  const isTold = (row: Record<string, string>, key: string) =>
    covers.includes(key) && !Object.hasOwn(row, wholeOf(key) ?? "");
  const absent = table.absent.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([key]) => isTold(row, key))),
  );
  const nameOf = (key: string) => {
    const whole = wholeOf(key);
    if (whole !== undefined) return `${isSpread(key) ? "SD" : "interval"} of ${ownName(whole)}`;
    return columns.find((column) => column.key === key || column.with.includes(key))?.label ?? ownName(key);
  };
  const gaps = absenceNotes(absent, nameOf);
  const plan = provenance.analysisPlanDigest
    ? `analysis plan ${provenance.analysisPlanDigest.slice(0, 12)}${provenance.planned ? "" : " (this metric is not in it: chosen after seeing results)"}`
    : "no analysis plan: chosen after seeing results";
  return [
    ...notes,
    method,
    correction,
    ...(gaps.length > 0 ? [`Not given (–): ${gaps.join(" ")}`] : []),
    `${software}; sweep ${provenance.sweepName} (${provenance.sweepId}), spec ${provenance.specDigest.slice(0, 12)}, ${plan}.`,
  ].join(" ");
}

/** What LaTeX and Markdown say in a note, as columns: a CSV file has no other place that every reader ignores. */
function sourceOf({ table, provenance }: ExportedTable): Record<string, string | number | boolean> {
  const { metric, runsUsed, planned, method, correction, software, sweepId, specDigest } = provenance;
  const source = { metric, runsUsed, planned, method, correction, software, sweepId, specDigest };
  const own = new Set(table.columns.map(({ key }) => key));
  return Object.fromEntries(Object.entries(source).filter(([key]) => !own.has(key)));
}

/** A header of column keys, then the rows; the last columns say where the figures come from, and why some are not there. */
function csv(exported: ExportedTable): string {
  const source = sourceOf(exported);
  const { table } = exported;
  const columns = [...table.columns.map(({ key }) => key), ...Object.keys(source), "absent"];
  const rows = table.rows.map(
    (row, index): Record<string, AnalysisTable["rows"][number][string]> => ({
      ...row,
      ...source,
      absent: Object.entries(table.absent[index] ?? {})
        .map(([key, reason]) => `${key}: ${reason}`)
        .join(" "),
    }),
  );
  const lines = [columns, ...rows.map((row) => columns.map((key) => row[key]))];
  return lines.map((line) => `${csvLine(line)}\r\n`).join("");
}

export const latexCharacters: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "&": "\\&",
  "%": "\\%",
  $: "\\$",
  "#": "\\#",
  _: "\\_",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "·": "$\\cdot$",
  "•": "$\\bullet$",
  "−": "$-$",
  "–": "--",
  "—": "---",
  "±": "$\\pm$",
  "×": "$\\times$",
  "÷": "$\\div$",
  "≥": "$\\geq$",
  "≤": "$\\leq$",
  "≈": "$\\approx$",
  "≠": "$\\neq$",
  "→": "$\\rightarrow$",
  "√": "$\\surd$",
  "∞": "$\\infty$",
  "°": "$^\\circ$",
  "¼": "$\\frac14$",
  "½": "$\\frac12$",
  "¾": "$\\frac34$",
  "€": "\\texteuro{}",
  "…": "\\ldots{}",
  α: "$\\alpha$",
  β: "$\\beta$",
  γ: "$\\gamma$",
  δ: "$\\delta$",
  ε: "$\\varepsilon$",
  ζ: "$\\zeta$",
  η: "$\\eta$",
  θ: "$\\theta$",
  ι: "$\\iota$",
  κ: "$\\kappa$",
  λ: "$\\lambda$",
  μ: "$\\mu$",
  // The sign of micro, which looks alike.
  "\u00b5": "$\\mu$",
  ν: "$\\nu$",
  ξ: "$\\xi$",
  π: "$\\pi$",
  ρ: "$\\rho$",
  σ: "$\\sigma$",
  ς: "$\\varsigma$",
  τ: "$\\tau$",
  υ: "$\\upsilon$",
  φ: "$\\varphi$",
  ϕ: "$\\phi$",
  χ: "$\\chi$",
  ψ: "$\\psi$",
  ω: "$\\omega$",
  Γ: "$\\Gamma$",
  Δ: "$\\Delta$",
  Θ: "$\\Theta$",
  Λ: "$\\Lambda$",
  Ξ: "$\\Xi$",
  Π: "$\\Pi$",
  Σ: "$\\Sigma$",
  Υ: "$\\Upsilon$",
  Φ: "$\\Phi$",
  Ψ: "$\\Psi$",
  Ω: "$\\Omega$",
  "‘": "`",
  "’": "'",
  "‚": ",",
  "“": "``",
  "”": "''",
  "„": ",,",
  "†": "\\dag{}",
  "‡": "\\ddag{}",
  "§": "\\S{}",
  "↑": "$\\uparrow$",
  "↓": "$\\downarrow$",
  Ŀ: "L$\\cdot$",
  ŀ: "l$\\cdot$",
  ŉ: "'n",
  ſ: "s",
};

/** Letters that no font of pdfLaTeX has, by the one that looks most like them. */
const nearestLetters: Record<string, string> = { Ħ: "H", ħ: "h", Ŧ: "T", ŧ: "t", ĸ: "k" };

/** Letters that the fonts of old do not have, those of T1 do. */
const lettersOfT1 = /[ĄąĘęĮįŲųĐđÐðÞþŊŋ]/;

const raisedSigns = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺";
const loweredSigns = "₀₁₂₃₄₅₆₇₈₉₋₊";

/** An exponent or index, whose digits are set together. */
const shifted = (text: string, signs: string) =>
  [...text].map((sign) => "0123456789-+"[signs.indexOf(sign)]).join("");

/**
 * Text that LaTeX sets as it stands. Letters of Western languages are left to the compiler; signs that it does not know
 * (a name in another script, an emoji) become a question mark, because one of them would stop the whole manuscript.
 */
export function escapeLatex(text: string): string {
  const escaped = text
    // An accent that stands on its own is known to no compiler, the letter with it is.
    .normalize("NFC")
    .replace(
      /[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+|[₀₁₂₃₄₅₆₇₈₉₋₊]+|[^A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f]|[ĦħŦŧĸĿŀŉſ]/gu,
      (character) => {
        const [first = ""] = character;
        if (raisedSigns.includes(first)) return `$^{${shifted(character, raisedSigns)}}$`;
        if (loweredSigns.includes(first)) return `$_{${shifted(character, loweredSigns)}}$`;
        const known = latexCharacters[character] ?? nearestLetters[character];
        if (known !== undefined) return known;
        return /[\u0020-\u007e]/.test(character) ? character : /\s/u.test(character) ? " " : "?";
      },
    );
  return escaped.replace(/(?<=\d|\]) \\%/g, "\\,\\%");
}

const isSpared = (sign: string) => sign !== "?" && (escapeLatex(sign) === "?" || sign in nearestLetters);

/** Of a text that is longer, a comment tells the words alone. */
const longComment = 100;

/** A comment for every text whose signs LaTeX was spared, so that names in other scripts can be told apart. */
export function sparedSigns(texts: readonly (string | null)[]): string[] {
  const spared = texts.flatMap((text) => {
    const kept = (text ?? "").normalize("NFC").replace(/[\s\p{C}]+/gu, " ");
    const parts = kept.length > longComment ? kept.split(" ") : [kept];
    return parts.filter((part) => [...part].some(isSpared));
  });
  return [...new Set(spared)].map((text) => `  % ${escapeLatex(text)} is: ${text}`);
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .match(/[a-z0-9]+/g)
    ?.join("-") ?? "";

/** Text that begins with a bracket or a star would be read as of the line break or \\item before it. */
export const guarded = (text: string) => (/^[[*]/.test(text) ? `{}${text}` : text);

/** Heads of more characters stand on two lines, and cells of more are wrapped: else the table leaves the page. */
const longHead = 10;
const longCell = 30;

/** The lines of a head: two where it is long, broken at the space nearest to its middle that parts no number from its percent. */
function headLines(label: string): string[] {
  const spaces = [...label.matchAll(/ (?!%)/g)].map(({ index }) => index);
  const [middle] = spaces.toSorted((a, b) => Math.abs(a - label.length / 2) - Math.abs(b - label.length / 2));
  if (label.length <= longHead || middle === undefined) return [escapeLatex(label)];
  return [label.slice(0, middle), label.slice(middle + 1)].map(escapeLatex);
}

/** Lines on top of each other in one cell. */
function stack(lines: readonly string[], side: "l" | "r"): string {
  const [first = "", ...others] = lines.map(guarded);
  return others.length === 0 ? first : `\\shortstack[${side}]{${[first, ...others].join("\\\\")}}`;
}

/** How a table is set, by its number of columns (wrapped ones count twice): smaller than its text, then smaller still. */
function sizeOf(columns: number): string {
  if (columns <= 6) return "\\small";
  return columns === 7
    ? "\\footnotesize\\setlength{\\tabcolsep}{3pt}"
    : "\\scriptsize\\setlength{\\tabcolsep}{2pt}";
}

const cellOf = (text: string | null) => {
  if (text === null) return "--";
  return /^−\d+(\.\d+)?$/.test(text) ? `$-${text.slice(1)}$` : escapeLatex(text);
};

/** `lines` are those that each cell takes. */
type LatexColumn = { head: string; text: boolean; isLong: boolean; cells: string[]; lines: number[] };

/** So many characters stand in a line of a wrapped cell, at least. */
const wrappedLine = 22;

/** An interval that stands with its value stands below it. */
const cellLines = (text: string | null, isText: boolean) =>
  isText || text === null ? [text] : text.split(/ (?=\[)/);

function latexColumns({ columns, rows }: PrintedTable): LatexColumn[] {
  return columns.map(({ label, text }, index) => {
    const cells = rows.map((row) => cellLines(row[index] ?? null, text));
    const isLong = cells.some((lines) => lines.some((line) => (line?.length ?? 0) > longCell));
    const height = (line: string | null) =>
      text && isLong ? Math.max(1, Math.ceil((line?.length ?? 0) / wrappedLine)) : 1;
    return {
      head: stack(label.split(/(?<=SD), /).flatMap(headLines), text ? "l" : "r"),
      text,
      isLong,
      cells: cells.map((lines) => stack(lines.map(cellOf), "r")),
      lines: cells.map((lines) => lines.reduce((total, line) => total + height(line), 0)),
    };
  });
}

/** So many lines, with the head and those of the note, fit a page; a table of more goes on over the next ones. */
const mostLines = 42;
/** On a page that is turned. */
const mostLinesTurned = 20;
/** So many characters of a note stand in a line. */
const noteLine = 85;

/**
 * A booktabs table of cells that are already rounded, its method in a note below it. `label` follows `tab:`; one that
 * `mayTurn` stands on a page that is turned where it is wide.
 */
export function latexTable({
  printed,
  title,
  caption,
  note,
  label,
  mayTurn = false,
}: {
  printed: PrintedTable;
  title: string;
  caption: string;
  note: string;
  label: string;
  mayTurn?: boolean;
}): string {
  const set = latexColumns(printed);
  const alignment = set
    .map(({ text, isLong }) => (text ? (isLong ? "p{0.28\\linewidth}" : "l") : "r"))
    .join("");
  const line = ([first = "", ...others]: readonly string[]) =>
    `    ${[guarded(first), ...others].join(" & ")} \\\\`;
  const spared = sparedSigns([
    title,
    ...printed.columns.map(({ label }) => label),
    ...printed.rows.flat(),
    note,
  ]);
  const size = `  ${sizeOf(set.length + set.filter(({ isLong }) => isLong).length)}`;
  const named = [`\\caption{${escapeLatex(caption)}}`, `\\label{tab:${label}-${slug(title)}}`];
  const head = ["    \\toprule", line(set.map((column) => column.head)), "    \\midrule"];
  const body = printed.rows.map((_, row) => line(set.map(({ cells }) => cells[row] ?? "--")));
  const below = `\\footnotesize\\raggedright ${escapeLatex(note)}`;
  const height = body.reduce(
    (total, _, row) => total + Math.max(...set.map(({ lines }) => lines[row] ?? 1)),
    0,
  );
  const isTurned = mayTurn && set.length > mostInSmall;
  const lines = height + Math.ceil((caption.length + note.length) / noteLine);
  const turned = (text: readonly string[]) =>
    isTurned ? ["\\begin{landscape}", ...text, "\\end{landscape}", ""] : [...text, ""];
  if (lines > (isTurned ? mostLinesTurned : mostLines))
    return turned([
      "{\\setlength{\\LTcapwidth}{\\linewidth}",
      ...spared,
      size,
      `  \\begin{longtable}{@{}${alignment}@{}}`,
      `    ${named.join("")} \\\\`,
      ...head,
      "    \\endfirsthead",
      ...head,
      "    \\endhead",
      "    \\bottomrule",
      "    \\endfoot",
      ...body,
      "  \\end{longtable}",
      `  \\par\\noindent${below}\\par`,
      "}",
    ]).join("\n");
  return turned([
    "\\begin{table}",
    ...spared,
    "  \\centering",
    ...named.map((words) => `  ${words}`),
    size,
    `  \\begin{tabular}{@{}${alignment}@{}}`,
    ...head,
    ...body,
    "    \\bottomrule",
    "  \\end{tabular}",
    `  \\par\\smallskip\\parbox{\\linewidth}{${below}}`,
    "\\end{table}",
  ]).join("\n");
}

/** What a document needs that holds such a table. */
function latexNeeds(table: string): string {
  const packages = [
    "booktabs",
    ...(table.includes("{longtable}") ? ["longtable"] : []),
    ...(table.includes("{landscape}") ? ["lscape"] : []),
  ];
  const letters = lettersOfT1.test(table) ? "\\usepackage[T1]{fontenc}" : "";
  return `% Needs ${letters}\\usepackage{${packages}}.`;
}

function latex({ table, provenance }: ExportedTable, length: TableLength): string {
  const printed = printedTable(table, provenance.metricUnit, length === "full" ? "joined" : length);
  const text = latexTable({
    printed,
    title: table.title,
    caption: captionOf({ table, provenance }),
    note: noteOf({ table, provenance }, printed),
    label: `reprise-${provenance.sweepId.slice(0, 8)}`,
    mayTurn: length === "full",
  });
  return `${latexNeeds(text)}\n${text}`;
}

function markdown({ table, provenance }: ExportedTable, length: TableLength): string {
  const printed = printedTable(table, provenance.metricUnit, length);
  const { columns, rows } = printed;
  const cell = (text: string | null) =>
    (text ?? "–")
      .replaceAll("\\", "\\\\")
      .replaceAll("|", "\\|")
      .replace(/&(?=#?\w+;)/g, "&amp;")
      .replaceAll("<", "&lt;")
      .replace(/[`*]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|\](?=\()/gu, "\\$&")
      .replace(/\s+/g, " ");
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const lines = [
    line(columns.map(({ label }) => cell(label))),
    line(columns.map(({ text }) => (text ? "---" : "---:"))),
    ...rows.map((cells) => line(cells.map(cell))),
  ];
  return [
    `**${cell(captionOf({ table, provenance }))}**`,
    "",
    ...(table.rows.length > 0 ? lines : ["This study has no rows for this table."]),
    "",
    cell(noteOf({ table, provenance }, printed)),
    "",
  ].join("\n");
}

/**
 * The tables of an analysis as a file, with n, method, correction, version and digests: CSV keeps all columns in full precision
 * for further computing and has them in its last columns; LaTeX (booktabs) and Markdown are for reading, round by the
 * uncertainty of each column, and have them in a note; `short` ones have the columns that fit a page. `all` is summary and detail in the
 * formats for reading, the detail in CSV, which holds one table. Confusions come only when they are asked for.
 */
export function exportTable(
  { table, summary, confusions, provenance }: ExportedAnalysis,
  format: Exclude<ExportFormat, "json">,
  which: "all" | "detail" | "summary" | "confusions" = "all",
  length: TableLength = "short",
): string {
  const wanted = which === "all" && format === "csv" ? "detail" : which;
  const tables =
    wanted === "confusions" && confusions
      ? [confusions]
      : [
          ...(summary && wanted !== "detail" ? [summary] : []),
          ...(wanted === "summary" && summary ? [] : [table]),
        ];
  const write = { csv, latex, markdown }[format];
  return tables.map((one) => write({ table: one, provenance }, length)).join("\n");
}
