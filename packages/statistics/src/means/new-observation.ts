import { invalidInput } from "../errors.js";
import { tCdf, tQuantile } from "../numerics/distributions.js";
import { noncentralTCdf, noncentralTUpperTail } from "../numerics/noncentral-t.js";
import { findRoot } from "../numerics/roots.js";
import { mean, standardDeviation } from "../summary.js";
import {
  because,
  type Interval,
  nonFiniteReasonOf,
  requireConfidence,
  requireSummary,
  type SummaryInput,
  summaryReason,
  type TTestOptions,
  type TTestResult,
  tFromDifference,
} from "./t-tests.js";

export interface NewObservationTResult extends TTestResult {
  /** Where one more draw from the population of the sample falls with the given confidence. */
  predictionInterval: Interval;
}

/**
 * Is one new observation d an ordinary draw from the population of a sample? t = (d - x̄) / (s √(1 + 1/n)), df = n - 1.
 *
 * The default for one deterministic run against n free ones: unlike a one-sample t against d it keeps its level, because
 * the error of d is counted. Needs near-normal repeats; little power below n = 5 (see {@link minimumDetectableShift}).
 * Source: Crawford & Howell (1998); prediction interval: Hahn & Meeker (1991).
 */
export function newObservationT(
  sample: SummaryInput,
  observation: number,
  options: TTestOptions = {},
): NewObservationTResult {
  requireSummary(sample);
  const { mean: centre, sd, n } = sample;
  const difference = observation - centre;
  const { interval, ...test } = tFromDifference(
    { difference, se: sd * Math.sqrt(1 + 1 / n), df: n - 1 },
    options,
  );
  const half = interval[1] - difference;
  return {
    ...test,
    predictionInterval: [centre - half, centre + half],
    ...because(summaryReason(sample, difference) ?? nonFiniteReasonOf("observation", observation)),
  };
}

/** {@link newObservationT} from the values of the sample. */
export function newObservationTFromSample(
  x: ArrayLike<number>,
  observation: number,
  options: TTestOptions = {},
): NewObservationTResult {
  return newObservationT({ mean: mean(x), sd: standardDeviation(x), n: x.length }, observation, options);
}

/** x̄ ± t s √(1 + 1/n): where one more draw falls. Wider than the interval of the mean by √(n + 1). */
export function predictionInterval(x: ArrayLike<number>, confidence = 0.95): Interval {
  return newObservationTFromSample(x, mean(x), { confidence }).predictionInterval;
}

/**
 * How often the two-sided one-sample t-test of n repeats against one further draw rejects although that draw is like the
 * others: 2 P(T < -t(1 - α/2) / √(n + 1)), df = n - 1. Exact for normal data: 51.2, 60.0, 65.3 % at n = 10, 15, 20,
 * and it tends to 100 %, because the test treats the draw as if it had no error.
 */
export function falsePositiveRateOfOneSampleT(n: number, alpha = 0.05): number {
  requireRepeats(n);
  return 2 * tCdf(tQuantile(alpha / 2, n - 1) / Math.sqrt(n + 1), n - 1);
}

/** Power of the two-sided {@link newObservationT} for an observation shifted by `shift` standard deviations. */
export function powerNewObservationT(shift: number, n: number, alpha = 0.05): number {
  requireRepeats(n);
  const critical = tQuantile(1 - alpha / 2, n - 1);
  const delta = shift / Math.sqrt(1 + 1 / n);
  return noncentralTUpperTail(critical, n - 1, delta) + noncentralTCdf(-critical, n - 1, delta);
}

/**
 * The shift, in standard deviations of the repeats, that {@link newObservationT} finds with the given power (two-sided):
 * 4.1, 3.3, 3.0 SD for 80 % at n = 5, 10, 20. Multiply by the SD to get percentage points.
 */
export function minimumDetectableShift(n: number, power = 0.8, alpha = 0.05): number {
  requireRepeats(n);
  requireConfidence(power);
  if (power <= alpha) return 0;
  let high = 8;
  while (powerNewObservationT(high, n, alpha) < power) high *= 2;
  return findRoot((shift) => powerNewObservationT(shift, n, alpha) - power, 0, high, 1e-10);
}

function requireRepeats(n: number): void {
  if (Number.isInteger(n) && n >= 2) return;
  throw invalidInput("n", n, "must be a number of repeats", "Use a whole number from 2.");
}
