import { describe, expect, it } from "vitest";
import { runStatisticalTest } from "./statistical-tests.js";

const many = { seed: 7, resamples: 20_000 };

describe("stratified_bootstrap_iqm", () => {
  // Two runs to a task: sixteen equally likely redraws, whose interquartile means (the mean of the middle two of four) are by
  // hand 1, 2, 3, 4, 5, 6, 7 with 3, 2, 1, 4, 1, 2, 3 sixteenths. Variance 4.5.
  const tasks = [
    [0, 8],
    [2, 6],
  ];

  it("has the mean, spread and quantiles of all redraws within tasks", () => {
    const answer = runStatisticalTest("stratified_bootstrap_iqm", {
      input: { tasks },
      options: { ...many, confidence: 0.6 },
    });
    expect(answer).toMatchObject({ estimate: 4, interval: [2, 6], resamples: 20_000, undefinedResamples: 0 });
    // The standard error of a standard error from so many redraws is below 0.5 %.
    expect(Number(answer.standardError) / Math.sqrt(4.5)).toBeCloseTo(1, 1.7);
    expect(answer).not.toHaveProperty("reason");
    const wide = runStatisticalTest("stratified_bootstrap_iqm", { input: { tasks }, options: many });
    expect(wide).toMatchObject({ interval: [1, 7], seed: 7, algorithm: "philox4x32-10" });
  });

  it("says that one run per task shows no spread, and names a task without runs", () => {
    const single = runStatisticalTest("stratified_bootstrap_iqm", { input: { tasks: [[1], [2]] } });
    expect(single).toMatchObject({ interval: [1.5, 1.5], reason: expect.stringContaining("one run") });
    const refused = (input: object) => () => runStatisticalTest("stratified_bootstrap_iqm", { input });
    expect(refused({ tasks: [[1], []] })).toThrow(/tasks\[1\]: is empty/);
    expect(refused({ tasks: [] })).toThrow(/tasks: is empty/);
    expect(refused({ tasks: [[1], ["a"]] })).toThrow(/input\.tasks\[1\]\[0\]/);
  });
});

describe("runs_by_cases_bootstrap", () => {
  // Only the second run is right, on the second case alone. The mean of a redraw is R × C with R, C = 0, 1/2, 1 at 1/4, 1/2,
  // 1/4: 0, 1/4, 1/2, 1 with 7, 4, 4, 1 sixteenths. Variance 9/64 - 1/16 = 5/64; redrawing cells would give 3/64.
  const scores = [
    [0, 0],
    [0, 1],
  ];

  it("has the mean and spread of all redraws of rows and columns, and an interval for so few runs", () => {
    const answer = runStatisticalTest("runs_by_cases_bootstrap", {
      input: { scores },
      options: { ...many, confidence: 0.8 },
    });
    // 3.08 (t with one degree of freedom, 0.9) × 0.28 × √2 on either side, cut at the scores.
    expect(answer).toMatchObject({ estimate: 0.25, interval: [0, 1], undefinedResamples: 0 });
    expect(Number(answer.standardError) / Math.sqrt(5 / 64)).toBeCloseTo(1, 1.7);
    const wide = runStatisticalTest("runs_by_cases_bootstrap", { input: { scores }, options: many });
    expect(wide).toMatchObject({ interval: [0, 1] });
  });

  it("says that one run shows no spread between runs, and refuses uneven and far too large tables", () => {
    const single = runStatisticalTest("runs_by_cases_bootstrap", { input: { scores: [[0, 1]] } });
    expect(single.reason).toContain("one run");
    const refused = (input: object, options = {}) => {
      return () => runStatisticalTest("runs_by_cases_bootstrap", { input, options });
    };
    expect(refused({ scores: [[1, 0], [1]] })).toThrow(/scores\[1\]: must have 2 values/);
    expect(refused({ scores: [[]] })).toThrow(/scores\[0\]: is empty/);
    const large = Array.from({ length: 300 }, () => new Array<number>(100).fill(1));
    expect(refused({ scores: large }, { resamples: 100_000 })).toThrow(/resamples.*300 × 100.*at most 66666/);
    expect(refused({ scores }, { resamples: 10 })).toThrow(/options\.resamples/);
  });
});

it("refuses resamples that would be drawn and sorted for minutes", () => {
  const scores = Array.from({ length: 2_000 }, (_, at) => at);
  const refused = (test: string, input: object, resamples: number) => () =>
    runStatisticalTest(test, { input, options: { resamples } });
  expect(refused("almost_stochastic_order", { x: scores, y: scores }, 100_000)).toThrow(
    /resamples.*2000 and 2000 scores.*at most 25000/,
  );
  expect(refused("stratified_bootstrap_iqm", { tasks: [scores, scores] }, 100_000)).toThrow(
    /resamples.*4000 scores.*at most 25000/,
  );
  const many = Array<number>(600_000).fill(1);
  expect(refused("almost_stochastic_order", { x: many, y: many }, 100)).toThrow(/at most 1000000 values/);
});
