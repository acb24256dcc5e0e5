import { invalidInput } from "../errors.js";
import { because, type Interval, requireConfidence, sampleReason } from "../means/t-tests.js";
import { chiSquareQuantile, fCdf, fUpperTail } from "../numerics/distributions.js";
import {
  allEqual,
  mean,
  median,
  nonFiniteReason,
  sorted,
  standardDeviation,
  trimmedMean,
} from "../summary.js";

export type LeveneCenter = "mean" | "median" | "trimmed";

export type LeveneResult = {
  statistic: number;
  pvalue: number;
  /** [groups - 1, values - groups]. */
  df: [number, number];
  reason?: string;
};

/**
 * Levene's test of equal spread: one-way F on |x - centre of its group|.
 *
 * With "median" it is the Brown-Forsythe test, the default for "is A noisier than B?", robust to non-normal data. "trimmed"
 * takes the deviations of all values from the mean of those that are left when `proportionToCut` (0.05 when absent) of a
 * group is cut from each of its ends. Pitfall: deterministic repeats have SD 0; there is nothing to test about them.
 * Source: Levene (1960), Brown & Forsythe (1974); scipy.stats.levene.
 */
export function levene(
  groups: ArrayLike<ArrayLike<number>>,
  { center = "median", proportionToCut = 0.05 }: { center?: LeveneCenter; proportionToCut?: number } = {},
): LeveneResult {
  if (groups.length < 2)
    throw invalidInput("groups", groups.length, "must hold at least two groups", "Add a group.");
  const used = Array.from(groups, (group) => Array.from(group));
  const deviations = used.map((group) => {
    const centre = centreOf(group, center, proportionToCut);
    return group.map((value) => Math.abs(value - centre));
  });
  const n = deviations.reduce((total, group) => total + group.length, 0);
  const df: [number, number] = [used.length - 1, n - used.length];
  const undefinedReason =
    used.map((group, i) => nonFiniteReason(`groups[${i}]`, group)).find((reason) => reason !== undefined) ??
    (used.some((group) => group.length === 0) ? "n too small: a group is empty." : undefined) ??
    (df[1] < 1 ? "n too small: every group has one value." : undefined);
  if (undefinedReason !== undefined)
    return { statistic: Number.NaN, pvalue: Number.NaN, df, reason: undefinedReason };

  const spreads = used.map(constantDeviation);
  if (spreads.every((spread) => spread !== undefined)) {
    const statistic = new Set(spreads).size === 1 ? Number.NaN : Number.POSITIVE_INFINITY;
    const reason =
      "Deviations do not vary within any group: F has the denominator 0, and a p-value from it is not a finding.";
    return { statistic, pvalue: fUpperTail(statistic, ...df), df, reason };
  }
  const grand = mean(deviations.flat());
  let between = 0;
  let within = 0;
  for (const group of deviations) {
    const centre = mean(group);
    between += group.length * (centre - grand) ** 2;
    for (const value of group) within += (value - centre) ** 2;
  }
  const statistic = between / df[0] / (within / df[1]);
  return { statistic, pvalue: fUpperTail(statistic, ...df), df };
}

/** The Brown-Forsythe test: {@link levene} around medians. */
export function brownForsythe(groups: ArrayLike<ArrayLike<number>>): LeveneResult {
  return levene(groups, { center: "median" });
}

/**
 * The |deviation| shared by all values of a group, if there is one: for constant groups 0, and for groups of two different
 * values in equal numbers half their distance (recognised here without rounding). Undefined otherwise.
 */
function constantDeviation(group: ArrayLike<number>): number | undefined {
  if (allEqual(group)) return 0;
  const ascending = sorted(group);
  const half = ascending.length / 2;
  if (!allEqual(ascending.subarray(0, half)) || !allEqual(ascending.subarray(half))) return undefined;
  return Number.isInteger(half) ? (Number(ascending[half]) - Number(ascending[0])) / 2 : undefined;
}

function centreOf(group: readonly number[], center: LeveneCenter, proportionToCut: number): number {
  if (center === "median") return median(group);
  if (center === "mean") return mean(group);
  if (!(proportionToCut >= 0 && proportionToCut < 0.5))
    throw invalidInput(
      "proportionToCut",
      proportionToCut,
      "must leave values over",
      "Use 0 or more, below 0.5.",
    );
  return trimmedMean(group, proportionToCut);
}

export type VarianceFTestResult = {
  statistic: number;
  pvalue: number;
  df: [number, number];
  reason?: string;
};

/**
 * F-test of equal variances: F = s_x² / s_y², two-sided p = 2 min(P(F' <= F), P(F' >= F)).
 * Pitfall: fragile; slightly non-normal data ruin its level. Prefer {@link brownForsythe}. Source: Snedecor & Cochran.
 */
export function varianceFTest(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { alternative = "two-sided" }: { alternative?: "two-sided" | "less" | "greater" } = {},
): VarianceFTestResult {
  const statistic = (standardDeviation(x) / standardDeviation(y)) ** 2;
  const df: [number, number] = [x.length - 1, y.length - 1];
  const lower = fCdf(statistic, ...df);
  const upper = fUpperTail(statistic, ...df);
  const twoSided = Number.isNaN(lower) ? lower : Math.min(1, 2 * Math.min(lower, upper));
  const pvalue = alternative === "less" ? lower : alternative === "greater" ? upper : twoSided;
  const constant =
    allEqual(x) || allEqual(y) ? "A sample is constant: the ratio of variances is not a finding." : undefined;
  return { statistic, pvalue, df, ...because(sampleReason("x", x) ?? sampleReason("y", y) ?? constant) };
}

/**
 * Interval of a standard deviation of normal data: s √((n - 1) / χ²). At n = 5 the 95 % interval reaches from 0.6 s to
 * 2.9 s. [0, 0] for constant data, NaN below two values.
 */
export function standardDeviationInterval(x: ArrayLike<number>, confidence = 0.95): Interval {
  requireConfidence(confidence);
  const s = standardDeviation(x);
  const df = x.length - 1;
  if (!(s > 0)) return [s, s];
  const bound = (p: number) => s * Math.sqrt(df / chiSquareQuantile(p, df));
  return [bound((1 + confidence) / 2), bound((1 - confidence) / 2)];
}
