import type { AnalysisTable, Run } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleInput, exampleSpec } from "../test-support/example-study.js";
import { inputOf } from "../test-support/runs-fixture.js";
import { specOf } from "../test-support/spec-fixture.js";
import { absenceNotes } from "./absences.js";
import { calibrationAnalysis } from "./cases/calibration.js";
import { classificationAnalysis } from "./cases/classification.js";
import { decisionCurveAnalysis } from "./cases/decision-curve.js";
import { instabilityAnalysis } from "./cases/instability.js";
import { readersAnalysis } from "./cases/readers.js";
import { subgroupsAnalysis } from "./cases/subgroups.js";
import { energyAnalysis } from "./cost/energy.js";
import { runtimeAnalysis } from "./cost/runtime.js";
import { determinismAnalysis } from "./determinism/determinism.js";
import { extremesAnalysis } from "./determinism/extremes.js";
import { importanceAnalysis } from "./hyperparameters/importance.js";
import type { AnalysisInput } from "./input.js";
import { varianceAnalysis } from "./spread/variance.js";
import { configurationsAnalysis } from "./tests/configurations.js";
import { significanceAnalysis } from "./tests/significance.js";
import { similarityAnalysis } from "./weights/similarity.js";

const single = specOf({
  ...exampleSpec,
  seeds: [0],
  modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 1 } },
});
const alone = specOf({ ...exampleSpec, modes: { nondeterministic: { repeats: 2 } } });
const changed = (to: Partial<Run>): AnalysisInput => {
  const input = exampleInput();
  return { ...input, runs: input.runs.map((run) => ({ ...run, ...to })) };
};

/** Studies that lack something: repeats, an arm, a spread, finite values, digests, durations, predictions. */
const studies: Record<string, AnalysisInput> = {
  whole: exampleInput(),
  "one run of everything": inputOf(single, () => ({ metrics: { testAccuracy: 0.9 } })),
  "no deterministic arm": inputOf(alone, ({ repeat }) => ({ metrics: { testAccuracy: 0.9 + repeat / 100 } })),
  "no spread": inputOf(exampleSpec, () => ({ metrics: { testAccuracy: 0.9 } })),
  diverged: inputOf(exampleSpec, ({ repeat }) => ({
    metrics: { testAccuracy: repeat === 0 ? Number.NaN : 0.9 },
  })),
  "no durations and digests": changed({ durationMs: null, digest: null }),
};

const analyses: ((input: AnalysisInput) => { analysis: string; table: AnalysisTable })[] = [
  determinismAnalysis,
  significanceAnalysis,
  configurationsAnalysis,
  classificationAnalysis,
  extremesAnalysis,
  runtimeAnalysis,
  energyAnalysis,
  similarityAnalysis,
  varianceAnalysis,
  calibrationAnalysis,
  decisionCurveAnalysis,
  instabilityAnalysis,
  readersAnalysis,
  subgroupsAnalysis,
];

describe.each(Object.entries(studies))("empty cells of a study: %s", (_, input) => {
  it.each(analyses.map((analyse) => [analyse.name, analyse] as const))("%s says why", (_name, analyse) => {
    const { table } = analyse(input);
    table.rows.forEach((row, index) => {
      for (const [key, value] of Object.entries(row)) {
        if (value !== null || key === "reason") continue;
        const reason = table.absent[index]?.[key];
        expect(reason, `${table.title}, row ${index}, ${key}`).toMatch(/\w/);
        expect(reason, `${table.title}, row ${index}, ${key}`).not.toMatch(/^Not determined/);
      }
    });
  });
});

describe("absent values", () => {
  it("are named under the table, each reason once", () => {
    const input = studies["one run of everything"] ?? exampleInput();
    const { absent } = determinismAnalysis(input).table;
    expect(absenceNotes(absent, (key) => key.toUpperCase())).toContain(
      "SD: 1 run: a standard deviation needs two.",
    );
  });

  it("are told of with the number of runs that lack the metric", () => {
    const without = changed({ summary: {} });
    expect(determinismAnalysis(without).headline.sentence).toBe(
      "28 runs ended without test accuracy, so there is nothing to judge.",
    );
    expect(importanceAnalysis({ ...without, metric: "validationAccuracy" }).verdicts[0]?.sentence).toBe(
      "28 runs ended without validation accuracy: no configuration is left, and no hyperparameter can be compared.",
    );
  });
});
