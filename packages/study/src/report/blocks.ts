import {
  claimSubjectLabels,
  leadSentence,
  type StudyReport,
  type TableLength,
  type Verdict,
} from "@reprise/contracts";
import { counted, nameInWords } from "../analyses/words.js";

const statusWords = {
  reported: "reported",
  missing: "MISSING",
  "by-hand": "by hand",
  "not-applicable": "not applicable",
} as const;

/** The parts of a document that all formats of it are made of. */
export type Block =
  | { kind: "heading"; level: 1 | 2 | 3; text: string }
  | { kind: "text"; text: string; look?: "lead" | "note" }
  | { kind: "list"; items: { text: string; under?: { heading: string; items: readonly string[] } }[] }
  | { kind: "result"; result: StudyReport["results"][number] }
  | { kind: "table"; columns: string[]; rows: (string | null)[][]; caption?: string; numbers?: boolean[] };

const title = (level: 1 | 2 | 3, text: string): Block => ({ kind: "heading", level, text });
const text = (words: string, look?: "lead" | "note"): Block => ({
  kind: "text",
  text: words,
  ...(look ? { look } : {}),
});
const list = (items: readonly string[]): Block => ({
  kind: "list",
  items: items.map((item) => ({ text: item })),
});
const pairs = (rows: readonly { label: string; value: string }[], columns: [string, string]): Block => ({
  kind: "table",
  columns,
  rows: rows.map(({ label, value }) => [label, value]),
});

function headlineBlocks(headline: Verdict): Block[] {
  const { lead, rest } = leadSentence(headline);
  return [text(lead, "lead"), ...(rest === "" ? [] : [text(rest)])];
}

function answerBlocks({ answer: { headline, rows } }: StudyReport): Block[] {
  return [
    title(2, "Answer"),
    ...(headline ? headlineBlocks(headline) : []),
    ...(headline === null && rows.length === 0 ? [text("There is no result yet.", "lead")] : []),
    ...(rows.length === 0
      ? []
      : [
          {
            kind: "table" as const,
            columns: ["Subject", "Finding"],
            rows: rows.map(({ about, sentences }) => [about, sentences.join(" ")]),
          },
        ]),
  ];
}

function evidenceBlocks({ results }: StudyReport): Block[] {
  return [
    title(2, "Evidence"),
    ...(results.length === 0 ? [text("There is no result yet.")] : []),
    ...results.flatMap((result): Block[] => [
      title(3, `${nameInWords(result.analysis)}: ${result.table.title}`),
      {
        kind: "list",
        items: result.verdicts.map(({ sentence, basis }) => ({
          text: sentence,
          ...(basis.length > 0 ? { under: { heading: "How do we know?", items: basis } } : {}),
        })),
      },
      { kind: "result", result },
    ]),
  ];
}

/** A table of results as a table like any other, for formats that have no form of their own for it. */
export const plainResult = ({ caption, printed, note }: StudyReport["results"][number]): Block[] => [
  {
    kind: "table",
    caption,
    columns: printed.columns.map(({ label }) => label),
    rows: printed.rows,
    numbers: printed.columns.map((column) => !column.text),
  },
  text(note, "note"),
];

function deviationBlocks({ deviations }: StudyReport): Block[] {
  if (deviations === null) return [];
  return [
    title(3, "Deviations from the published study"),
    text(deviations.sentence),
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

function environmentBlocks({ environments: { shared, each } }: StudyReport): Block[] {
  if (each.length === 0) return [title(3, "Environment"), text("No environment is recorded.")];
  return [
    title(3, "Environment"),
    text(
      each.length === 1
        ? each[0]?.runs === 1
          ? `The only run used environment ${each[0].id}.`
          : `${each[0]?.runs === 2 ? "Both" : `All ${each[0]?.runs}`} runs used environment ${each[0]?.id}.`
        : `${each.length} environments were used. Shared values are listed first, followed by those specific to each.`,
    ),
    ...(shared.length > 0
      ? [pairs(shared, ["Property", "Value"])]
      : [text("No recorded value is common to all environments.")]),
    ...each.flatMap(({ id, runs: count, values }): Block[] =>
      values.length === 0
        ? []
        : [text(`${id} (${counted(count, "run")})`), pairs(values, ["Property", "Value"])],
    ),
  ];
}

function appendixBlocks(report: StudyReport): Block[] {
  return [
    title(2, "Appendix"),
    title(3, "Design"),
    pairs(report.design, ["What", "How"]),
    ...deviationBlocks(report),
    title(3, "How it is known"),
    text(
      "Requested: by the specification. Reported: by the training program. Observed: by Reprise's code inside the training process. Verified: by repeating.",
    ),
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
    title(3, "What was run"),
    pairs(report.ran, ["What", "Record"]),
    ...environmentBlocks(report),
    title(3, "Checklists"),
    ...report.checklists.flatMap(({ name, source, items }): Block[] => [
      text(`${name}. ${source}.`),
      {
        kind: "table",
        columns: ["Item", "Asks for", "Status", "Answer"],
        rows: items.map(({ number, asks, status, answer }) => [number, asks, statusWords[status], answer]),
      },
    ]),
  ];
}

/** "2026-01-02 00:00 UTC" */
const whenOf = ({ generatedAt }: StudyReport) => `${generatedAt.slice(0, 16).replace("T", " ")} UTC`;

/** The answer, then what it rests on, then what it does not show; what all runs share stands in an appendix, which a short report has not. */
export function blocksOf(report: StudyReport, length: TableLength): Block[] {
  const isFull = length === "full";
  return [
    title(1, report.title),
    text(report.question),
    ...(report.provisional ? [text(report.provisional)] : []),
    text(`${report.software}, ${whenOf(report)}, sweep ${report.sweepId}`, "note"),
    ...answerBlocks(report),
    ...(isFull ? evidenceBlocks(report) : []),
    title(2, "Limits"),
    list(report.limits),
    title(2, "Methods"),
    ...report.methods.flatMap(({ heading, text: words }) => [title(3, heading), text(words)]),
    ...(report.tests.length > 0 ? [title(3, "Tests"), list(report.tests)] : []),
    ...(isFull ? appendixBlocks(report) : []),
  ];
}
