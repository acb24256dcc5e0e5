import { agreementAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { exportTable } from "../../exports/export-table.js";
import { exampleInput } from "../../test-support/example-study.js";
import { binaryPredictions } from "../../test-support/runs-fixture.js";
import { agreementAnalysis } from "./agreement.js";

const decisions = ["+++---", "++----", "+-+--+"];

/** Three free runs decide as above, the deterministic one as the first. */
function predicted(withMcnemar = false) {
  const input = exampleInput();
  const runs = input.runs.filter(({ arm, repeat }) => arm === "det" || repeat < 3);
  const predictions = new Map(
    runs.map((run) => [
      run.id,
      binaryPredictions("+++---", (run.arm === "det" ? decisions[0] : decisions[run.repeat]) ?? ""),
    ]),
  );
  return { ...input, runs, predictions, withMcnemar };
}

describe("agreementAnalysis", () => {
  it("puts the share of differing decisions into a matrix, one deterministic run for its copies", () => {
    const { groups } = schema.parse(agreementAnalysis(predicted()));
    expect(groups).toHaveLength(4);
    const [group] = groups;
    expect(group?.runs.map(({ arm, repeat }) => [arm, repeat])).toEqual([
      ["det", 0],
      ["free", 0],
      ["free", 1],
      ["free", 2],
    ]);
    const share = (cases: number) => expect.closeTo(cases / 6, 12);
    expect(group?.disagreement).toEqual([
      [0, 0, share(1), share(2)],
      [0, 0, share(1), share(2)],
      [share(1), share(1), 0, share(3)],
      [share(2), share(2), share(3), 0],
    ]);
    expect(agreementAnalysis(predicted()).table.rows[0]).toMatchObject({ runA: "det 1", runB: "free 1" });
    // statsmodels 0.14 fleiss_kappa of the three free runs.
    expect(group?.arms).toEqual([
      expect.objectContaining({
        arm: "free",
        n: 3,
        meanDisagreement: share(2),
        maxDisagreement: share(3),
        unanimousFraction: share(3),
        fleissKappa: expect.closeTo(0.325, 12),
      }),
    ]);
  });

  it("says which of several questions it is about", () => {
    const about = (question?: string) => {
      const given = predicted();
      const predictions = new Map(
        [...given.predictions].map(([id, one]) => [id, question ? { ...one, question } : one]),
      );
      return agreementAnalysis({ ...given, predictions }).notes.join(" ");
    };
    expect(about("loop")).toContain("This concerns the evaluation set loop, the first by name.");
    expect(about()).not.toContain("evaluation set");
  });

  it("names the cases that flip with their classes", () => {
    const [group] = schema.parse(agreementAnalysis(predicted())).groups;
    expect(group?.flippedCases).toBe(3);
    expect(group?.cases).toContainEqual({
      caseId: "case-1",
      trueClass: "malignant",
      decisions: { malignant: 3, benign: 1 },
    });
  });

  it("tests pairs by McNemar only when asked, Holm over all pairs", () => {
    expect(agreementAnalysis(predicted()).groups.every(({ mcnemar }) => mcnemar === null)).toBe(true);
    const { groups, provenance, table } = schema.parse(agreementAnalysis(predicted(true)));
    const pair = groups[0]?.mcnemar?.[2];
    // The deterministic run has two cases right that the last free run has not, none the other way: p = 2 · ½².
    expect(pair).toMatchObject({ onlyARight: 2, onlyBRight: 0, p: 0.5, adjustedP: 1 });
    expect(provenance.correction).toContain("Holm over 24 exact McNemar tests");
    expect(table.columns.map(({ key }) => key)).toContain("adjustedP");
  });

  it("counts runs without predictions, and is empty without any", () => {
    const { groups, notes, table } = agreementAnalysis(exampleInput());
    expect(groups).toEqual([]);
    expect(notes.join(" ")).toContain("left out");
    expect(exportTable({ table, provenance: agreementAnalysis(exampleInput()).provenance }, "csv")).toContain(
      "disagreement",
    );
  });

  it("speaks of agreement when nothing flips", () => {
    const input = predicted();
    const predictions = new Map(input.runs.map((run) => [run.id, binaryPredictions("++--", "+-+-")]));
    expect(agreementAnalysis({ ...input, predictions }).verdicts[0]).toMatchObject({
      tone: "neutral",
      sentence: "adam, seed 0: 4 runs (1 det, 3 free) classify all 4 test cases identically.",
    });
  });
});
