import type { StudyReport, TableLength } from "@reprise/contracts";
import { escapeLatex, guarded, latexTable, sparedSigns } from "../exports/export-table.js";
import { type Block, blocksOf } from "./blocks.js";

const escaped = (text: string) => guarded(escapeLatex(text));

function itemize(items: readonly string[]): string[] {
  return items.length === 0 ? [] : ["\\begin{itemize}", ...items, "\\end{itemize}"];
}

/** So many characters of small print stand in a line. */
const lineLength = 105;

/** Shares of the width: room for the longest word of a column, and of what is left as much as there is to read in it. */
function sharesOf(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): number[] {
  const all = columns.map((head, index) => {
    const cells = [head, ...rows.map((row) => row[index] ?? "")];
    const words = cells.flatMap((cell) => cell.split(" "));
    const longest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));
    const word = Math.min(30, longest(words)) + 6;
    return { word, rest: Math.max(0, Math.min(90, longest(cells)) - word) };
  });
  const sum = (key: "word" | "rest") => all.reduce((total, column) => total + column[key], 0);
  const left = Math.max(0, lineLength - sum("word"));
  const lengths = all.map(({ word, rest }) => word + (sum("rest") === 0 ? 0 : (left * rest) / sum("rest")));
  const whole = Math.max(
    lineLength,
    lengths.reduce((total, length) => total + length, 0),
  );
  return lengths.map((length) => length / whole);
}

/** Names and digests have no spaces at which a line could end. */
const breakable = (text: string) =>
  escaped(text)
    .replace(/(?<=[.:,])(?=[A-Za-z])|\\_/g, "$&\\allowbreak{}")
    .replace(/[0-9a-f]{16}(?=[0-9a-f])/g, "$&\\allowbreak{}");

function wordsTable({ columns, rows }: Extract<Block, { kind: "table" }>): string[] {
  const alignment = sharesOf(columns, rows)
    .map(
      (share) => `>{\\raggedright\\arraybackslash}p{\\dimexpr ${share.toFixed(3)}\\linewidth-2\\tabcolsep}`,
    )
    .join("");
  const line = (row: readonly (string | null)[]) =>
    `${row.map((text) => (text === null ? "--" : breakable(text))).join(" & ")} \\\\`;
  return [
    `{\\footnotesize\\begin{longtable}{@{}${alignment}@{}}`,
    "\\toprule",
    line(columns),
    "\\midrule\\endhead",
    "\\bottomrule\\endfoot",
    ...rows.map(line),
    // It has no number: that of tables with results goes on.
    "\\end{longtable}\\addtocounter{table}{-1}}",
  ];
}

/** No heading is left behind at the foot of a page: what follows needs some lines. */
const room = "\\room";
const asksForRoom = (block: Block, before: Block | undefined, after: Block | undefined) =>
  before?.kind !== "heading" && (block.kind === "heading" || after?.kind === "table");

function latexOf(block: Block, sweepId: string): string[] {
  if (block.kind === "heading")
    return block.level === 1
      ? []
      : [`\\${block.level === 2 ? "section" : "subsection"}*{${escapeLatex(block.text)}}`];
  if (block.kind === "text") {
    const words = escaped(block.text);
    const looks = { lead: `\\textbf{${words}}`, note: `{\\footnotesize ${words}\\par}` };
    return [`${block.look ? looks[block.look] : words}\n`];
  }
  if (block.kind === "list")
    return itemize(
      block.items.flatMap(({ text, under }) => [
        `  \\item ${escaped(text)}`,
        ...(under
          ? [`  {\\footnotesize ${escapeLatex([under.heading, ...under.items].join(" "))}\\par}`]
          : []),
      ]),
    );
  if (block.kind === "table") return wordsTable(block);
  const { printed, table, caption, note } = block.result;
  const label = `reprise-${sweepId.slice(0, 8)}`;
  return [latexTable({ printed, title: table.title, caption, note, label })];
}

/** All words of a block but those of a result, whose table tells its own. */
function wordsOf(block: Block): (string | null)[] {
  if (block.kind === "heading" || block.kind === "text") return [block.text];
  if (block.kind === "list")
    return block.items.flatMap(({ text, under }) => [
      text,
      ...(under ? [under.heading, ...under.items] : []),
    ]);
  return block.kind === "table" ? [...block.columns, ...block.rows.flat()] : [];
}

/**
 * A report as a LaTeX document that compiles as it is, with running title and page numbers; its tables and paragraphs can be taken into a
 * manuscript. `short` leaves out evidence and appendix.
 */
export function reportLatex(report: StudyReport, length: TableLength = "full"): string {
  const title = escapeLatex(report.title);
  const blocks = blocksOf(report, length);
  return [
    `% ${title}, sweep ${report.sweepId}`,
    ...sparedSigns([report.title, ...blocks.flatMap(wordsOf)]),
    "\\documentclass[11pt,a4paper]{article}",
    "\\usepackage[T1]{fontenc}",
    "\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}",
    "\\usepackage[margin=25mm]{geometry}",
    "\\usepackage{array,booktabs,longtable,fancyhdr}",
    "\\pagestyle{fancy}\\fancyhf{}\\renewcommand{\\headrulewidth}{0pt}",
    `\\fancyhead[L]{\\small ${title}}\\fancyfoot[R]{\\small\\thepage}`,
    "\\fancypagestyle{plain}{\\fancyhf{}\\fancyfoot[R]{\\small\\thepage}}",
    // A table stands with its sentences: none drifts behind the next heading.
    "\\makeatletter\\renewenvironment{table}{\\par\\medskip\\noindent\\begin{minipage}{\\linewidth}\\def\\@captype{table}}{\\end{minipage}\\par\\medskip}\\makeatother",
    "\\setlength{\\parindent}{0pt}\\setlength{\\parskip}{0.5\\baselineskip}\\emergencystretch=3em",
    `\\title{${title}}\\author{}\\date{}`,
    "\\newcommand{\\room}{\\par\\dimen0=9\\baselineskip\\advance\\dimen0 by\\pagetotal\\ifdim\\dimen0>\\pagegoal\\newpage\\fi}",
    "\\begin{document}",
    "\\maketitle",
    ...blocks.flatMap((block, index) => [
      ...(asksForRoom(block, blocks[index - 1], blocks[index + 1]) ? [room] : []),
      ...latexOf(block, report.sweepId),
    ]),
    "\\end{document}",
    "",
  ].join("\n");
}
