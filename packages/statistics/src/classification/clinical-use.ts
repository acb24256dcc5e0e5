import { invalidInput } from "../errors.js";
import type { Interval } from "../means/t-tests.js";
import { normalQuantile } from "../numerics/distributions.js";

/**
 * Net benefit of treating whoever scores at least `threshold`, per case: true positives − false positives × odds of the threshold,
 * both as shares of all cases. Treating nobody has 0, treating all prevalence − (1 − prevalence) × odds. `labels` are 1 and 0.
 * O((n + m) log n) for m thresholds. Source: Vickers & Elkin (2006), Medical Decision Making 26:565–574. Checked against dcurves.
 */
export function netBenefit(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  thresholds: readonly number[],
): { model: number[]; all: number[] } {
  if (labels.length !== scores.length)
    throw invalidInput(
      "scores",
      scores.length,
      `must have ${labels.length} values, one per label`,
      "Pair them.",
    );
  const values = Float64Array.from(scores);
  const positives = values.filter((_, i) => labels[i] === 1).sort();
  const negatives = values.filter((_, i) => labels[i] !== 1).sort();
  const n = labels.length;
  const benefit = (truePositives: number, falsePositives: number, threshold: number) =>
    truePositives / n - (falsePositives / n) * (threshold / (1 - threshold));
  return {
    model: thresholds.map((t) => benefit(atLeast(positives, t), atLeast(negatives, t), t)),
    all: thresholds.map((t) => benefit(positives.length, negatives.length, t)),
  };
}

/** How many of ascending values are at least this large. */
function atLeast(ascending: Float64Array, value: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] ?? 0) >= value) to = middle;
    else from = middle + 1;
  }
  return ascending.length - from;
}

/** A rate with the number of independent cases that would leave as much open. */
export type EffectiveRate = { estimate: number; cases: number };

export type PredictiveValues = { ppv: number; npv: number; ppvInterval: Interval; npvInterval: Interval };

/**
 * Positive and negative predictive value at a stated prevalence, from sensitivity and specificity, with intervals on the logit scale.
 * At a rate of 0 or 1 the intervals use the adjusted rate (k + z²/2)/(n + z²). Sensitivity and specificity count as independent of each
 * other. Source: Mercaldo, Lau & Zhou (2007), Statistics in Medicine 26:2170–2183.
 */
export function predictiveValues(
  sensitivity: EffectiveRate,
  specificity: EffectiveRate,
  prevalence: number,
  { confidence = 0.95 }: { confidence?: number } = {},
): PredictiveValues {
  if (!(prevalence > 0 && prevalence < 1))
    throw invalidInput("prevalence", prevalence, "must lie between 0 and 1", "2 % is 0.02.");
  const z = normalQuantile((1 + confidence) / 2);
  const odds = prevalence / (1 - prevalence);
  const share = (ratio: number) => (ratio === Number.POSITIVE_INFINITY ? 1 : ratio / (1 + ratio));
  const adjusted = ({ estimate, cases }: EffectiveRate): EffectiveRate =>
    estimate > 0 && estimate < 1
      ? { estimate, cases }
      : { estimate: (estimate * cases + z ** 2 / 2) / (cases + z ** 2), cases: cases + z ** 2 };
  const [se, sp] = [adjusted(sensitivity), adjusted(specificity)];
  const relative = ({ estimate, cases }: EffectiveRate) => (1 - estimate) / (estimate * cases);
  const missed = ({ estimate, cases }: EffectiveRate) => estimate / ((1 - estimate) * cases);
  const around = (ratio: number, variance: number): Interval => {
    const half = z * Math.sqrt(variance);
    return [share(ratio * Math.exp(-half)), share(ratio * Math.exp(half))];
  };
  return {
    ppv: share((sensitivity.estimate * odds) / (1 - specificity.estimate)),
    npv: share(specificity.estimate / (odds * (1 - sensitivity.estimate))),
    ppvInterval: around((se.estimate * odds) / (1 - sp.estimate), relative(se) + missed(sp)),
    npvInterval: around(sp.estimate / (odds * (1 - se.estimate)), missed(se) + relative(sp)),
  };
}
