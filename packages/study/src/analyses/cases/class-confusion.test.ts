import { type Predictions, classificationAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exportTable } from "../../exports/export-table.js";
import { exampleSpec } from "../../test-support/example-study.js";
import { binaryPredictions, inputOf } from "../../test-support/runs-fixture.js";
import { specOf } from "../../test-support/spec-fixture.js";
import { classificationAnalysis } from "./classification.js";

const spec = specOf({
  ...exampleSpec,
  search: { method: "list", configurations: [{ optimizer: "adam" }] },
  seeds: [0],
  modes: { nondeterministic: { repeats: 2 } },
});
const classes = ["cat", "dog", "owl"];
const labels = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
/** What each run decides; - for scores that are no numbers. */
const decisions = ["0011" + "110" + "22-", "0000" + "111" + "221"];

function answers(decided: string): Predictions {
  return {
    ...binaryPredictions("", ""),
    classes,
    positiveClass: null,
    threshold: null,
    ids: labels.map(String),
    labels,
    scores: Array.from(decided, (digit) =>
      classes.map((_, k) => (digit === "-" ? "NaN" : Number(k === Number(digit)))),
    ),
  };
}

const input = inputOf(spec, () => ({ metrics: { testAccuracy: 0.5 } }));
const predicted = new Map(input.runs.map(({ id, repeat }) => [id, answers(decisions[repeat] ?? "")]));
const analysis = schema.parse(classificationAnalysis({ ...input, predictions: predicted }));
const confusion = analysis.rows[0]?.classConfusion;

describe("which classes are taken for which", () => {
  it("counts the first run's test cases by their class and the class they were given", () => {
    expect(confusion).toMatchObject({
      runId: input.runs.find(({ repeat }) => repeat === 0)?.id,
      classes,
      counts: [
        [2, 2, 0],
        [1, 2, 0],
        [0, 0, 2],
      ],
      undecided: [0, 0, 1],
      mistake: "cat is most often mistaken for dog: 2 of 4 cases",
    });
  });

  it("gives each class's recall with its Wilson interval, and its range over all runs", () => {
    // statsmodels proportion_confint(2, 4, method="wilson") and (2, 3).
    expect(confusion?.recall[0]).toMatchObject({
      estimate: 0.5,
      low: expect.closeTo(0.15003898915, 9),
      high: expect.closeTo(0.84996101085, 9),
      k: 2,
      n: 4,
    });
    expect(confusion?.recall[2]).toMatchObject({
      k: 2,
      n: 3,
      low: expect.closeTo(0.207655, 5),
      high: expect.closeTo(0.93851, 5),
    });
    expect(confusion?.recallRange).toEqual([
      { min: 0.5, max: 1 },
      { min: expect.closeTo(2 / 3, 12), max: 1 },
      { min: expect.closeTo(2 / 3, 12), max: expect.closeTo(2 / 3, 12) },
    ]);
  });

  it("is exported when it is asked for, a line per class", () => {
    const lines = exportTable(analysis, "csv", "confusions").split("\r\n");
    expect(lines[0]).toMatch(
      /^configuration,seed,arm,class,cases,givenAs_cat,givenAs_dog,givenAs_owl,recall,recallLow/,
    );
    expect(lines.slice(1, 4).map((line) => line.split(",").slice(3, 9))).toEqual([
      ["cat", "4", "2", "2", "0", "0.5"],
      ["dog", "3", "1", "2", "0", String(2 / 3)],
      ["owl", "3", "0", "0", "2", String(2 / 3)],
    ]);
    expect(exportTable(analysis, "latex", "confusions")).toMatch(/as cat & as dog & as owl & Recall/);
    expect(exportTable(analysis, "latex")).not.toContain("as cat");
  });

  it("is said of an evaluation set of a zero-shot study too, and not where sensitivity says it", () => {
    const about = (question: string, make: (repeat: number) => Predictions) =>
      [question, new Map(input.runs.map(({ id, repeat }) => [id, { ...make(repeat), question }]))] as const;
    const animals = about("animals", (repeat) => answers(decisions[repeat] ?? ""));
    const binary = about("sick", () => binaryPredictions("++--", "+-+-"));
    const { rows, confusions } = classificationAnalysis({ ...input, questions: new Map([animals, binary]) });
    expect(rows.map(({ question, classConfusion }) => [question, classConfusion?.counts[0] ?? null])).toEqual(
      [
        ["animals", [2, 2, 0]],
        ["sick", null],
      ],
    );
    expect(confusions?.rows.map(({ question }) => question)).toEqual(["animals", "animals", "animals"]);
    const only = classificationAnalysis({ ...input, questions: new Map([binary]) });
    expect(only.confusions).toBeNull();
  });
});
