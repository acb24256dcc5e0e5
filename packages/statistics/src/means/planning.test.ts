import { describe, expect, it } from "vitest";
import {
  chiSquareQuantile,
  chiSquareUpperTail,
  normalQuantile,
  normalUpperTail,
  tCdf,
  tUpperTail,
} from "../numerics/distributions.js";
import { incompleteGamma } from "../numerics/incomplete-gamma.js";
import {
  accuracyConsistency,
  relativeChangeBounds,
  sdBoundsFromRange,
} from "../reported/audit-arithmetic.js";
import { standardDeviationInterval } from "../spread/variance-tests.js";
import { standardDeviation, sum, summarize, trimmedMean } from "../summary.js";
import { hedgesCorrection } from "./effect-size.js";
import {
  minimumDetectableEffect,
  minimumDetectablePairedEffect,
  powerOneSampleT,
  powerTwoSampleT,
  sampleSizeOneSampleT,
  sampleSizeTwoSampleT,
} from "./power.js";

describe("planning", () => {
  it("finds the n whose power it asked for", () => {
    const { nExact, n } = sampleSizeTwoSampleT(0.5, 0.8);
    expect(powerTwoSampleT(0.5, nExact)).toBeCloseTo(0.8, 10);
    expect(powerTwoSampleT(0.5, n)).toBeGreaterThanOrEqual(0.8);
    expect(powerTwoSampleT(0.5, n - 1)).toBeLessThan(0.8);
    const paired = sampleSizeOneSampleT(0.5, 0.9, { alternative: "greater" });
    expect(powerOneSampleT(0.5, paired.nExact, { alternative: "greater" })).toBeCloseTo(0.9, 10);
  });

  it("finds the mean difference of pairs whose power it asked for", () => {
    // statsmodels 0.14, TTestPower().solve_power(nobs=10, alpha=0.05, power=0.8): 0.9962.
    expect(minimumDetectablePairedEffect(10)).toBeCloseTo(0.9962, 3);
    expect(powerOneSampleT(minimumDetectablePairedEffect(6, 0.9), 6)).toBeCloseTo(0.9, 9);
  });

  it("needs d_z of about 1.7 with five seeds", () => {
    expect(powerOneSampleT(1.7, 5)).toBeGreaterThan(0.78);
    expect(powerOneSampleT(1.7, 5)).toBeLessThan(0.83);
  });

  it("ends for absurd effects as well", () => {
    expect(powerOneSampleT(1e9, 20)).toBe(1);
    expect(powerOneSampleT(Number.POSITIVE_INFINITY, 20)).toBe(1);
    expect(powerOneSampleT(-1e9, 20, { alternative: "greater" })).toBe(0);
    expect(sampleSizeTwoSampleT(1e-9, 0.8)).toMatchObject({
      n: Number.POSITIVE_INFINITY,
      reason: expect.stringMatching(/1e15/),
    });
    // Normal theory, exact to 1e-12 here: Φ(1 - 1.96) + Φ(-1 - 1.96).
    expect(powerOneSampleT(1e-6, 1e12)).toBeCloseTo(0.17007504575, 10);
  });

  it("inverts power for the smallest detectable effect", () => {
    expect(powerTwoSampleT(minimumDetectableEffect(10), 10)).toBeCloseTo(0.8, 8);
    expect(() => minimumDetectableEffect(10, 80)).toThrow(/0.8/);
  });
});

