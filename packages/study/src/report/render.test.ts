import { leadSentence } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { escapeLatex } from "../exports/export-table.js";
import { images, reportInput } from "../test-support/report-fixture.js";
import { reportHtml, reportMarkdown } from "./render.js";
import { reportLatex } from "./render-latex.js";
import { studyReport } from "./study-report.js";

describe("a report in every format", () => {
  const report = studyReport(reportInput());

  it("has one short sentence as headline, and the others of the answer under it as text", () => {
    const { lead, rest } = leadSentence(report.answer.headline ?? { sentence: "" });
    expect(lead.length).toBeGreaterThan(0);
    expect(lead.length).toBeLessThan(rest.length);
    expect(reportMarkdown(report)).toMatch(/\n\*\*[^*\n]{1,120}\*\*\n\n[^*\n]+\n/);
    expect(reportHtml(report)).toContain(`<p class="lead">${lead}</p>\n<p>`);
    expect(reportLatex(report)).toContain(`\\textbf{${escapeLatex(lead)}}\n`);
  });

  it("has a short form without tables and appendix", () => {
    for (const text of [
      reportMarkdown(report, "short"),
      reportHtml(report, "short"),
      reportLatex(report, "short"),
    ]) {
      expect(text).toContain("Limits");
      expect(text).toContain("Methods");
      expect(text).not.toMatch(/Appendix|Checklists|begin\{table\}/);
    }
    expect(reportMarkdown(report, "short").length).toBeLessThan(reportMarkdown(report).length / 3);
  });

  it("is a LaTeX document: methods, sentences, a table per analysis with a label of its own, limits", () => {
    const tex = reportLatex(report);
    for (const { heading, text } of report.methods)
      expect(tex).toContain(`\\subsection*{${heading}}\n${escapeLatex(text)}`);
    expect(tex).toMatch(/^%.*\n\\documentclass.*\n(.*\n)*\\begin\{document\}\n(.*\n)*\\end\{document\}\n$/);
    expect(tex.match(/\\begin\{table\}/g)).toHaveLength(report.results.length);
    expect(new Set(tex.match(/\\label\{[^}]*\}/g)).size).toBe(report.results.length);
    for (const limit of report.limits) expect(tex).toContain(`\\item ${escapeLatex(limit)}`);
  });

  it("sets a sentence that begins with a bracket as text, and one run as one", () => {
    const [first] = report.environments.each;
    const odd = {
      ...report,
      limits: ["[a] is not known."],
      environments: {
        shared: report.environments.shared,
        each: [{ id: first?.id ?? "", runs: 1, values: [{ label: "gpu", value: "none" }] }],
      },
    };
    expect(reportLatex(odd)).toContain("\\item {}[a] is not known.");
    expect(reportLatex(odd)).toContain("The only run used environment environment-1.");
    expect(reportMarkdown(odd)).toContain("The only run used environment environment-1.");
  });

  it("asks for room before a heading, and not between it and what it is of", () => {
    const tex = reportLatex(report);
    expect(tex).toContain("\\room\n\\section*{Evidence}\n\\subsection*{");
    expect(tex).not.toMatch(/section\*\{.*\}\n\\room/);
  });

  it("keeps words whose signs LaTeX is spared in a comment, wherever they stand", () => {
    const tex = reportLatex({ ...report, title: "准确率", limits: ["运行 is not known."] });
    expect(tex).toContain("  % ??? is: 准确率\n");
    expect(tex).toContain("  % ?? is not known. is: 运行 is not known.\n");
  });

  it("says that there is no result only where there is none", () => {
    const rows = report.answer.rows;
    expect(rows.length).toBeGreaterThan(0);
    const answered = { ...report, answer: { headline: null, rows } };
    expect(reportMarkdown(answered, "short")).not.toContain("There is no result yet.");
    const empty = { ...report, answer: { headline: null, rows: [] } };
    expect(reportMarkdown(empty, "short")).toContain("There is no result yet.");
  });
});

describe("a report as a file", () => {
  const report = studyReport(
    reportInput({ dataset: images, spec: { description: "Does | <b>order</b> matter?" } }),
  );

  it("is Markdown with every section and unbroken tables", () => {
    const text = reportMarkdown(report);
    const sections = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(["Answer", "Evidence", "Limits", "Methods", "Appendix"]);
    expect(text).toContain("Does \\| &lt;b&gt;order&lt;/b&gt; matter?");
    const width = (line: string) => line.replaceAll("\\|", "").split("|").length;
    for (const block of text
      .trim()
      .split("\n\n")
      .filter((part) => part.startsWith("|")))
      expect(new Set(block.split("\n").map(width)).size).toBe(1);
    expect(text).toMatch(/\| 8a \| .* \| MISSING \|/);
  });

  it("is one HTML document that prints, loads nothing and escapes what users wrote", () => {
    const html = reportHtml(report);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain("@media print");
    expect(html).toContain('content: counter(page) " / " counter(pages)');
    expect(html).toContain("&lt;b&gt;order&lt;/b&gt;");
    expect(html).not.toMatch(/<script|<b>|https?:\/\/|src=|href=/);
    for (const tag of ["table", "tr", "td", "ul", "li", "p", "h2"])
      expect(html.split(`<${tag}>`).length + html.split(`<${tag} `).length - 1).toBe(
        html.split(`</${tag}>`).length,
      );
  });
});
