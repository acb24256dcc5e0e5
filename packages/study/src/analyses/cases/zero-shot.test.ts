import { type Predictions, classificationAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { besideReference } from "../../references/beside.js";
import { getReference, listReferences } from "../../references/load.js";
import { binaryPredictions, inputOf } from "../../test-support/runs-fixture.js";
import { specOf } from "../../test-support/spec-fixture.js";
import { classificationAnalysis } from "./classification.js";

const spec = specOf({
  name: "two published configurations",
  trainer: "openclip",
  task: "contrastive",
  dataset: "quilt-1m",
  search: {
    method: "list",
    configurations: [
      { label: "R1", epochs: 40 },
      { label: "R2", epochs: 50 },
    ],
  },
  seeds: [0],
  modes: { deterministic: { repeats: 1 } },
  analysisPlan: { primaryMetric: "testPatchCamelyonAccuracy", contrasts: ["configuration"] },
});
const labels = "+".repeat(10) + "-".repeat(10);

/** R1 finds nine of ten positives and eight of ten negatives, R2 three and five. */
function answers(label: string): Predictions {
  const right = label === "R1" ? [9, 8] : [3, 5];
  const decisions = `${"+".repeat(right[0] ?? 0).padEnd(10, "-")}${"-".repeat(right[1] ?? 0).padEnd(10, "+")}`;
  const binary = binaryPredictions(labels, decisions);
  return { ...binary, question: "patchCamelyon", classes: ["tumor", "no tumor"] };
}

function lung(label: string): Predictions {
  const hit = label === "R1" ? 12 : 6;
  const truth = Array.from({ length: 18 }, (_, i) => i % 3);
  const scores = truth.map((own, i) => [0, 1, 2].map((c) => (c === (i < hit ? own : (own + 1) % 3) ? 1 : 0)));
  const base = { split: "test", epoch: 1, positiveClass: null, threshold: null } as const;
  const ids = truth.map((_, i) => `lung-${i}`);
  return { ...base, question: "lc25000Lung", classes: ["a", "b", "c"], ids, labels: truth, scores };
}

const input = inputOf(spec, () => ({ metrics: { testPatchCamelyonAccuracy: 0.5 } }));
const questions = new Map(
  [lung, answers].map((make) => [
    make("R1").question ?? "",
    new Map(input.runs.map((run) => [run.id, make(run.configurationLabel)])),
  ]),
);
const analysis = schema.parse(classificationAnalysis({ ...input, questions }));

describe("the zero-shot tables", () => {
  it("have a row per configuration: accuracy for every set, sensitivity and specificity for binary ones", () => {
    expect(analysis.table.rows).toMatchObject([
      {
        configuration: "R1",
        runs: 1,
        lc25000LungAccuracy: expect.closeTo(12 / 18, 12),
        patchCamelyonAccuracy: 0.85,
        patchCamelyonSensitivity: 0.9,
        patchCamelyonSpecificity: 0.8,
      },
      {
        configuration: "R2",
        patchCamelyonAccuracy: 0.4,
        patchCamelyonSensitivity: 0.3,
        patchCamelyonSpecificity: 0.5,
      },
    ]);
    expect(analysis.table.columns.map(({ key }) => key)).not.toContain("lc25000LungSensitivity");
  });

  it("claim no effect from one run per configuration, and hold each question against chance", () => {
    const sentences = analysis.verdicts.map(({ sentence }) => sentence);
    expect(sentences[0]).toBe(
      "One run per configuration: ranks are descriptive, and no effect can be claimed.",
    );
    expect(sentences[1]).toMatch(
      /^lc25000Lung: accuracy lies between 33\.3 and 66\.7 %.*1 of 2 runs has.*noise floor is unknown/,
    );
    expect(analysis.verdicts[1]?.basis[0]).toMatch(/^Chance is 33\.3 %/);
  });

  it("stand beside the published figures of the same set", () => {
    const reference = getReference("clip-hyperparameters");
    if (!reference.ok) throw new Error("missing");
    const beside = besideReference(reference.value, analysis, {
      reported: { selection: { epoch: "last" } },
    });
    const shown = beside.rows.map(({ row, quantity, published, measured }) => [
      row,
      quantity,
      published,
      measured,
    ]);
    expect(shown).toHaveLength(2 * (1 + 3));
    expect(shown).toContainEqual(["R1", expect.stringMatching(/PatchCamelyon sensitivity/), "0.096", 0.9]);
    expect(shown).toContainEqual([
      "R2",
      expect.stringMatching(/LC25000 \(Lung\)/),
      "66.84",
      expect.closeTo(100 / 3, 9),
    ]);
  });

  it("stand beside no figure of a model that was trained for the classes, and no trained one beside theirs", () => {
    const reference = getReference("clip-hyperparameters");
    if (!reference.ok) throw new Error("missing");
    const rows = analysis.rows.map((row) => ({ ...row, question: null }));
    const beside = besideReference(
      reference.value,
      { ...analysis, rows },
      {
        dataset: "PatchCamelyon",
        reported: { selection: { epoch: "last" } },
      },
    );
    expect(beside.rows.length).toBeGreaterThan(0);
    expect(beside.rows.every(({ measured }) => measured === null)).toBe(true);
    expect(beside.rows[0]?.reason).toMatch(
      /^Another quantity: published is the zero-shot .* of a model that was trained for these classes\.$/,
    );
  });

  it("lay every figure beside the published one of its experiment, in the study's own sets", () => {
    const all = specOf({
      ...spec,
      search: {
        method: "list",
        configurations: Array.from({ length: 23 }, (_, i) => ({ label: `R${i + 1}`, epochs: i + 1 })),
      },
    });
    const runs = inputOf(all, () => ({ metrics: { testPatchCamelyonAccuracy: 0.5 } }));
    const answered = new Map(
      [lung, answers].map((make) => [
        make("R1").question ?? "",
        new Map(runs.runs.map((run) => [run.id, make(run.configurationLabel)])),
      ]),
    );
    const { zeroShot, table } = schema.parse(
      classificationAnalysis({ ...runs, questions: answered, references: listReferences() }),
    );
    expect(zeroShot?.reference?.name).toBe("clip-hyperparameters");
    expect(zeroShot?.reference?.quantities).toContain(
      "PatchCamelyon, sensitivity: the zero-shot sensitivity over the test split; which class counts as positive, and which epoch was evaluated, is not stated (by the text).",
    );
    const sets = (zeroShot?.configurations ?? []).map(({ set }) => set);
    expect(sets.map(Number)).toEqual([
      ...Array(5).fill(1),
      ...[2, 3, 4].flatMap((set) => Array(6).fill(set)),
    ]);
    const printed = Object.fromEntries(
      (zeroShot?.configurations[0]?.figures ?? []).map(({ question, rate, published }) => [
        `${question} ${rate}`,
        published?.printed,
      ]),
    );
    expect(printed).toEqual({
      "lc25000Lung accuracy": "75.79",
      "patchCamelyon accuracy": "48.18",
      "patchCamelyon sensitivity": "0.096",
      "patchCamelyon specificity": "0.867",
      "patchCamelyon auc": undefined,
    });
    expect(zeroShot?.configurations[0]?.figures[0]?.published?.value).toBeCloseTo(0.7579, 12);
    expect(table.rows[3]).toMatchObject({ configuration: "R4", patchCamelyonSensitivityPublished: "0.934" });
    expect(zeroShot?.noEffect).toMatch(/^One run per configuration/);
    expect(zeroShot?.questions.map(({ chance }) => chance)).toEqual([1 / 3, 0.5]);
  });

  it("have an interval over seeds from three on, else over the test cases of the run", () => {
    const once = analysis.zeroShot?.configurations[0]?.figures.find(({ rate }) => rate === "sensitivity");
    // statsmodels proportion_confint(9, 10, method="wilson").
    expect(once?.interval).toMatchObject({ over: "cases", low: expect.closeTo(0.595849999, 6) });
    const over = (seeds: number[]) => {
      const repeated = inputOf(specOf({ ...spec, seeds }), () => ({ metrics: {} }));
      const answered = new Map(
        repeated.runs.map((run) => [run.id, answers(run.seed % 8 === 0 ? "R2" : "R1")]),
      );
      return classificationAnalysis({ ...repeated, questions: new Map([["patchCamelyon", answered]]) });
    };
    const twice = over([0, 1]);
    expect(twice.zeroShot?.configurations[0]?.figures[0]?.interval).toBeNull();
    // One of 0.40 and seven of 0.85, standard error 0.05625: 0.79375 ± t(0.9975, 7) of them, and at most 1.
    expect(over([0, 1, 2, 3, 4, 5, 6, 7]).zeroShot?.configurations[0]?.figures[0]?.interval).toMatchObject({
      over: "seeds",
      low: expect.closeTo(0.793_75 - 4.029_337_2 * 0.056_25, 6),
      high: 1,
    });
    expect(twice.zeroShot).toMatchObject({ noEffect: null, reference: null });
    expect(twice.table.columns.map(({ key }) => key)).not.toContain("patchCamelyonAccuracyPublished");
  });

  it("hold differences against the spread of seeds and executions", () => {
    const repeated = specOf({ ...spec, seeds: [0, 1], modes: { nondeterministic: { repeats: 2 } } });
    const again = inputOf(repeated, () => ({ metrics: { testPatchCamelyonAccuracy: 0.5 } }));
    // Seed 0 answers as R1 does, seed 1 as R2: accuracies of 0.85 and 0.40, whatever the execution.
    const answered = new Map(again.runs.map((run) => [run.id, answers(run.seed === 0 ? "R1" : "R2")]));
    const judged = classificationAnalysis({ ...again, questions: new Map([["patchCamelyon", answered]]) });
    expect(judged.verdicts.map(({ sentence }) => sentence).at(-1)).toMatch(
      /executions of one configuration and seed scatter with an SD of 0\.0 pp \(4 degrees of freedom\) and seeds of one configuration with an SD of 31\.8 pp \(2 degrees of freedom\): smaller differences/,
    );
  });
});
