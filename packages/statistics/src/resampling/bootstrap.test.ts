import { describe, expect, it } from "vitest";
import { areaUnderRoc } from "../classification/roc.js";
import { createRandom } from "../numerics/random.js";
import { almostStochasticOrder, violationRatio } from "../ranks/stochastic-order.js";
import { interquartileMean, mean, standardDeviation } from "../summary.js";
import { bootstrap, clusterBootstrap, runsByCasesBootstrap, stratifiedIqmBootstrap } from "./bootstrap.js";
import { bootstrapIntervals } from "./bootstrap-intervals.js";

const random = createRandom(11);
const x = Array.from({ length: 40 }, () => 0.8 + 0.01 * random.normal());

describe("bootstrap", () => {
  it("repeats itself for a seed and records how", () => {
    const first = bootstrap(x, mean, { seed: 3, resamples: 500 });
    expect(bootstrap(x, mean, { seed: 3, resamples: 500 })).toEqual(first);
    expect(bootstrap(x, mean, { seed: 4, resamples: 500 }).interval).not.toEqual(first.interval);
    expect(first).toMatchObject({
      seed: 3,
      resamples: 500,
      undefinedResamples: 0,
      algorithm: "philox4x32-10",
    });
    expect(() => bootstrap(x, mean, { seed: -1 })).toThrow(/seed/);
  });

  it("finds the standard error of a mean", () => {
    const { standardError, estimate, interval } = bootstrap(x, mean, { seed: 1, resamples: 4000 });
    const expected = standardDeviation(x) * Math.sqrt((x.length - 1) / x.length / x.length);
    expect(Math.abs(standardError / expected - 1)).toBeLessThan(0.05);
    expect(interval[0]).toBeLessThan(estimate);
    expect(interval[1]).toBeGreaterThan(estimate);
  });

  it("takes the interval from a given distribution", () => {
    const distribution = Array.from({ length: 101 }, (_, i) => i / 100);
    const { percentile, bca, reason } = bootstrapIntervals([0.2, 0.5, 0.8], distribution, {
      confidence: 0.9,
    });
    expect(percentile[0]).toBeCloseTo(0.05, 12);
    expect(percentile[1]).toBeCloseTo(0.95, 12);
    // The estimate sits in the middle and the sample is symmetric: nothing to correct.
    expect(bca[0]).toBeCloseTo(0.05, 12);
    expect(reason).toBeUndefined();
  });

  it("keeps tasks together in the stratified interquartile mean", () => {
    // Redrawing within constant tasks changes nothing; redrawing across them would.
    const constant = [
      [1, 1, 1],
      [5, 5, 5],
      [9, 9, 9],
      [2, 2, 2],
    ];
    const { estimate, interval, standardError } = stratifiedIqmBootstrap(constant, {
      seed: 1,
      resamples: 200,
    });
    expect(estimate).toBe(interquartileMean(constant.flat()));
    expect(interval).toEqual([estimate, estimate]);
    expect(standardError).toBe(0);
    expect(
      stratifiedIqmBootstrap(
        [
          [1, 2, 3],
          [5, 6, 7],
        ],
        { seed: 1, resamples: 200 },
      ).standardError,
    ).toBeGreaterThan(0);
  });

  it("draws clusters whole: copies within a cluster add no information", () => {
    const clusters = x.flatMap((_, i) => [i, i, i, i]);
    const copied = x.flatMap((value) => [value, value, value, value]);
    const statistic = (cases: readonly number[]) => mean(cases.map((i) => Number(copied[i])));
    const honest = clusterBootstrap(clusters, statistic, { seed: 5, resamples: 1000 });
    const naive = bootstrap(copied, mean, { seed: 5, resamples: 1000 });
    expect(honest.standardError / naive.standardError).toBeGreaterThan(1.8);
    expect(honest.standardError / naive.standardError).toBeLessThan(2.2);
  });

  it("redraws runs and cases independently", () => {
    // y[run][case] = run effect + case effect: the variance of the grand mean is the sum of both parts.
    const runs = x.slice(0, 20).map((v) => (v - 0.8) * 100);
    const cases = x.slice(20).map((v) => (v - 0.8) * 100);
    const statistic = (r: Uint32Array, c: Uint32Array) =>
      mean(Array.from(r, (i) => Number(runs[i]))) + mean(Array.from(c, (j) => Number(cases[j])));
    const { standardError } = runsByCasesBootstrap({ runs: 20, cases: 20 }, statistic, {
      seed: 9,
      resamples: 3000,
    });
    const part = (values: number[]) => (standardDeviation(values) ** 2 * 19) / 400;
    expect(Math.abs(standardError / Math.sqrt(part(runs) + part(cases)) - 1)).toBeLessThan(0.06);
  });

  it.each([
    [3, 60],
    [5, 40],
    [10, 30],
  ])("over %i runs and %i cases covers the mean of new runs and new cases", (runs, cases) => {
    // Percentiles of the same resamples cover 83 to 86 %.
    const draw = createRandom(20_260_101, runs);
    let covered = 0;
    for (let study = 0; study < 400; study++) {
      const hard = Array.from({ length: cases }, () => draw.normal());
      const scores = Array.from({ length: runs }, () => {
        const skill = 0.5 * draw.normal();
        return hard.map((h) => skill + h + draw.normal());
      });
      const meanOf = (rows: Uint32Array, columns: Uint32Array) => {
        let sum = 0;
        for (const row of rows) for (const column of columns) sum += Number(scores[row]?.[column]);
        return sum / rows.length / columns.length;
      };
      const { interval } = runsByCasesBootstrap({ runs, cases }, meanOf, { seed: study, resamples: 200 });
      if (interval[0] <= 0 && 0 <= interval[1]) covered += 1;
    }
    expect(covered / 400).toBeGreaterThan(0.93);
  });

  it("says how many resamples were undefined", () => {
    const labels = [1, 0, 0, 0, 0];
    const scores = [0.9, 0.1, 0.2, 0.3, 0.95];
    const statistic = (cases: readonly number[]) =>
      areaUnderRoc(
        cases.map((i) => Number(labels[i])),
        cases.map((i) => Number(scores[i])),
        1,
      );
    const result = clusterBootstrap([0, 1, 2, 3, 4], statistic, { seed: 1, resamples: 300 });
    // All five draws miss the positive case with probability 0.8^5 = 0.33.
    expect(result.undefinedResamples).toBeGreaterThan(60);
    expect(result.undefinedResamples).toBeLessThan(140);
    expect(result.interval.every(Number.isFinite)).toBe(true);
  });
});

