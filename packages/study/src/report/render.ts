import { claimSubjectLabels, type StudyReport } from "@reprise/contracts";
import { nameInWords } from "../analyses/words.js";

const statusWords = {
  reported: "reported",
  missing: "MISSING",
  "by-hand": "by hand",
  "not-applicable": "not applicable",
} as const;

const heading = ({ label, unit }: StudyReport["results"][number]["table"]["columns"][number]) =>
  unit === null || unit === "fraction" || label.includes(unit) ? label : `${label} (${unit})`;

/** The parts of a page that both formats are made of. */
type Block =
  | { kind: "heading"; level: 1 | 2 | 3; text: string }
  | { kind: "text"; text: string }
  | { kind: "list"; items: string[] }
  | { kind: "table"; columns: string[]; rows: (string | null)[][] };

const pairs = (rows: { label: string; value: string }[], columns: [string, string]): Block => ({
  kind: "table",
  columns,
  rows: rows.map(({ label, value }) => [label, value]),
});

function deviationBlocks({ deviations }: StudyReport): Block[] {
  if (deviations === null) return [];
  return [
    { kind: "heading", level: 2, text: "Deviations from the published study" },
    { kind: "text", text: deviations.sentence },
    ...(deviations.items.length === 0
      ? []
      : [
          {
            kind: "table" as const,
            columns: ["What", "Published", "Here"],
            rows: deviations.items.map(({ what, paper, here }) => [what, paper, here]),
          },
        ]),
  ];
}

function blocksOf(report: StudyReport): Block[] {
  const title = (level: 1 | 2 | 3, text: string): Block => ({ kind: "heading", level, text });
  return [
    title(1, report.title),
    { kind: "text", text: `${report.software}, ${report.generatedAt}, sweep ${report.sweepId}` },
    ...(report.provisional ? [{ kind: "text", text: report.provisional } as const] : []),
    title(2, "Question"),
    { kind: "text", text: report.question },
    title(2, "Design"),
    pairs(report.design, ["What", "How"]),
    ...deviationBlocks(report),
    title(2, "How it is known"),
    {
      kind: "text",
      text: "Requested: by the specification. Reported: by the training program. Observed: by Reprise's code inside the training process. Verified: by repeating.",
    },
    {
      kind: "table",
      columns: ["What", "Claimed", "Known", "By what"],
      rows: report.claims.map(({ subject, value, known, reason, departs }) => [
        claimSubjectLabels[subject],
        value,
        `${known ?? "not recorded"}${departs ? ", NOT AS REQUESTED" : ""}`,
        reason,
      ]),
    },
    title(2, "Environment"),
    ...report.environments.flatMap(({ id, runs, values }): Block[] => [
      title(3, `${id} (${runs} ${runs === 1 ? "run" : "runs"})`),
      values.length > 0
        ? pairs(values, ["Property", "Value"])
        : { kind: "text", text: "No values are recorded." },
    ]),
    ...(report.environments.length === 0
      ? [{ kind: "text", text: "No environment is recorded." } as const]
      : []),
    title(2, "What was run"),
    pairs(report.ran, ["What", "Record"]),
    title(2, "Results"),
    ...(report.results.length === 0 ? [{ kind: "text", text: "There is no result yet." } as const] : []),
    ...report.results.flatMap(({ analysis, table, printed, caption, verdicts }): Block[] => [
      title(3, `${nameInWords(analysis)}: ${table.title}`),
      { kind: "list", items: verdicts.map(({ sentence, basis }) => [sentence, ...basis].join(" ")) },
      { kind: "table", columns: table.columns.map(heading), rows: printed },
      { kind: "text", text: caption },
    ]),
    title(2, "Tests"),
    { kind: "list", items: report.tests },
    title(2, "Limits"),
    { kind: "list", items: report.limits },
    title(2, "Methods paragraph"),
    { kind: "text", text: report.methods },
    title(2, "Checklists"),
    ...report.checklists.flatMap(({ name, source, items }): Block[] => [
      title(3, name),
      { kind: "text", text: `${source}.` },
      {
        kind: "table",
        columns: ["Item", "Asks for", "Status", "Answer"],
        rows: items.map(({ number, asks, status, answer }) => [number, asks, statusWords[status], answer]),
      },
    ]),
  ];
}

const line = (text: string) => text.replace(/\s+/g, " ").trim();
/** Text that Markdown prints as it stands, also inside a table. */
const escapeMarkdown = (text: string) =>
  line(text)
    .replace(/[\\`*_[\]|#]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");

/** A report as GitHub-flavoured Markdown. */
export function reportMarkdown(report: StudyReport): string {
  const cells = (row: readonly (string | null)[]) =>
    `| ${row.map((text) => (text === null ? "–" : escapeMarkdown(text))).join(" | ")} |`;
  const parts = blocksOf(report).flatMap((block): string[] => {
    if (block.kind === "heading") return [`${"#".repeat(block.level)} ${escapeMarkdown(block.text)}`];
    if (block.kind === "text") return [escapeMarkdown(block.text)];
    if (block.kind === "list")
      return block.items.length > 0
        ? [block.items.map((item) => `- ${escapeMarkdown(item)}`).join("\n")]
        : [];
    return [
      [cells(block.columns), cells(block.columns.map(() => "---")), ...block.rows.map(cells)].join("\n"),
    ];
  });
  return `${parts.join("\n\n")}\n`;
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

const style = `
  body { font: 11pt/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1, h2, h3 { line-height: 1.2; break-after: avoid; }
  .wide { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; font-size: 0.85em; margin: 0.5rem 0; }
  th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.5rem; border-bottom: 1px solid #bbb; overflow-wrap: anywhere; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  @page { margin: 18mm 15mm; }
  @media print { body { margin: 0; max-width: none; font-size: 9.5pt; } .wide { overflow: visible; } }`;

/** A report as one HTML document without scripts or outside resources, ready to print. */
export function reportHtml(report: StudyReport): string {
  const body = blocksOf(report).map((block) => {
    if (block.kind === "heading") return `<h${block.level}>${escapeHtml(block.text)}</h${block.level}>`;
    if (block.kind === "text") return `<p>${escapeHtml(block.text)}</p>`;
    if (block.kind === "list")
      return block.items.length > 0
        ? `<ul>${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`
        : "";
    const head = block.columns.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
    const rows = block.rows.map(
      (row) => `<tr>${row.map((text) => `<td>${text === null ? "–" : escapeHtml(text)}</td>`).join("")}</tr>`,
    );
    return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
  });
  return [
    "<!doctype html>",
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(report.title)}</title><style>${style}</style></head>`,
    `<body>${body.filter(Boolean).join("\n")}</body>`,
    "</html>",
    "",
  ].join("\n");
}
