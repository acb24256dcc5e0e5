import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { classificationAnalysis } from "../analyses/cases/classification.js";
import { energyAnalysis } from "../analyses/cost/energy.js";
import { runtimeAnalysis } from "../analyses/cost/runtime.js";
import { determinismAnalysis } from "../analyses/determinism/determinism.js";
import { extremesAnalysis } from "../analyses/determinism/extremes.js";
import { importanceAnalysis } from "../analyses/hyperparameters/importance.js";
import { varianceAnalysis } from "../analyses/spread/variance.js";
import { significanceAnalysis } from "../analyses/tests/significance.js";
import { reportLatex } from "../report/render-latex.js";
import { studyReport } from "../report/study-report.js";
import { exampleInput } from "../test-support/example-study.js";
import { gridInput } from "../test-support/grid-study.js";
import { patientsInput } from "../test-support/patients-study.js";
import { reportInput } from "../test-support/report-fixture.js";
import { binaryPredictions } from "../test-support/runs-fixture.js";
import { exportTable, latexCharacters } from "./export-table.js";

const compilers = ["pdflatex", "xelatex", "lualatex"];
const compiler = compilers.find((name) => spawnSync(name, ["--version"]).status === 0);

/** What a compiler complains of in a document that is made of `text`. */
function complaints(
  program: string,
  text: string,
): { errors: string[]; wide: string[]; high: string[]; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), "reprise-latex-"));
  try {
    writeFileSync(join(folder, "text.tex"), text);
    const { status } = spawnSync(program, ["-interaction=nonstopmode", "-halt-on-error", "text.tex"], {
      cwd: folder,
    });
    const log = readFileSync(join(folder, "text.log"), "latin1");
    return {
      errors: log.split("\n").filter((line) => /^!|Missing character/.test(line)),
      // Less is not seen.
      wide: log.match(/Overfull \\hbox \((?![0-5]\.).*/g) ?? [],
      high: log.match(/Overfull \\vbox \((?![0-5]\.).*|.*Float too large.*/g) ?? [],
      status,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it("every exported table and a whole report compile, and nothing stands beside the page", ({ skip }) => {
  if (!compiler) {
    skip("no TeX is on the PATH (Debian: apt-get install texlive-latex-recommended)");
    return;
  }
  const input = gridInput();
  const named = exampleInput();
  const predictions = new Map(named.runs.map(({ id }) => [id, binaryPredictions("++--", "+---")]));
  const letters = Array.from({ length: 0x180 - 0xc0 }, (_, at) => String.fromCodePoint(0xc0 + at));
  const signs = [...letters, ...Object.keys(latexCharacters), ..."⁺₊₃"].join(" ");
  const name = `50 % of a_b & {c} ~ #1 \\end Müller Δ 😀 ${signs.replace(/[ĄąĘęĮįŲųĐđÐðÞþŊŋ]/g, "")}`;
  const odd = { ...named, sweep: { ...named.sweep, name } };
  const tables = [
    determinismAnalysis(input),
    significanceAnalysis(input),
    significanceAnalysis(odd),
    extremesAnalysis(input),
    runtimeAnalysis(input),
    energyAnalysis({ ...input, allRuns: input.runs }),
    varianceAnalysis(input),
    importanceAnalysis(input),
    classificationAnalysis({ ...named, predictions }),
  ].map((analysis) => exportTable(analysis, "latex"));
  const full = exportTable(classificationAnalysis(patientsInput()), "latex", "detail", "full");
  const many = determinismAnalysis(input);
  const configuration = "adam · lr 0.01, weightDecay 0.0005, batchSize 128";
  const ofRows = (count: number) => {
    const rows = Array.from({ length: count }, (_, at) => ({
      ...many.table.rows[at % many.table.rows.length],
      configuration,
    }));
    return { ...many, table: { ...many.table, rows, absent: rows.map(() => ({})) } };
  };
  // About what fits a page, and more.
  const long = [12, 16, 33].map((count) => exportTable(ofRows(count), "latex"));
  const preamble = "\\documentclass{article}\\usepackage{booktabs,longtable,lscape}\\begin{document}";
  const all = [...tables, full, ...long].join("\n\\clearpage\n");
  const ok = { errors: [], wide: [], high: [], status: 0 };
  expect(complaints(compiler, `${preamble}\n${all}\n\\end{document}\n`)).toEqual(ok);
  const value = { label: "variable.CUBLAS_WORKSPACE_CONFIG", value: "a".repeat(64) };
  const base = reportInput({ spec: { description: `[a] “b” ≈ 1.5×10⁻⁷ & 50 % ${signs}` } });
  const report = studyReport({
    ...base,
    analyses: base.analyses.map((analysis) =>
      analysis.analysis === "determinism" ? { ...analysis, table: ofRows(36).table } : analysis,
    ),
  });
  const environments = { ...report.environments, shared: [value] };
  expect(complaints(compiler, reportLatex({ ...report, environments }))).toEqual(ok);
});
