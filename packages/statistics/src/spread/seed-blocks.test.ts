import { describe, expect, it } from "vitest";
import { minimumDetectableShift, newObservationTFromSample } from "../means/new-observation.js";
import { studentT } from "../means/t-tests.js";
import { fQuantile, fUpperTail } from "../numerics/distributions.js";
import {
  minimumDetectablePooledShift,
  minimumDetectableSeedRatio,
  pooledDispersion,
  pooledMeanShift,
} from "./seed-blocks.js";

const one = { reference: [0.78, 0.781, 0.779, 0.784, 0.78], treated: [0.79] };

describe("a shift pooled over seeds", () => {
  it("is the new-observation test for one seed", () => {
    const pooled = pooledMeanShift([one]);
    const single = newObservationTFromSample(one.reference, 0.79);
    expect(pooled.statistic).toBeCloseTo(single.statistic, 12);
    expect(pooled.pvalue).toBeCloseTo(single.pvalue, 12);
    expect(pooled.df).toBe(4);
  });

  it("is Student's t for one seed with two arms of repeats", () => {
    const treated = [0.79, 0.785, 0.781];
    const pooled = pooledMeanShift([{ reference: one.reference, treated }]);
    expect(pooled.pvalue).toBeCloseTo(studentT(treated, one.reference).pvalue, 12);
  });

  it("averages the shifts with the pooled error", () => {
    // Two seeds with repeats of variance 1 and 3 (three each): s² = 2, se = √(2 · 2 (1 + 1/3)) / 2, df = 4.
    const blocks = [
      { reference: [9, 10, 11], treated: [12] },
      { reference: [18, 21, 21], treated: [24] },
    ];
    const { meanShift, statistic, df, pooledSd, perSeed, newSeeds } = pooledMeanShift(blocks);
    expect(perSeed).toEqual([2, 4]);
    expect(meanShift).toBe(3);
    expect(pooledSd).toBeCloseTo(Math.SQRT2, 14);
    expect(df).toBe(4);
    expect(statistic).toBeCloseTo(3 / (Math.sqrt((2 * 2 * 4) / 3) / 2), 12);
    expect(newSeeds.statistic).toBeCloseTo(3, 12);
  });

  it("counts bit-identical deterministic repeats once", () => {
    expect(pooledMeanShift([{ ...one, treated: [0.79, 0.79, 0.79] }])).toEqual(pooledMeanShift([one]));
  });

  it("says when repeats do not vary, and refuses seeds without repeats", () => {
    expect(pooledMeanShift([{ reference: [1, 1], treated: [2] }])).toMatchObject({
      pvalue: 0,
      reason: expect.stringMatching(/do not vary/),
    });
    expect(() => pooledMeanShift([])).toThrow(/blocks/);
    expect(() => pooledMeanShift([{ reference: [1], treated: [2] }])).toThrow(/blocks\[0\]\.reference/);
  });

  it("detects smaller shifts with more seeds", () => {
    expect(minimumDetectablePooledShift(1, 10)).toBeCloseTo(minimumDetectableShift(10), 8);
    expect(minimumDetectablePooledShift(10, 10)).toBeLessThan(minimumDetectableShift(10) / 3);
  });
});

describe("an SD between seeds that is found", () => {
  it("is the one whose F-test has the power", () => {
    for (const [seeds, repeats] of [
      [3, 2],
      [5, 3],
      [10, 5],
    ] as const) {
      const ratio = minimumDetectableSeedRatio(seeds, repeats);
      const df = [seeds - 1, seeds * (repeats - 1)] as const;
      expect(fUpperTail(fQuantile(0.95, ...df) / (1 + repeats * ratio ** 2), ...df)).toBeCloseTo(0.8, 9);
    }
    expect(minimumDetectableSeedRatio(10, 5)).toBeLessThan(1);
    expect(minimumDetectableSeedRatio(3, 2)).toBeGreaterThan(4);
    expect(() => minimumDetectableSeedRatio(1, 5)).toThrow(/number of seeds/);
  });
});

describe("dispersion of deterministic results", () => {
  it("is the squared new-observation t for one seed", () => {
    const { statistic, pvalue, df } = pooledDispersion([one]);
    const single = newObservationTFromSample(one.reference, 0.79);
    expect(statistic).toBeCloseTo(single.statistic ** 2, 9);
    expect(pvalue).toBeCloseTo(single.pvalue, 12);
    expect(df).toEqual([1, 4]);
  });

  it("sees opposite shifts that cancel in the mean", () => {
    const blocks = [
      { reference: [9, 10, 11, 10], treated: [16] },
      { reference: [19, 20, 21, 20], treated: [14] },
    ];
    expect(pooledMeanShift(blocks).pvalue).toBe(1);
    expect(pooledDispersion(blocks).pvalue).toBeLessThan(0.001);
  });

  it("wants one deterministic value per seed", () => {
    expect(() => pooledDispersion([{ reference: [1, 2], treated: [1, 2] }])).toThrow(
      /treated: must be one value/,
    );
  });
});
