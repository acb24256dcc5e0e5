import type { StudyReport } from "@reprise/contracts";
import { escapeLatex, latexNeeds, latexTable } from "../exports/export-table.js";

/** The methods paragraph, the sentences of the results and their tables, to be put into a manuscript by `\\input`. */
export function reportLatex(report: StudyReport): string {
  const paragraph = (text: string) => `${escapeLatex(text)}\n`;
  return [
    latexNeeds,
    `% ${escapeLatex(`${report.title}, sweep ${report.sweepId}, ${report.software}, ${report.generatedAt}`)}`,
    ...(report.provisional ? [paragraph(report.provisional)] : []),
    "\\paragraph{Methods}",
    paragraph(report.methods),
    ...(report.deviations
      ? [
          "\\paragraph{Deviations from the published study}",
          paragraph(report.deviations.sentence),
          ...(report.deviations.items.length === 0 ? [] : ["\\begin{itemize}"]),
          ...report.deviations.items.map(
            ({ what, paper, here }) => `  \\item ${escapeLatex(`${what}: ${paper}; here: ${here}.`)}`,
          ),
          ...(report.deviations.items.length === 0 ? [] : ["\\end{itemize}"]),
        ]
      : []),
    ...report.results.flatMap(({ table, printed, caption, verdicts }) => [
      ...(verdicts.length > 0
        ? [
            "\\begin{itemize}",
            ...verdicts.map(({ sentence }) => `  \\item ${escapeLatex(sentence)}`),
            "\\end{itemize}",
          ]
        : []),
      latexTable({ table, printed, caption, label: `reprise-${report.sweepId.slice(0, 8)}` }),
    ]),
    "\\paragraph{Limits}",
    "\\begin{itemize}",
    ...report.limits.map((limit) => `  \\item ${escapeLatex(limit)}`),
    "\\end{itemize}",
    "",
  ].join("\n");
}
