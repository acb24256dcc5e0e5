import { builtInTrainer, type Preset, studyReport as studyReportSchema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleInput } from "../test-support/example-study.js";
import { environment, images, reportInput } from "../test-support/report-fixture.js";
import { specOf } from "../test-support/spec-fixture.js";
import { reportHtml, reportMarkdown } from "./render.js";
import { reportLatex } from "./render-latex.js";
import { studyReport } from "./study-report.js";

const labelled = (rows: readonly { label: string; value: string }[]) =>
  Object.fromEntries(rows.map(({ label, value }) => [label, value]));

/** A preset of the example's own document, or of another. */
const presetOf = (spec: unknown): Preset => ({
  ...{ name: "paper/part", title: "Part", description: "", parts: [], proof: null, runCount: 28 },
  spec,
  source: "the paper's text",
  deviations: [{ what: "Epochs", paper: "300", here: "100 & more" }],
});

describe("a study made from a preset that follows a published one", () => {
  const report = (preset: Preset | null) => studyReport(reportInput({ preset }));
  const own = { ...exampleInput().sweep.spec, trainer: builtInTrainer };

  it("is not told the deviations of a preset that trains by another program now", () => {
    const made = report(presetOf({ ...own, trainer: "torch-classification" }));
    expect(made.deviations?.items).toEqual([]);
    expect(made.deviations?.sentence).toContain("the preset of that name is trained by torch-classification");
    for (const text of [reportMarkdown(made), reportHtml(made), reportLatex(made)]) {
      expect(text).toContain("torch-classification");
      expect(text).not.toContain("100 &");
    }
  });

  it("lists what the preset does otherwise, in every format", () => {
    const made = report(presetOf(own));
    expect(made.deviations).toEqual({
      preset: "paper/part",
      sentence:
        "The study's document was taken from the preset paper/part, which follows a published study and differs from it as listed. Source for the published study: the paper's text.",
      items: [{ what: "Epochs", paper: "300", here: "100 & more" }],
    });
    expect(reportMarkdown(made)).toContain("| Epochs | 300 | 100 &amp; more |");
    expect(reportHtml(made)).toContain("<td>100 &amp; more</td>");
    expect(reportLatex(made)).toContain("Epochs & 300 & 100 \\& more \\");
  });

  it("says when the document was changed afterwards, so that nothing is told of it that was not run", () => {
    const changed = { ...own, seeds: [1, 2, 3] };
    expect(report(presetOf(changed)).deviations?.sentence).toMatch(/changed afterwards/);
    expect(report(null).deviations).toBeNull();
    expect(reportMarkdown(report(null))).not.toContain("Deviations");
  });
});

