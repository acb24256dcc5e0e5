import { printedPage, type StudyReport, type TableLength } from "@reprise/contracts";
import { type Block, blocksOf, plainResult } from "./blocks.js";

const line = (text: string) => text.replace(/\s+/g, " ").trim();
/** Text that Markdown prints as it stands, also inside a table. */
const escapeMarkdown = (text: string) =>
  line(text)
    .replace(/[\\`*_[\]|#]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");

const markdownCells = (row: readonly (string | null)[]) =>
  `| ${row.map((text) => (text === null ? "–" : escapeMarkdown(text))).join(" | ")} |`;

function markdownOf(block: Block): string[] {
  if (block.kind === "heading") return [`${"#".repeat(block.level)} ${escapeMarkdown(block.text)}`];
  if (block.kind === "text")
    return [block.look === "lead" ? `**${escapeMarkdown(block.text)}**` : escapeMarkdown(block.text)];
  if (block.kind === "list") {
    const items = block.items.flatMap(({ text, under }) => [
      `- ${escapeMarkdown(text)}`,
      ...(under
        ? [
            `  - ${escapeMarkdown(under.heading)}`,
            ...under.items.map((item) => `    - ${escapeMarkdown(item)}`),
          ]
        : []),
    ]);
    return items.length > 0 ? [items.join("\n")] : [];
  }
  if (block.kind === "result") return plainResult(block.result).flatMap(markdownOf);
  const rule = block.columns.map((_, index) => (block.numbers?.[index] ? "---:" : "---"));
  return [
    ...(block.caption ? [`**${escapeMarkdown(block.caption)}**`] : []),
    [markdownCells(block.columns), `| ${rule.join(" | ")} |`, ...block.rows.map(markdownCells)].join("\n"),
  ];
}

/** A report as GitHub-flavoured Markdown. */
export function reportMarkdown(report: StudyReport, length: TableLength = "full"): string {
  return `${blocksOf(report, length).flatMap(markdownOf).join("\n\n")}\n`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

const style = (title: string) => `
  body { font: 11pt/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1, h2, h3 { line-height: 1.2; break-after: avoid; }
  .lead { font-size: 1.2em; font-weight: 600; }
  .note { font-size: 0.8em; color: #444; }
  .wide { overflow-x: auto; }
  ul ul { font-size: 0.9em; color: #444; }
  table { border-collapse: collapse; width: 100%; font-size: 0.85em; margin: 0.5rem 0; }
  caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
  th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.5rem; border-bottom: 1px solid #bbb; overflow-wrap: anywhere; }
  .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
  caption { break-after: avoid; }
  thead { display: table-header-group; break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  tr, li { break-inside: avoid; }
  ${printedPage(title)}
  @media print { body { margin: 0; padding: 0; max-width: none; font-size: 9.5pt; } .wide { overflow: visible; } }`;

function htmlOf(block: Block): string {
  if (block.kind === "heading") return `<h${block.level}>${escapeHtml(block.text)}</h${block.level}>`;
  if (block.kind === "text")
    return `<p${block.look ? ` class="${block.look}"` : ""}>${escapeHtml(block.text)}</p>`;
  if (block.kind === "list") {
    const items = block.items.map(({ text, under }) => {
      const below = under
        ? `<ul><li>${escapeHtml(under.heading)}<ul>${under.items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul></li></ul>`
        : "";
      return `<li>${escapeHtml(text)}${below}</li>`;
    });
    return items.length > 0 ? `<ul>${items.join("")}</ul>` : "";
  }
  if (block.kind === "result") return plainResult(block.result).map(htmlOf).join("\n");
  const look = (index: number) => (block.numbers?.[index] ? ' class="number"' : "");
  const head = block.columns
    .map((text, index) => `<th scope="col"${look(index)}>${escapeHtml(text)}</th>`)
    .join("");
  const rows = block.rows.map(
    (row) =>
      `<tr>${row.map((text, index) => `<td${look(index)}>${text === null ? "–" : escapeHtml(text)}</td>`).join("")}</tr>`,
  );
  const caption = block.caption ? `<caption>${escapeHtml(block.caption)}</caption>` : "";
  return `<div class="wide"><table>${caption}<thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

/** A report as one HTML document without scripts or outside resources, ready to print. */
export function reportHtml(report: StudyReport, length: TableLength = "full"): string {
  const body = blocksOf(report, length).map(htmlOf);
  return [
    "<!doctype html>",
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(report.title)}</title><style>${style(report.title)}</style></head>`,
    `<body>${body.filter(Boolean).join("\n")}</body>`,
    "</html>",
    "",
  ].join("\n");
}
