import { importanceAnalysis as schema } from "@reprise/contracts";
import { describe, expect, it } from "vitest";
import { gridInput } from "../../test-support/grid-study.js";
import { AnalysisRefusedError } from "../errors.js";
import { importanceAnalysis } from "./importance.js";

// Expected numbers: NumPy and SciPy 1.17.
describe("importanceAnalysis", () => {
  it("estimates effects with everything else alike, paired on seed, on the objective", () => {
    const { effects, provenance, arm } = schema.parse(importanceAnalysis(gridInput()));
    expect(provenance.metric).toBe("validationAccuracy");
    expect(arm).toBe("free");
    expect(effects.map(({ parameter, settings, seeds }) => [parameter, settings, seeds])).toEqual([
      ["optimizer", 2, 4],
      ["learningRate", 2, 4],
    ]);
    expect(effects[1]).toMatchObject({
      level: 0.1,
      baseline: 0.01,
      difference: expect.closeTo(0.01202420833333337, 12),
      interval: {
        low: expect.closeTo(0.011329663025753955, 10),
        high: expect.closeTo(0.012718753640912784, 10),
      },
      p: expect.closeTo(1.3170581335786644e-5, 12),
      adjustedP: expect.closeTo(2 * 1.3170581335786644e-5, 12),
    });
  });

  it("shares variance out over a full grid, with the range over seeds", () => {
    const { shares, sharesReason } = schema.parse(importanceAnalysis(gridInput()));
    expect(sharesReason).toBeNull();
    expect(shares?.map(({ share }) => share)).toEqual([
      expect.closeTo(0.8779593865536348, 10),
      expect.closeTo(0.11816527330438822, 10),
    ]);
    for (const { share, range } of shares ?? []) {
      expect(Number(range.low)).toBeLessThan(Number(share));
      expect(Number(range.high)).toBeGreaterThan(Number(share));
    }
  });

  it("refuses test metrics, naming the validation metric", () => {
    const ask = () => importanceAnalysis(gridInput({ metric: "testAccuracy" }));
    expect(ask).toThrow(AnalysisRefusedError);
    expect(ask).toThrow(/tuned on them/);
  });

  it("claims nothing from one run per configuration, or from one seed", () => {
    const input = gridInput();
    const one = importanceAnalysis({
      ...input,
      runs: input.runs.filter(({ seed, arm, repeat }) => seed === 0 && arm === "det" && repeat === 0),
    });
    expect(one.verdicts).toEqual([
      expect.objectContaining({
        kind: "single-run",
        sentence: "One run per configuration: ranks are descriptive, and no effect can be claimed.",
      }),
    ]);
    expect(one.effects.every(({ p, interval }) => p === null && interval.low === null)).toBe(true);
    expect(one.shares).toBeNull();
    const seed = importanceAnalysis({ ...input, runs: input.runs.filter((run) => run.seed === 0) });
    expect(seed.verdicts[0]?.sentence).toContain("no effect is claimed");
  });

  it("gives no shares where configurations are not a full grid, and no effect that cannot be separated", () => {
    const input = gridInput();
    const isDiagonal = (optimizer: unknown, rate: unknown) => (optimizer === "adam") === (rate === 0.01);
    const { shares, sharesReason, effects, notes } = importanceAnalysis({
      ...input,
      runs: input.runs.filter(({ params }) => isDiagonal(params.optimizer, params.learningRate)),
    });
    expect(shares).toBeNull();
    expect(sharesReason).not.toBeNull();
    expect(effects).toEqual([]);
    expect(notes.join(" ")).toContain("cannot be separated from the effects of other hyperparameters");
  });
});