describe("a report of a finished study", () => {
  const report = studyReport(reportInput());

  it("says of a metric whose epoch the test data chose that it is no estimate", () => {
    const input = reportInput();
    const analyses = input.analyses.map((analysis) => ({
      ...analysis,
      provenance: { ...analysis.provenance, metricChosenOn: "test" as const },
    }));
    const text = JSON.stringify(studyReport({ ...input, analyses }));
    expect(text).toContain(
      "each value is of the epoch that was best on the test data and does not estimate performance on new cases",
    );
    expect(text).toContain(
      "Figures are those of the epoch that was best on the test data; they do not estimate",
    );
    expect(text).not.toMatch(/made no choice on test data|the last epoch/);
    expect(JSON.stringify(report)).toContain("the software made no choice on test data");
  });

  it("meets the contract, and says what was planned and what ran", () => {
    expect(studyReportSchema.parse(report)).toEqual(report);
    expect(report.provisional).toBeNull();
    expect(report.question).toBe(
      "Would 2 configurations reach the same test accuracy again under det and free execution?",
    );
    expect(labelled(report.design)).toMatchObject({
      Seeds: "0, 42 (observed)",
      "Varied between repeats": "nothing beside execution (observed)",
    });
    expect(labelled(report.design)["Analysis plan"]).toMatch(
      /^primary metric testAccuracy; .* margins testAccuracy ±0\.01; correction holm; α = 0\.05; digest [0-9a-f]{64}$/,
    );
    expect(labelled(report.ran).Runs).toBe(
      "28 succeeded, 0 failed or cancelled, 0 not ended, 0 excluded by hand",
    );
    expect(labelled(report.ran)["Training time"]).toBe("28.0 s in all");
  });

  it("has the table, caption and verdicts of every analysis, with cells rounded", () => {
    expect(report.results.map(({ analysis }) => analysis)).toEqual([
      "determinism",
      "significance",
      "classification",
    ]);
    for (const { table, printed, caption, note } of report.results) {
      expect(printed.rows.map((row) => row.length)).toEqual(table.rows.map(() => printed.columns.length));
      // Rates with an interval each are what is claimed: they stay, however many.
      expect(printed.columns.length).toBeLessThanOrEqual(
        table.columns.some(({ key }) => key === "aucLow") ? 13 : 8,
      );
      expect(caption).toBe(`${table.title}, n = 28 runs.`);
      expect(note).toContain("Reprise test; sweep");
    }
    expect(report.results[0]?.verdicts.length).toBeGreaterThan(0);
    expect(report.tests).toHaveLength(3);
    expect(report.tests[0]).toMatch(/^Determinism, test accuracy, 28 runs \(planned\): /);
  });

  it("answers first: the headline, then the first sentence about everything that was asked", () => {
    const determinism = reportInput().analyses[0];
    const headline = determinism?.analysis === "determinism" ? determinism.headline : null;
    expect(report.answer.headline).toEqual(headline);
    expect(report.answer.rows.map(({ about }) => about)).toEqual(
      expect.arrayContaining([
        "Bit for bit",
        ...new Set(exampleInput().runs.map((run) => run.configurationLabel)),
      ]),
    );
    for (const { sentences } of report.answer.rows) expect(sentences.length).toBeGreaterThan(0);
    for (const text of [reportMarkdown(report), reportHtml(report)]) {
      const order = ["Answer", "Evidence", "Limits", "Methods", "Appendix"].map((name) =>
        text.search(new RegExp(`(## |<h2>)${name}`)),
      );
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(order).not.toContain(-1);
      // What is known by what is printed, not promised.
      expect(text).toContain("How do we know?");
      expect(text).toContain(
        "Deterministic repeats show whether executions are identical; they are not counted",
      );
    }
  });

  it("says what all environments share once, and of each only values that differ", () => {
    const input = reportInput();
    const second = {
      ...environment,
      id: "environment-2",
      values: { ...environment.values, "git.commit": "def" },
    };
    const runs = input.runs.map((run, index) =>
      index === 0 ? { ...run, environmentId: "environment-2" } : run,
    );
    const { environments } = studyReport({ ...input, runs, environments: [environment, second] });
    expect(environments.shared.map(({ label }) => label)).toEqual(["gpu", "node.version"]);
    expect(environments.each.map(({ values }) => values)).toEqual(
      expect.arrayContaining([
        [{ label: "git.commit", value: "abc" }],
        [{ label: "git.commit", value: "def" }],
      ]),
    );
  });

  it("lists environments with the runs that had them", () => {
    expect(report.environments.each).toEqual([{ id: "environment-1", runs: 28, values: [] }]);
    expect(report.environments.shared).toContainEqual({ label: "gpu", value: "unknown" });
  });

  it("names its limits and writes methods from the record, a paragraph a subject", () => {
    const methods = Object.fromEntries(report.methods.map(({ heading, text }) => [heading, text]));
    expect(report.limits.join("\n")).toMatch(/2 seeds: inference/);
    expect(report.limits.join("\n")).toMatch(/As few as 5 repeats/);
    expect(methods.Training).toMatch(
      /^We trained 2 configurations of mlp on wdbc, divided into 45 % training, 15 % validation and 40 % test cases \(split seed 1\), with 2 seeds \(0, 42\) in 2 execution arms: det/,
    );
    expect(methods.Training).toContain("28 of 28 runs succeeded.");
    expect(methods.Outcome).toContain("fixed before the first result (plan digest");
    expect(methods.Execution).toContain("executed in one recorded environment");
    // The tests are a list of their own; no paragraph repeats them.
    for (const { text } of report.methods) expect(text).not.toMatch(/permutation/i);
  });

  it("fills checklists and marks what is missing", () => {
    expect(report.checklists.map(({ name }) => name)).toEqual([
      "NeurIPS paper checklist",
      "REFORMS",
      "TRIPOD+AI",
      "STARD-AI",
    ]);
    const items = Object.fromEntries(
      report.checklists.flatMap(({ name, items }) =>
        items.map((item) => [`${name} ${item.number}`, item.status]),
      ),
    );
    expect(items).toMatchObject({
      "NeurIPS paper checklist 4": "reported",
      "NeurIPS paper checklist 7": "reported",
      "REFORMS 2a": "missing",
      "REFORMS 2c": "reported",
      "REFORMS 6b": "missing",
      "REFORMS 8a": "missing",
      "REFORMS 6c": "by-hand",
      "TRIPOD+AI output": "reported",
      "TRIPOD+AI clusters": "missing",
      "STARD-AI variability": "missing",
    });
  });
});

