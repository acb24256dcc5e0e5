import { invalidInput } from "../errors.js";
import { because, type Interval } from "../means/t-tests.js";
import { tQuantile } from "../numerics/distributions.js";

/**
 * The standard deviations (n - 1) that n values with range R can have: R / √(2(n - 1)) when all but two sit in the middle,
 * up to (R/2) √(n / (n - 1)) when half sit at each end. The upper bound is reached for even n and conservative for odd n.
 */
export function sdBoundsFromRange(range: number, n: number): Interval {
  if (!(range >= 0)) throw invalidInput("range", range, "must be max - min", "Use a number from 0.");
  if (!(Number.isInteger(n) && n >= 2))
    throw invalidInput("n", n, "must be a number of values", "Use a whole number from 2.");
  return [range / Math.sqrt(2 * (n - 1)), (range / 2) * Math.sqrt(n / (n - 1))];
}

export type TBounds = {
  absTMin: number;
  absTMax: number;
  critical: number;
  /** Whatever the unprinted SD was, a one-sample t-test "must" or "cannot" have been significant, or is "undetermined". */
  verdict: "must" | "cannot" | "undetermined";
  reason?: string;
};

/**
 * Bounds of |t| of a one-sample t-test when a table prints mean and range but no SD. Two-sided, `alpha` 0.05 when absent.
 * Source: extreme configurations of n points in an interval (Popoviciu's inequality for the upper SD).
 */
export function tBoundsFromRange(
  given: { mean: number; range: number; n: number; mu: number },
  alpha = 0.05,
): TBounds {
  const [sdMin, sdMax] = sdBoundsFromRange(given.range, given.n);
  const difference = Math.abs(given.mean - given.mu);
  const absTMin = difference / (sdMax / Math.sqrt(given.n));
  const absTMax = difference / (sdMin / Math.sqrt(given.n));
  const critical = tQuantile(1 - alpha / 2, given.n - 1);
  const verdict = absTMin > critical ? "must" : absTMax < critical ? "cannot" : "undetermined";
  const reason = given.range === 0 ? "The range is 0: without spread t is undefined." : undefined;
  return { absTMin, absTMax, critical, verdict, ...because(reason) };
}

export type AccuracyConsistency = {
  /** 100 (π sensitivity + (1 - π) specificity), %. */
  impliedAccuracyPct: number;
  /** Printed minus implied accuracy, percentage points. */
  differencePct: number;
  consistent: boolean;
  /** The prevalence that would reconcile the three printed numbers; outside 0..1 none does. */
  impliedPrevalence: number;
  reason?: string;
};

/**
 * Do a printed accuracy, sensitivity and specificity fit together at the given prevalence of the positive class?
 * Accuracy in %, rates 0..1. The default tolerance of 0.15 points covers three decimals of rounding in each number.
 */
export function accuracyConsistency(
  printed: { accuracyPct: number; sensitivity: number; specificity: number },
  { prevalence = 0.5, tolerancePct = 0.15 }: { prevalence?: number; tolerancePct?: number } = {},
): AccuracyConsistency {
  if (!(prevalence >= 0 && prevalence <= 1)) {
    throw invalidInput(
      "prevalence",
      prevalence,
      "must be a share",
      "Use the positive cases over all cases, 0 to 1.",
    );
  }
  const { accuracyPct, sensitivity, specificity } = printed;
  const impliedAccuracyPct = 100 * (prevalence * sensitivity + (1 - prevalence) * specificity);
  const differencePct = accuracyPct - impliedAccuracyPct;
  const reason = Number.isNaN(differencePct) ? "A printed number is NaN: nothing to compare." : undefined;
  return {
    impliedAccuracyPct,
    differencePct,
    consistent: Math.abs(differencePct) <= tolerancePct,
    impliedPrevalence: (accuracyPct / 100 - specificity) / (sensitivity - specificity),
    ...because(reason),
  };
}

/**
 * The relative changes (a - b) / b in % that two printed numbers allow, each known to half a unit of its last decimal.
 * A printed change outside this interval (widened by its own rounding) cannot come from the printed numbers.
 */
export function relativeChangeBounds(a: number, b: number, decimals: number): Interval {
  const half = 0.5 * 10 ** -decimals;
  if (!(b - half > 0))
    throw invalidInput("b", b, "must be positive beyond its rounding", "Relative changes need a base.");
  const changes = [a - half, a + half].flatMap((high) =>
    [b - half, b + half].map((base) => (100 * (high - base)) / base),
  );
  return [Math.min(...changes), Math.max(...changes)];
}
