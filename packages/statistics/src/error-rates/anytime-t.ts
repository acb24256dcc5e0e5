import { invalidInput } from "../errors.js";
import { degenerateReason, type Interval, sampleReason } from "../means/t-tests.js";
import { allEqual, mean, meanFrom, standardDeviation } from "../summary.js";

export type AnytimeOptions = {
  /** The mean under the null hypothesis, in the unit of the data. */
  mu?: number;
  /** Error over all looks together. */
  alpha?: number;
  /** Variance of the normal prior of the effect size (mean − mu in SDs); fixed before the first look. */
  effectVariance?: number;
};

export type AnytimeTResult = {
  n: number;
  mean: number;
  sd: number;
  /** Evidence against mean = mu: reject where it reaches 1/alpha, at whatever look. */
  eValue: number;
  /** (1 − alpha) confidence sequence at this n: holds the mean at all n together. */
  interval: Interval;
  /** Both ends at one-sided error alpha each, again over all n: what equivalence is read from. */
  oneSided: Interval;
  reason?: string;
};

/** Effects of about two SDs between seeds: at this prior the interval is narrowest at five to six values, where few seeds decide. */
export const defaultEffectVariance = 4;

/** Smallest half width, in standard errors, at which the e-value reaches a threshold; infinite while n is too small. */
function reach(n: number, effectVariance: number, threshold: number): number {
  const shrink = 1 + n * effectVariance;
  const ratio = Math.exp((2 / n) * (Math.log(threshold) + Math.log(shrink) / 2));
  if (n < 2 || ratio >= shrink) return Number.POSITIVE_INFINITY;
  return Math.sqrt(((n - 1) * (ratio - 1)) / (1 - ratio / shrink));
}

/**
 * The e-value of t, for the two-sided alternative whose effect size is N(0, g), with the right Haar prior on the SD:
 * (1 + ng)^(−1/2) ((1 + t²/ν) / (1 + t²/(ν(1 + ng))))^(n/2), ν = n − 1.
 */
function eValueOf(t: number, n: number, g: number): number {
  const shrink = 1 + n * g;
  const w = (t * t) / (n - 1);
  const ratio = w === Number.POSITIVE_INFINITY ? Math.log(shrink) : Math.log1p(w) - Math.log1p(w / shrink);
  return Math.exp((n * ratio - Math.log(shrink)) / 2);
}

/** |t| at which the two-sided e-value at `n` reaches 1/alpha; Infinity where no t is large enough. */
export function anytimeCriticalT(n: number, alpha = 0.05, effectVariance = defaultEffectVariance): number {
  return reach(n, effectVariance, 1 / alpha);
}

/** t at which one side's e-value is certain to reach 1/alpha. */
export function anytimeOneSidedT(n: number, alpha = 0.05, effectVariance = defaultEffectVariance): number {
  // E = (E₊ + E₋)/2, and at t ≥ 0 a likelihood ratio for effects below 0 is at most its value at t = 0,
  // (1 + ng)^(−1/2) on average: E₊ ≥ 2E − (1 + ng)^(−1/2).
  return reach(n, effectVariance, (1 / alpha + 1 / Math.sqrt(1 + n * effectVariance)) / 2);
}

/**
 * Anytime-valid one-sample t: e-value and confidence sequence of a mean whose variance is not known, for data that come one
 * by one. Whoever stops at any look, for any reason, is wrong with probability at most alpha over all looks together.
 *
 * Assumption: independent draws of one normal distribution. It is exact there for every SD, because the likelihood ratio of the
 * scale-invariant statistic t is used. At the default prior and alpha no result of fewer than 4 values is enough.
 *
 * Sources: Howard, Ramdas, McAuliffe & Sekhon (2021), Annals of Statistics 49 (confidence sequences); Grünwald, de Heide &
 * Koolen (2024), JRSS B 86 (e-values, right Haar prior); Wang & Ramdas (2025), "Anytime-valid t-tests and confidence sequences
 * for Gaussian means with unknown variance" (Gaussian mixture); Gönen et al. (2005), The American Statistician 59 (its closed form).
 */
export function anytimeT(
  x: ArrayLike<number>,
  { mu = 0, alpha = 0.05, effectVariance = defaultEffectVariance }: AnytimeOptions = {},
): AnytimeTResult {
  if (!(alpha > 0 && alpha < 0.5))
    throw invalidInput("alpha", alpha, "must lie between 0 and 0.5", "Use 0.05.");
  if (!(effectVariance > 0))
    throw invalidInput(
      "effectVariance",
      effectVariance,
      "must be above 0",
      "Use 4, or the variance of effect sizes that you expect.",
    );
  const n = x.length;
  const difference = meanFrom(x, mu);
  const constant =
    n > 1 && allEqual(x) ? degenerateReason("All values of x are equal", difference) : undefined;
  const reason = sampleReason("x", x) ?? constant;
  const [centre, sd] = [mean(x), standardDeviation(x)];
  if (reason !== undefined) {
    const open: Interval = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    return { n, mean: centre, sd, eValue: 1, interval: open, oneSided: open, reason };
  }
  const se = sd / Math.sqrt(n);
  const around = (t: number): Interval => [centre - t * se, centre + t * se];
  return {
    n,
    mean: centre,
    sd,
    eValue: eValueOf(difference / se, n, effectVariance),
    interval: around(anytimeCriticalT(n, alpha, effectVariance)),
    oneSided: around(anytimeOneSidedT(n, alpha, effectVariance)),
  };
}