describe("a report that has something to confess", () => {
  it("is provisional while runs are missing, and tells who was left out and why", () => {
    const report = studyReport(
      reportInput({
        runs: (runs) =>
          runs.map((run, index) =>
            index === 0
              ? { ...run, excludedReason: "The machine overheated." }
              : index === 1
                ? { ...run, status: "running" }
                : index === 2
                  ? { ...run, status: "failed" }
                  : run,
          ),
      }),
    );
    expect(report.provisional).toBe("Provisional: 1 run has not ended, 1 run is excluded by hand.");
    expect(labelled(report.ran).Runs).toBe(
      "25 succeeded, 1 failed or cancelled, 1 not ended, 1 excluded by hand",
    );
    expect(report.ran.map(({ value }) => value)).toContain("The machine overheated.");
    expect(report.limits.join("\n")).toMatch(
      /1 run has no result; if failure depended on the outcome, .* biased sample/,
    );
    expect(report.limits.join("\n")).toMatch(/1 run left out by hand; the reasons are in the appendix/);
  });

  it("calls everything exploratory without a plan, and says nothing where nothing ran", () => {
    const { analysisPlan: _, ...unplanned } = specOf({});
    const report = studyReport(reportInput({ spec: { ...unplanned, analysisPlan: undefined } }));
    expect(report.limits).toContain(
      "No analysis plan was fixed beforehand: all comparisons are exploratory.",
    );
    expect(report.methods.map(({ text }) => text).join(" ")).toContain("all comparisons are exploratory");
    const empty = studyReport(
      reportInput({ runs: (runs) => runs.map((run) => ({ ...run, status: "queued" })) }),
    );
    expect(empty.results).toEqual([]);
    expect(empty.limits).toEqual(["No run has succeeded: nothing is known yet."]);
    expect(empty.checklists[0]?.items.find(({ number }) => number === "4")?.status).toBe("missing");
  });

  it("adds CLAIM for images, and takes source, licence and classes from the data set", () => {
    const { checklists } = studyReport(reportInput({ dataset: images }));
    const claim = checklists.find(({ name }) => name === "CLAIM");
    expect(claim?.items.find(({ number }) => number === "7")).toMatchObject({
      status: "reported",
      answer: "Tiles <of> tissue: A. Author, 2020",
    });
    expect(claim?.items.find(({ number }) => number === "32")?.status).toBe("missing");
  });
});
