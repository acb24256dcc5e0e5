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
import { exampleInput } from "../test-support/example-study.js";
import { gridInput } from "../test-support/grid-study.js";
import { binaryPredictions } from "../test-support/runs-fixture.js";
import { exportTable } from "./export-table.js";

const compilers = ["pdflatex", "xelatex", "lualatex"];
const compiler = compilers.find((name) => spawnSync(name, ["--version"]).status === 0);

it("every exported table compiles with booktabs", ({ skip }) => {
  if (!compiler) {
    skip("no TeX is on the PATH (Debian: apt-get install texlive-latex-recommended)");
    return;
  }
  const input = gridInput();
  const named = exampleInput();
  const predictions = new Map(named.runs.map(({ id }) => [id, binaryPredictions("++--", "+---")]));
  const odd = { ...named, sweep: { ...named.sweep, name: "50 % of a_b & {c} ~ #1 \\end Müller Δ 😀" } };
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
  const folder = mkdtempSync(join(tmpdir(), "reprise-latex-"));
  try {
    const preamble = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}";
    writeFileSync(
      join(folder, "tables.tex"),
      `${preamble}\n${tables.join("\n\\clearpage\n")}\n\\end{document}\n`,
    );
    const { status } = spawnSync(compiler, ["-interaction=nonstopmode", "-halt-on-error", "tables.tex"], {
      cwd: folder,
    });
    const log = readFileSync(join(folder, "tables.log"), "latin1");
    expect(log.split("\n").filter((line) => line.startsWith("!"))).toEqual([]);
    expect(log.match(/Overfull \\hbox.*/g)).toBeNull();
    expect(log).not.toContain("Missing character");
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
