import { invalidInput } from "../errors.js";
import { type Alternative, tQuantile } from "../numerics/distributions.js";
import { noncentralTCdf, noncentralTUpperTail } from "../numerics/noncentral-t.js";
import { findRoot } from "../numerics/roots.js";
import { because } from "./t-tests.js";

export type PowerOptions = {
  /** Level of the test; 0.05 when absent. */
  alpha?: number | undefined;
  alternative?: Alternative | undefined;
};

/**
 * Power of the one-sample or paired t-test for a standardised effect (mean / SD of the differences): noncentral t with
 * δ = d √n. For planning only: "observed power" repeats the p-value. Source: Cohen (1988); statsmodels TTestPower.
 */
export function powerOneSampleT(effectSize: number, n: number, options: PowerOptions = {}): number {
  return tPower(effectSize * Math.sqrt(n), n - 1, options);
}

/**
 * Power of Student's two-sample t-test with `nPerGroup` in the first group and ratio * nPerGroup in the second.
 * Source: statsmodels TTestIndPower.
 */
export function powerTwoSampleT(
  effectSize: number,
  nPerGroup: number,
  { ratio = 1, ...options }: PowerOptions & { ratio?: number | undefined } = {},
): number {
  const second = nPerGroup * ratio;
  return tPower(
    effectSize * Math.sqrt((nPerGroup * second) / (nPerGroup + second)),
    nPerGroup + second - 2,
    options,
  );
}

export type SampleSize = {
  /** The real number at which the power is reached exactly. */
  nExact: number;
  /** Rounded up, per group; the smallest number of runs that has the power. */
  n: number;
  reason?: string;
};

/** Values per group for a two-sample t-test of the given power. Source: statsmodels TTestIndPower.solve_power. */
export function sampleSizeTwoSampleT(
  effectSize: number,
  power: number,
  options: PowerOptions & { ratio?: number | undefined } = {},
): SampleSize {
  const { ratio = 1 } = options;
  return solveSize({ effectSize, power, smallest: 2 / (1 + ratio), options }, (n) =>
    powerTwoSampleT(effectSize, n, options),
  );
}

/** Pairs (or values) for a one-sample or paired t-test of the given power. Source: statsmodels TTestPower.solve_power. */
export function sampleSizeOneSampleT(
  effectSize: number,
  power: number,
  options: PowerOptions = {},
): SampleSize {
  return solveSize({ effectSize, power, smallest: 1, options }, (n) =>
    powerOneSampleT(effectSize, n, options),
  );
}

/** The smallest standardised effect a two-sample t-test with n per group finds with the given power (two-sided). */
export function minimumDetectableEffect(nPerGroup: number, power = 0.8, options: PowerOptions = {}): number {
  requireProbability("power", power);
  if (power <= (options.alpha ?? 0.05)) return 0;
  let high = 4;
  while (powerTwoSampleT(high, nPerGroup, options) < power) high *= 2;
  return findRoot((effect) => powerTwoSampleT(effect, nPerGroup, options) - power, 0, high, 1e-10);
}

/** The smallest mean difference, in SDs of the differences, that a paired t-test of n pairs finds with the given power (two-sided). */
export function minimumDetectablePairedEffect(
  pairs: number,
  power = 0.8,
  options: PowerOptions = {},
): number {
  requireProbability("power", power);
  if (power <= (options.alpha ?? 0.05)) return 0;
  let high = 4;
  while (powerOneSampleT(high, pairs, options) < power) high *= 2;
  return findRoot((effect) => powerOneSampleT(effect, pairs, options) - power, 0, high, 1e-10);
}

function tPower(
  delta: number,
  df: number,
  { alpha = 0.05, alternative = "two-sided" }: PowerOptions,
): number {
  requireProbability("alpha", alpha);
  if (!(df > 0)) return Number.NaN;
  if (alternative === "greater") return noncentralTUpperTail(-tQuantile(alpha, df), df, delta);
  if (alternative === "less") return noncentralTCdf(tQuantile(alpha, df), df, delta);
  const critical = -tQuantile(alpha / 2, df);
  return noncentralTUpperTail(critical, df, delta) + noncentralTCdf(-critical, df, delta);
}

function solveSize(
  given: { effectSize: number; power: number; smallest: number; options: PowerOptions },
  powerAt: (n: number) => number,
): SampleSize {
  const { effectSize, power, smallest, options } = given;
  requireProbability("power", power);
  const { alpha = 0.05, alternative = "two-sided" } = options;
  const wrongWay =
    (alternative === "greater" && effectSize <= 0) || (alternative === "less" && effectSize >= 0);
  if (power > alpha && (effectSize === 0 || wrongWay)) {
    const infinite = Number.POSITIVE_INFINITY;
    return {
      nExact: infinite,
      n: infinite,
      reason: "No sample is large enough to show an effect of 0 or of the other sign.",
    };
  }
  if (Number.isNaN(effectSize)) return { nExact: Number.NaN, n: Number.NaN, reason: "effectSize is NaN." };
  const low = smallest * (1 + 1e-9) + 1e-9;
  if (powerAt(low) >= power) {
    return {
      nExact: low,
      n: Math.max(2, Math.ceil(low)),
      ...because("The smallest possible sample already has this power."),
    };
  }
  let high = Math.max(4, low * 2);
  while (powerAt(high) < power && high < 1e15) high *= 2;
  if (powerAt(high) < power) {
    const infinite = Number.POSITIVE_INFINITY;
    return { nExact: infinite, n: infinite, reason: "More than 1e15 values would be needed." };
  }
  const nExact = findRoot((n) => powerAt(n) - power, low, high, 1e-12);
  return { nExact, n: Math.max(2, Math.ceil(nExact - 1e-9)) };
}

function requireProbability(field: string, value: number): void {
  if (value > 0 && value < 1) return;
  throw invalidInput(field, value, "must lie between 0 and 1", "Write 80 % as 0.8.");
}
