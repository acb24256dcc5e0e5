import { rocAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exampleSpec } from "../../test-support/example-study.js";
import { binaryPredictions, inputOf } from "../../test-support/runs-fixture.js";
import { specOf } from "../../test-support/spec-fixture.js";
import { rocAnalysis } from "./roc.js";

const spec = specOf({
  ...exampleSpec,
  search: { method: "list", configurations: [{ optimizer: "adam" }] },
  seeds: [0],
  modes: { deterministic: { repeats: 1 }, nondeterministic: { repeats: 2 } },
});
const labels = "+++++-----";
const input = inputOf(spec, () => ({ metrics: { testAccuracy: 0.5 } }));
const predictions = new Map(
  input.runs.map(({ id, arm, repeat }) => [
    id,
    binaryPredictions(labels, arm === "det" || repeat === 0 ? labels : "++++------"),
  ]),
);

describe("rocAnalysis", () => {
  it("draws a curve per run and the range between them", () => {
    const { groups, table } = schema.parse(rocAnalysis({ ...input, predictions }));
    expect(groups.map(({ arm, runs }) => [arm, runs.length])).toEqual([
      ["det", 1],
      ["free", 2],
    ]);
    const free = groups[1];
    expect(free).toMatchObject({ positiveClass: "malignant", positives: 5, negatives: 5 });
    expect(free?.runs.map(({ auc }) => auc)).toEqual([1, 0.9]);
    expect(free?.runs[0]?.falsePositiveRate).toEqual([0, 0, 1]);
    expect(free?.band.falsePositiveRate).toHaveLength(101);
    // The second run has four of five at once and the fifth among all negatives: a slope from 0.8 to 1.
    expect([free?.band.min[0], free?.band.mean[0], free?.band.max[0]]).toEqual([0.8, 0.9, 1]);
    expect(free?.band.min[50]).toBeCloseTo(0.9, 12);
    expect(table.rows).toHaveLength(3);
  });

  it("has no curve without predictions of two classes", () => {
    expect(schema.parse(rocAnalysis(input)).groups).toEqual([]);
  });
});
