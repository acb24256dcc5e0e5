import { describe, expect, it } from "vitest";
import {
  falsePositiveRateOfOneSampleT,
  minimumDetectableShift,
  newObservationT,
  newObservationTFromSample,
  powerNewObservationT,
  predictionInterval,
} from "./new-observation.js";
import { meanInterval } from "./t-tests.js";

describe("the one-sample t-test against one further draw", () => {
  it.each([
    [10, 0.512],
    [15, 0.6],
    [20, 0.653],
  ])("rejects an ordinary draw far too often: n = %i", (n, rate) => {
    expect(falsePositiveRateOfOneSampleT(n)).toBeCloseTo(rate, 3);
  });

  it("tends to certainty", () => {
    expect(falsePositiveRateOfOneSampleT(100_000)).toBeGreaterThan(0.99);
    expect(falsePositiveRateOfOneSampleT(2, 0.01)).toBeLessThan(falsePositiveRateOfOneSampleT(2, 0.05));
    expect(() => falsePositiveRateOfOneSampleT(1)).toThrow(/whole number from 2/);
  });
});

describe("the minimum detectable shift", () => {
  it.each([
    [5, 4.1],
    [10, 3.3],
    [20, 3.0],
  ])("of the new-observation test at n = %i is %f SD for 80 %%", (n, shift) => {
    expect(minimumDetectableShift(n)).toBeCloseTo(shift, 1);
    expect(powerNewObservationT(minimumDetectableShift(n), n)).toBeCloseTo(0.8, 8);
  });

  it("is 0 for a power the test has by chance", () => {
    expect(minimumDetectableShift(10, 0.05)).toBe(0);
    expect(powerNewObservationT(0, 10)).toBeCloseTo(0.05, 12);
  });
});

describe("the prediction interval", () => {
  const x = [0.78, 0.781, 0.779, 0.784, 0.78];

  it("holds exactly the observations that the test does not reject", () => {
    const [low, high] = predictionInterval(x);
    expect(newObservationTFromSample(x, low).pvalue).toBeCloseTo(0.05, 10);
    expect(newObservationTFromSample(x, high).pvalue).toBeCloseTo(0.05, 10);
  });

  it("is √(n + 1) times as wide as the interval of the mean", () => {
    const width = ([low, high]: [number, number]) => high - low;
    expect(width(predictionInterval(x)) / width(meanInterval(x))).toBeCloseTo(Math.sqrt(6), 12);
  });

  it("needs a summary that can exist", () => {
    expect(() => newObservationT({ mean: 1, sd: -1, n: 5 }, 1)).toThrow(/sd: cannot be negative/);
    expect(() => newObservationT({ mean: 1, sd: 1, n: 5.5 }, 1)).toThrow(/n: must be a number of values/);
    expect(() => newObservationT({ mean: 1, sd: 1, n: 5 }, 1, { confidence: 95 })).toThrow(/0.95/);
  });
});
