import { type Predictions, classificationAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { expandSweep } from "../../design/expand-sweep.js";
import { exampleSpec } from "../../test-support/example-study.js";
import { binaryPredictions, endedRun, inputOf } from "../../test-support/runs-fixture.js";
import { specOf } from "../../test-support/spec-fixture.js";
import { classificationAnalysis } from "./classification.js";

const spec = specOf({
  ...exampleSpec,
  search: { method: "list", configurations: [{ optimizer: "adam" }] },
  seeds: [0],
  modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 3 } },
});
const labels = "+++++-----";
/** Free repeats: one misses a malignant case, one another, one calls a benign case malignant. */
const decisions: Record<string, string> = {
  det: "+++++-----",
  free0: "++++------",
  free1: "+++-+-----",
  free2: "++++++----",
};

function inputWith(
  change: (predictions: Predictions, name: string) => Predictions = (p) => p,
  { seeds = spec.seeds } = {},
) {
  const input = inputOf({ ...spec, seeds }, () => ({ metrics: { testAccuracy: 0.5 } }));
  const predictions = new Map(
    input.runs.map(({ id, arm, repeat }) => {
      const name = arm === "det" ? "det" : `free${repeat}`;
      return [id, change(binaryPredictions(labels, decisions[name] ?? ""), name)];
    }),
  );
  return { ...input, predictions };
}
const analyse = (input = inputWith()) => schema.parse(classificationAnalysis(input));