describe("almost stochastic order", () => {
  it("integrates the quantile functions exactly", () => {
    expect(violationRatio(Float64Array.of(2, 3), Float64Array.of(1, 2))).toBe(0);
    expect(violationRatio(Float64Array.of(1, 2), Float64Array.of(2, 3))).toBe(1);
    expect(violationRatio(Float64Array.of(1, 2), Float64Array.of(1, 2))).toBe(0.5);
    // Steps at 1/3, 1/2, 2/3: gaps B - A are 1, 1, -2, -1 over lengths 1/3, 1/6, 1/6, 1/3.
    const ratio = violationRatio(Float64Array.of(0, 3), Float64Array.of(1, 1, 2));
    expect(ratio).toBeCloseTo((1 / 3 + 1 / 6) / (1 / 3 + 1 / 6 + 4 / 6 + 1 / 3), 14);
  });

  it("is 0 for a clear winner, 1 for a clear loser, undecided between equals", () => {
    const better = x.map((v) => v + 0.1);
    expect(almostStochasticOrder(better, x, { seed: 1, resamples: 200 }).epsilonMin).toBe(0);
    expect(almostStochasticOrder(x, better, { seed: 1, resamples: 200 }).epsilonMin).toBe(1);
    const equal = almostStochasticOrder(x, x, { seed: 1, resamples: 200 });
    expect(equal.violation).toBe(0.5);
    expect(equal.epsilonMin).toBeGreaterThan(0.5);
    expect(almostStochasticOrder([1, 2], [0, 1], { seed: 1, resamples: 10 }).reason).toMatch(/rough/);
  });
});
