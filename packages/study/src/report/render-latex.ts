import { leadSentence, type StudyReport, type TableLength, type Verdict } from "@reprise/contracts";
import { counted } from "../analyses/words.js";
import { escapeLatex, guarded, latexNeeds, latexTable } from "../exports/export-table.js";

const paragraph = (title: string, text: string) => [`\\paragraph{${title}}`, `${escapeLatex(text)}\n`];

const list = (items: readonly string[]) =>
  items.length === 0
    ? []
    : [
        "\\begin{itemize}",
        ...items.map((item) => `  \\item ${guarded(escapeLatex(item))}`),
        "\\end{itemize}",
      ];

function headlineOf(headline: Verdict): string[] {
  const { lead, rest } = leadSentence(headline);
  return ["\\paragraph{Answer}", `\\textbf{${escapeLatex(lead)}} ${escapeLatex(rest)}\n`];
}

function answer({ answer: { headline, rows } }: StudyReport): string[] {
  return [
    ...(headline ? headlineOf(headline) : []),
    ...(rows.length === 0
      ? []
      : [
          "\\begin{description}",
          ...rows.map(
            ({ about, sentences }) => `  \\item[{${escapeLatex(about)}}] ${escapeLatex(sentences.join(" "))}`,
          ),
          "\\end{description}",
        ]),
  ];
}

/** Every sentence with what it is known by, then its table. */
function evidence({ results, sweepId }: StudyReport): string[] {
  return results.flatMap(({ table, printed, caption, note, verdicts }) => [
    ...list(verdicts.map(({ sentence, basis }) => [sentence, ...basis].join(" "))),
    latexTable({ printed, title: table.title, caption, note, label: `reprise-${sweepId.slice(0, 8)}` }),
  ]);
}

function appendix({ design, ran, environments, deviations }: StudyReport): string[] {
  const facts = (rows: readonly { label: string; value: string }[]) =>
    list(rows.map(({ label, value }) => `${label}: ${value}`));
  return [
    "\\paragraph{Design}",
    ...facts(design),
    ...(deviations
      ? [
          ...paragraph("Deviations from the published study", deviations.sentence),
          ...list(deviations.items.map(({ what, paper, here }) => `${what}: ${paper}; here: ${here}.`)),
        ]
      : []),
    "\\paragraph{What was run}",
    ...facts(ran),
    ...(environments.shared.length > 0
      ? ["\\paragraph{Environment that all runs share}", ...facts(environments.shared)]
      : []),
    ...environments.each.flatMap(({ id, runs, values }) =>
      values.length === 0
        ? []
        : [
            `\\paragraph{Environment ${escapeLatex(id.slice(0, 8))} of ${counted(runs, "run")}}`,
            ...facts(values),
          ],
    ),
  ];
}

/**
 * A report to be put into a manuscript by `\\input`: the answer, the sentences with their tables, limits and methods, and as an appendix
 * design and environment. `short` leaves out tables and appendix.
 */
export function reportLatex(report: StudyReport, length: TableLength = "full"): string {
  const isFull = length === "full";
  return [
    latexNeeds,
    `% ${escapeLatex(`${report.title}, sweep ${report.sweepId}, ${report.software}, ${report.generatedAt}`)}`,
    ...(report.provisional ? [`${escapeLatex(report.provisional)}\n`] : []),
    ...answer(report),
    ...(isFull ? evidence(report) : []),
    "\\paragraph{Limits}",
    ...list(report.limits),
    ...report.methods.flatMap(({ heading, text }) => paragraph(`Methods: ${heading}`, text)),
    "\\paragraph{Methods: tests}",
    ...list(report.tests),
    ...(isFull ? appendix(report) : []),
    "",
  ].join("\n");
}