describe("classificationAnalysis", () => {
  it("counts from predictions, with malignant as the positive class", () => {
    const [det, free] = analyse().rows;
    expect(det).toMatchObject({
      arm: "det",
      n: 2,
      churn: 0,
      flippedCases: 0,
      sensitivity: { mean: 1, sd: 0 },
    });
    expect(free).toMatchObject({ arm: "free", n: 3, positiveClass: "malignant", testCases: 10 });
    expect(free?.runs.map(({ confusion }) => confusion)).toEqual([
      { tp: 4, fp: 0, fn: 1, tn: 5 },
      { tp: 4, fp: 0, fn: 1, tn: 5 },
      { tp: 5, fp: 1, fn: 0, tn: 4 },
    ]);
    expect(free?.sensitivity).toMatchObject({ min: 0.8, max: 1, mean: expect.closeTo(13 / 15, 12) });
    expect(free?.specificity.min).toBe(0.8);
    expect(free?.accuracy).toMatchObject({ mean: expect.closeTo(0.9, 12), sd: expect.closeTo(0, 12) });
  });

  it("counts churn and flipped cases from decisions, not from accuracy", () => {
    const [, free] = analyse().rows;
    // Each run is alone with one odd decision, so every pair differs on two of ten cases.
    expect(free?.churn).toBeCloseTo(0.2, 12);
    expect(free?.flippedCases).toBe(3);
  });

  it("gives Wilson intervals of single runs and of their mean, apart from the spread between runs", () => {
    const row = analyse().rows[1];
    const intervals = row?.runs[0]?.samplingIntervals;
    // statsmodels proportion_confint(4, 5, method="wilson").
    expect(intervals?.sensitivity).toMatchObject({
      estimate: 0.8,
      n: 5,
      clusters: null,
      low: expect.closeTo(0.37553462976252533, 9),
      high: expect.closeTo(0.9637758913675698, 9),
    });
    expect(intervals?.accuracy).toMatchObject({ estimate: 0.9, n: 10 });
    expect(row?.samplingIntervals?.sensitivity).toMatchObject({
      estimate: expect.closeTo(13 / 15, 12),
      n: 5,
    });
  });

  it("counts patients where it knows them", () => {
    const patients = [..."aabbcddeff"];
    const known = inputWith((p) => ({
      ...p,
      groups: { ward: patients.map(() => "one"), patient: patients },
    }));
    const split = { ...spec.dataset.split, groupBy: "patient" };
    const sweep = { ...known.sweep, spec: { ...spec, dataset: { ...spec.dataset, split } } };
    const { rows, verdicts, notes } = analyse({ ...known, sweep });
    const [alone] = analyse().rows;
    expect(rows[1]).toMatchObject({ grouping: "patient" });
    expect(rows[1]?.samplingIntervals?.sensitivity).toMatchObject({ n: 5, clusters: 3 });
    expect(rows[1]?.samplingIntervals?.auc).toMatchObject({ n: 10, clusters: 6 });
    const width = (row: typeof alone) => {
      const { low, high } = row?.samplingIntervals?.accuracy ?? { low: 0, high: 0 };
      return Number(high) - Number(low);
    };
    expect(width(rows[0])).toBeGreaterThan(width(alone));
    expect(verdicts[0]?.sentence).toContain("The 5 malignant test cases of 3 patients alone leave");
    expect(notes[0]).toContain("They come from 3 patients");
  });

  it("says what flips, and how few the positive cases are", () => {
    const { verdicts, notes } = analyse();
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]?.sentence).toBe(
      "adam, seed 0: sensitivity for malignant lies between 80 and 100 % over 3 free executions (SD 12 pp). The 5 malignant test cases alone leave a 95 % interval of [57.1, 96.9] % for the mean of these runs. 3 of 10 test cases are not classified identically by all of these 3 runs of arm free; two of them disagree on 20 % of cases on average.",
    );
    expect(notes[0]).toMatch(
      /^The test split has 5 malignant cases of 10: one case is 20\.00 pp of sensitivity/,
    );
    expect(notes[1]).toContain("intervals treat every case as independent");
    expect(notes[2]).toBe(
      "A case is called malignant if its score is at least 0.5, a threshold fixed beforehand.",
    );
  });

  it("prints no interval of a seed that was chosen because it is the widest", () => {
    const { rows, verdicts } = analyse(inputWith((p) => p, { seeds: [0, 1] }));
    expect(verdicts[0]?.sentence).toMatch(
      /^adam, seed 0 \(the widest spread of 2 seeds\): sensitivity .*\(SD 12 pp\)\. 3 of 10/,
    );
    expect(verdicts[0]?.basis.at(-1)).toContain(
      "An interval would be invalid for a seed chosen by its result.",
    );
    expect(rows.at(-1)?.samplingIntervals?.sensitivity).toMatchObject({ n: 5 });
  });

  it("says when nothing flips although runs were free", () => {
    const same = inputWith(() => binaryPredictions(labels, "++++------"));
    const { verdicts } = analyse(same);
    expect(verdicts[0]).toMatchObject({ tone: "neutral" });
    expect(verdicts[0]?.sentence).toContain(
      "3 free executions have the same sensitivity for malignant (80.00 %)",
    );
    expect(verdicts[0]?.sentence).toContain(
      "All 10 test cases are classified identically by these 3 runs of arm free.",
    );
  });

  it("counts a score that is no number as wrong, for either class", () => {
    const broken = inputWith((predictions, name) =>
      name === "free0"
        ? { ...predictions, scores: predictions.scores.map(() => ["NaN", "NaN"]) }
        : predictions,
    );
    expect(analyse(broken).rows[1]?.runs[0]?.confusion).toEqual({ tp: 0, fp: 5, fn: 5, tn: 0 });
  });

  it("aligns cases by id, and gives no churn for different cases", () => {
    const turned = inputWith((p, name) =>
      name === "free1"
        ? { ...p, ids: p.ids.toReversed(), labels: p.labels.toReversed(), scores: p.scores.toReversed() }
        : p,
    );
    expect(analyse(turned).rows[1]?.churn).toBeCloseTo(0.2, 12);
    const other = inputWith((p, name) => (name === "free1" ? { ...p, ids: p.ids.map((id) => `x${id}`) } : p));
    const result = analyse(other);
    expect(result.rows[1]).toMatchObject({ churn: null, flippedCases: null });
    expect(result.notes.join(" ")).toContain("1 row the runs predicted different cases");
  });

  it("falls back to the recorded metrics without predictions", () => {
    const input = inputOf(spec, () => ({ metrics: { testAccuracy: 0.9, testSensitivity: 0.8 } }));
    const { rows, notes } = analyse({ ...input, predictions: new Map() });
    expect(rows[1]).toMatchObject({ sensitivity: { mean: 0.8 }, samplingIntervals: null, churn: null });
    expect(notes[0]).toContain("No predictions are stored");
  });

  it("has no sensitivity for more than two classes", () => {
    const three: Predictions = {
      ...binaryPredictions("", ""),
      classes: ["a", "b", "c"],
      positiveClass: null,
      threshold: null,
      ids: ["1", "2", "3"],
      labels: [0, 1, 2],
      scores: [
        [0.8, 0.1, 0.1],
        [0.1, 0.8, 0.1],
        [0.5, 0.2, 0.3],
      ],
    };
    const runs = expandSweep(spec).map((planned) => endedRun(planned, { metrics: {} }));
    const { rows, notes } = analyse({
      ...inputWith(),
      runs,
      predictions: new Map(runs.map(({ id }) => [id, three])),
    });
    expect(rows[0]).toMatchObject({
      positiveClass: null,
      sensitivity: { mean: null },
      accuracy: { mean: expect.closeTo(2 / 3, 12) },
    });
    expect(notes.join(" ")).toContain("3 classes, none of them positive");
  });
});
