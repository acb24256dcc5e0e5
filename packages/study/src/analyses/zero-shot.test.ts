import { type Predictions, classificationAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { besideReference } from "../references/beside.js";
import { getReference } from "../references/load.js";
import { binaryPredictions, inputOf } from "../testing/runs-fixture.js";
import { specOf } from "../testing/spec-fixture.js";
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
    const beside = besideReference(reference.value, analysis);
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

  it("hold differences against the spread of seeds and executions", () => {
    const repeated = specOf({ ...spec, seeds: [0, 1], modes: { nondeterministic: { repeats: 2 } } });
    const again = inputOf(repeated, () => ({ metrics: { testPatchCamelyonAccuracy: 0.5 } }));
    // Seed 0 answers as R1 does, seed 1 as R2: accuracies of 0.85 and 0.40, whatever the execution.
    const answered = new Map(again.runs.map((run) => [run.id, answers(run.seed === 0 ? "R1" : "R2")]));
    const judged = classificationAnalysis({ ...again, questions: new Map([["patchCamelyon", answered]]) });
    expect(judged.verdicts.map(({ sentence }) => sentence).at(-1)).toMatch(
      /executions of one configuration and seed scatter by SD 0\.0 pp \(4 degrees of freedom\) and seeds of one configuration by SD 31\.8 pp \(2 degrees of freedom\): smaller differences/,
    );
  });
});
