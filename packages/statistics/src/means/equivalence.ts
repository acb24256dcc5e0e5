import { invalidInput } from "../errors.js";
import { tCdf, tQuantile, tUpperTail } from "../numerics/distributions.js";
import { allEqual, meanFrom, nonFiniteReason, standardDeviation } from "../summary.js";
import {
  because,
  degenerateReason,
  type Interval,
  meanDifference,
  nonFiniteReasonOf,
  pairedDifferences,
  sampleReason,
  welchStandardError,
} from "./t-tests.js";

/** The equivalence margin, in the unit of the data; fixed before looking at results. */
export type Margin = {
  low: number;
  upp: number;
};

export type TostResult = {
  /** The larger of the two one-sided p-values. */
  pvalue: number;
  /** Against "the difference is at most low". */
  lower: { t: number; p: number };
  /** Against "the difference is at least upp". */
  upper: { t: number; p: number };
  df: number;
  difference: number;
  /** The (1 - 2 alpha) interval: equivalence is shown exactly when it lies inside the margin. */
  interval: Interval;
  equivalent: boolean;
  reason?: string;
};

/**
 * Two one-sided t-tests of equivalence for independent samples (Welch): the mean difference lies within (low, upp).
 *
 * Pitfalls: the margin must be fixed beforehand; a non-significant t-test is not equivalence; small samples can rarely
 * show it. `alpha` is 0.05 when absent. Source: Schuirmann (1987); statsmodels ttost_ind(usevar="unequal").
 */
export function tostWelch(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  margin: Margin,
  alpha = 0.05,
): TostResult {
  const difference = meanDifference(x, y);
  const constant =
    allEqual(x) && allEqual(y) ? degenerateReason("Both samples are constant", difference) : undefined;
  const reason = sampleReason("x", x) ?? sampleReason("y", y) ?? constant;
  return tost({ difference, ...welchStandardError(x, y) }, margin, alpha, reason);
}

/** TOST on paired differences x_i - y_i. Source: statsmodels ttost_paired. Throws when the lengths differ. */
export function tostPaired(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  margin: Margin,
  alpha = 0.05,
): TostResult {
  const result = tostOneSample(pairedDifferences(x, y), 0, margin, alpha);
  const reason =
    nonFiniteReason("x", x) ??
    nonFiniteReason("y", y) ??
    result.reason?.replace("values of x", "differences");
  return { ...result, ...because(reason) };
}

/** TOST of mean(x) - mu; the margin is relative to mu. Source: statsmodels DescrStatsW.ttost_mean. */
export function tostOneSample(x: ArrayLike<number>, mu: number, margin: Margin, alpha = 0.05): TostResult {
  const difference = meanFrom(x, mu);
  const se = standardDeviation(x) / Math.sqrt(x.length);
  const constant = allEqual(x) ? degenerateReason("All values of x are equal", difference) : undefined;
  const reason = sampleReason("x", x) ?? nonFiniteReasonOf("mu", mu) ?? constant;
  return tost({ difference, se, df: x.length - 1 }, margin, alpha, reason);
}

function tost(
  { difference, se, df }: { difference: number; se: number; df: number },
  { low, upp }: Margin,
  alpha: number,
  reason: string | undefined,
): TostResult {
  if (!(low < upp))
    throw invalidInput("low", low, `must be below upp = ${upp}`, "Give the margin as low < upp.");
  if (!(alpha > 0 && alpha < 0.5))
    throw invalidInput("alpha", alpha, "must lie between 0 and 0.5", "Use 0.05.");
  const lowerT = (difference - low) / se;
  const upperT = (difference - upp) / se;
  const lower = { t: lowerT, p: tUpperTail(lowerT, df) };
  const upper = { t: upperT, p: tCdf(upperT, df) };
  const pvalue = lower.p > upper.p || Number.isNaN(lower.p) ? lower.p : upper.p;
  const half = se === 0 ? 0 : tQuantile(1 - alpha, df) * se;
  return {
    pvalue,
    lower,
    upper,
    df,
    difference,
    interval: [difference - half, difference + half],
    equivalent: pvalue < alpha,
    ...because(reason),
  };
}