describe("distributions far out", () => {
  it("keep tails that 1 - cdf would lose", () => {
    // scipy.stats: t.sf, norm.sf, chi2.sf
    expect(tUpperTail(60, 500) / 6.696770633632216e-231).toBeCloseTo(1, 10);
    expect(normalUpperTail(37) / 5.725571222524e-300).toBeCloseTo(1, 10);
    expect(chiSquareUpperTail(300, 1) / 3.2943623833139784e-67).toBeCloseTo(1, 10);
    expect(tCdf(-1e200, 1) * 1e200 * Math.PI).toBeCloseTo(1, 12); // Cauchy: 1/(π|t|)
    expect(normalQuantile(1e-300)).toBeCloseTo(-37.0470962993612, 10);
  });

  it("stay right for a million degrees of freedom", () => {
    // scipy 1.17: chi2.ppf, t.cdf, gammaincc, gammainc
    expect(chiSquareQuantile(0.5, 10_000)).toBeCloseTo(9999.333341235144, 6);
    expect(tCdf(-1.96, 1e6) / 0.024998033792634926).toBeCloseTo(1, 12);
    expect(incompleteGamma(5000, 5000, true) / 0.49811936596618267).toBeCloseTo(1, 12);
    expect(incompleteGamma(900, 800, false) / 0.00027591344090745125).toBeCloseTo(1, 11);
  });

  it("give Hedges' correction its two limits", () => {
    expect(hedgesCorrection(2)).toBeCloseTo(1 / Math.sqrt(Math.PI), 14);
    expect(hedgesCorrection(1e7)).toBeCloseTo(1 - 3 / (4e7 - 1), 14);
    expect(hedgesCorrection(1)).toBe(0);
  });
});

describe("summaries", () => {
  it("do not lose digits to offsets, lengths or extreme scales", () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2);
    expect(summarize([0.1, 0.1, 0.1])).toMatchObject({ mean: 0.1, sd: 0, range: 0, distinct: 1 });
    expect(standardDeviation([1e-200, 3e-200]) / (Math.SQRT2 * 1e-200)).toBeCloseTo(1, 14);
    expect(standardDeviation([1e200, 3e200]) / (Math.SQRT2 * 1e200)).toBeCloseTo(1, 14);
    const long = Array.from({ length: 1_000_000 }, (_, i) => 1e9 + (i % 2));
    expect(summarize(long)).toMatchObject({ n: 1_000_000, mean: 1e9 + 0.5, range: 1, distinct: 2 });
    expect(standardDeviation(long)).toBeCloseTo(0.5, 6);
  });

  it("trim by whole values and refuse to trim everything", () => {
    expect(trimmedMean([100, 1, 2, 3, -50], 0.2)).toBe(2);
    expect(() => trimmedMean([1, 2], 0.5)).toThrow(/below 0.5/);
    expect(summarize([]).mean).toBeNaN();
  });

  it("bracket a standard deviation", () => {
    // R: s * sqrt(df / qchisq(c(.975, .025), df)), df = 4
    const [low, high] = standardDeviationInterval([1, 2, 3, 4, 5]);
    const s = Math.sqrt(2.5);
    expect(low / s).toBeCloseTo(0.59913, 4);
    expect(high / s).toBeCloseTo(2.87359, 4);
  });
});

describe("audits", () => {
  it("bound the SD by the range, attained for even n", () => {
    const [low, high] = sdBoundsFromRange(2, 6);
    expect(standardDeviation([-1, -1, -1, 1, 1, 1])).toBeCloseTo(high, 14);
    expect(standardDeviation([-1, 0, 0, 0, 0, 1])).toBeCloseTo(low, 14);
  });

  it("allow a printed change only what rounding allows", () => {
    const [low, high] = relativeChangeBounds(92.57, 92.19, 2);
    const change = (100 * (92.57 - 92.19)) / 92.19;
    expect(low).toBeLessThan(change);
    expect(high).toBeGreaterThan(change);
    expect(high - low).toBeCloseTo((100 * 0.02) / 92.19, 4);
  });

  it("find the prevalence that would reconcile printed rates", () => {
    const { impliedPrevalence, consistent } = accuracyConsistency({
      accuracyPct: 80,
      sensitivity: 0.9,
      specificity: 0.7,
    });
    expect(impliedPrevalence).toBeCloseTo(0.5, 12);
    expect(consistent).toBe(true);
  });
});
