/**
 * Distribution functions. Evaluation comes from stdlib; added here are upper tails that never subtract from 1 (so that
 * 1e-300 comes out as 1e-300) and quantiles that stay correct far out, where stdlib's give up.
 */
import betainc from "@stdlib/math-base-special-betainc";
import gammaln from "@stdlib/math-base-special-gammaln";
import stdlibBetaQuantile from "@stdlib/stats-base-dists-beta-quantile";
import stdlibBinomialCdf from "@stdlib/stats-base-dists-binomial-cdf";
import stdlibChiSquareQuantile from "@stdlib/stats-base-dists-chisquare-quantile";
import stdlibFQuantile from "@stdlib/stats-base-dists-f-quantile";
import stdlibNormalCdf from "@stdlib/stats-base-dists-normal-cdf";
import stdlibNormalQuantile from "@stdlib/stats-base-dists-normal-quantile";
import stdlibTCdf from "@stdlib/stats-base-dists-t-cdf";
import stdlibTQuantile from "@stdlib/stats-base-dists-t-quantile";
import { incompleteGamma } from "./incomplete-gamma.js";

/** The direction of the alternative hypothesis, for the statistic or difference as it is defined by the test. */
export type Alternative = "two-sided" | "less" | "greater";

const LOG_SQRT_TWO_PI = Math.log(2 * Math.PI) / 2;

/** P(Z <= z), standard normal. */
export function normalCdf(z: number): number {
  return stdlibNormalCdf(z, 0, 1);
}

/** P(Z > z), standard normal, as the lower tail at -z: relative precision holds down to 1e-308. */
export function normalUpperTail(z: number): number {
  return normalCdf(-z);
}

/** z with P(Z <= z) = p. ±Infinity at 0 and 1, NaN outside. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p > 1e-5) return stdlibNormalQuantile(p, 0, 1);
  // Newton on ln(cdf), which is concave: from the left it converges without overshooting.
  let z = -Math.sqrt(-2 * Math.log(p));
  for (let i = 0; i < 60; i++) {
    const cdf = normalCdf(z);
    const density = Math.exp((-z * z) / 2 - LOG_SQRT_TWO_PI);
    const step = ((Math.log(cdf) - Math.log(p)) * cdf) / density;
    z -= step;
    if (Math.abs(step) <= 1e-15 * Math.abs(z)) break;
  }
  return z;
}

/** P(T <= t) of Student's t with `df` > 0 (may be fractional or Infinity). */
export function tCdf(t: number, df: number): number {
  if (Number.isNaN(t) || !(df > 0)) return Number.NaN;
  if (df === Number.POSITIVE_INFINITY) return normalCdf(t);
  if (t > 0) return 1 - tCdf(-t, df);
  if (t === Number.NEGATIVE_INFINITY) return 0;
  // Near 0 the first two terms of the series are exact to rounding, and t^2 is not worth an incomplete beta.
  if (t > -1e-4) return 0.5 + t * Math.exp(logTDensity(0, df)) * (1 - ((df + 1) * t * t) / (6 * df));
  // t^2 would overflow; the density is a pure power of |t| out here.
  if (t < -1e100)
    return Math.exp(logTConstant(df) + (df / 2) * Math.log(df) - df * Math.log(-t) - Math.log(df));
  return stdlibTCdf(t, df);
}

/** P(T > t), as the lower tail at -t. */
export function tUpperTail(t: number, df: number): number {
  return tCdf(-t, df);
}

/** P(|T| >= |t|). */
export function tTwoSided(t: number, df: number): number {
  return 2 * tCdf(-Math.abs(t), df);
}

/** p-value of a t statistic for the given alternative. NaN for a NaN statistic or df. */
export function tPValue(t: number, df: number, alternative: Alternative): number {
  if (alternative === "less") return tCdf(t, df);
  return alternative === "greater" ? tUpperTail(t, df) : tTwoSided(t, df);
}

/** p-value of a normal statistic for the given alternative. */
export function normalPValue(z: number, alternative: Alternative): number {
  if (alternative === "less") return normalCdf(z);
  return alternative === "greater" ? normalUpperTail(z) : 2 * normalCdf(-Math.abs(z));
}

/** t with P(T <= t) = p. ±Infinity at 0 and 1; NaN outside 0..1 or for df <= 0. */
export function tQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return Number.NaN;
  if (df === Number.POSITIVE_INFINITY) return normalQuantile(p);
  if (p === 0.5) return 0;
  if (p > 0.5) return -tQuantile(1 - p, df);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  const found = tQuantiles.get(p)?.get(df);
  if (found !== undefined) return found;
  const quantile = p > 0.25 ? centralTQuantile(p, df) : lowerTailTQuantile(p, df);
  if (knownTQuantiles === mostTQuantiles) {
    tQuantiles.clear();
    knownTQuantiles = 0;
  }
  const ofLevel = tQuantiles.get(p) ?? new Map<number, number>();
  tQuantiles.set(p, ofLevel.set(df, quantile));
  knownTQuantiles += 1;
  return quantile;
}

/** Quantiles by p and degrees of freedom: tables of intervals ask for the same one in every row, and each is a Newton iteration. */
const tQuantiles = new Map<number, Map<number, number>>();
let knownTQuantiles = 0;
const mostTQuantiles = 4096;

/** Newton on the cdf, which is nearly straight here. */
function centralTQuantile(p: number, df: number): number {
  let t = (p - 0.5) / Math.exp(logTDensity(0, df));
  for (let i = 0; i < 60; i++) {
    const step = (tCdf(t, df) - p) / Math.exp(logTDensity(t, df));
    t -= step;
    if (Math.abs(step) <= 2e-16 * Math.abs(t)) break;
  }
  return t;
}

/** Newton on ln(cdf) against ln|t|: any tail, heavy or light, is nearly straight on these scales. */
function lowerTailTQuantile(p: number, df: number): number {
  const start = stdlibTQuantile(p, df);
  const powerTail = (logTConstant(df) + (df / 2 - 1) * Math.log(df) - Math.log(p)) / df;
  let t = Number.isFinite(start) && start < 0 ? start : df > 30 ? normalQuantile(p) : -Math.exp(powerTail);
  for (let i = 0; i < 60; i++) {
    const logCdf = Math.log(tCdf(t, df));
    const slope = Math.exp(Math.log(-t) + logTDensity(t, df) - logCdf);
    const step = (logCdf - Math.log(p)) / slope;
    if (!Number.isFinite(step)) break;
    t *= Math.exp(step);
    if (Math.abs(step) <= 2e-16) break;
  }
  return t;
}

/** ln of the density at 0 plus ln(df)/2: Γ((ν+1)/2) / (Γ(ν/2) √π). */
function logTConstant(df: number): number {
  return logGammaRatio(df / 2) - Math.log(Math.PI) / 2;
}

function logTDensity(t: number, df: number): number {
  const size = Math.abs(t);
  const logKernel = size < 1e100 ? Math.log1p((t * t) / df) : 2 * Math.log(size) - Math.log(df);
  return logTConstant(df) - Math.log(df) / 2 - ((df + 1) / 2) * logKernel;
}

/** ln Γ(z) for z > 0. */
export function logGamma(z: number): number {
  return gammaln(z);
}

/** ln(Γ(z + 1/2) / Γ(z)), by its asymptotic series for large z, where the difference of two ln Γ would cancel. */
export function logGammaRatio(z: number): number {
  if (z < 50) return gammaln(z + 0.5) - gammaln(z);
  const u = 1 / z;
  const series = 1 + u * (-1 / 8 + u * (1 / 128 + u * (5 / 1024 + u * (-21 / 32768 + u * (-399 / 262144)))));
  return Math.log(z) / 2 + Math.log(series);
}

/** P(F <= x), F with df1 and df2 degrees of freedom. */
export function fCdf(x: number, df1: number, df2: number): number {
  return fTail(x, df1, df2, false);
}

/** P(F > x), from the complementary incomplete beta function. */
export function fUpperTail(x: number, df1: number, df2: number): number {
  return fTail(x, df1, df2, true);
}

function fTail(x: number, df1: number, df2: number, upper: boolean): number {
  if (Number.isNaN(x) || !(df1 > 0) || !(df2 > 0)) return Number.NaN;
  if (x <= 0) return upper ? 1 : 0;
  if (x === Number.POSITIVE_INFINITY) return upper ? 0 : 1;
  const scaled = df1 * x;
  // Of y and 1 - y, hand over the one that is small: the other has lost its digits to rounding.
  if (scaled <= df2) return betainc(scaled / (df2 + scaled), df1 / 2, df2 / 2, true, upper);
  return betainc(df2 / (df2 + scaled), df2 / 2, df1 / 2, true, !upper);
}

/** x with P(F <= x) = p. */
export function fQuantile(p: number, df1: number, df2: number): number {
  return stdlibFQuantile(p, df1, df2);
}

/** P(X > x) of chi-square with `df` degrees of freedom, from the complementary incomplete gamma function. */
export function chiSquareUpperTail(x: number, df: number): number {
  if (Number.isNaN(x) || !(df > 0)) return Number.NaN;
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  if (df === 1) return 2 * normalUpperTail(Math.sqrt(x));
  return incompleteGamma(df / 2, x / 2, true);
}

/** x with P(X <= x) = p, X chi-square; stdlib's value, polished by Newton steps (it is off by 1e-4 at df = 10,000). */
export function chiSquareQuantile(p: number, df: number): number {
  let x = stdlibChiSquareQuantile(p, df);
  if (!(x > 0) || !Number.isFinite(x)) return x;
  for (let i = 0; i < 8; i++) {
    const density = Math.exp((df / 2 - 1) * Math.log(x / 2) - x / 2 - gammaln(df / 2)) / 2;
    const step = (incompleteGamma(df / 2, x / 2, false) - p) / density;
    if (!Number.isFinite(step) || Math.abs(step) > x / 2) break;
    x -= step;
    if (Math.abs(step) <= 1e-15 * x) break;
  }
  return x;
}

/** x with P(X <= x) = p, X Beta(a, b). */
export function betaQuantile(p: number, a: number, b: number): number {
  return stdlibBetaQuantile(p, a, b);
}

/** P(X <= k), X binomial with n trials of success probability `p`. */
export function binomialCdf(k: number, n: number, p: number): number {
  return stdlibBinomialCdf(k, n, p);
}

export type TDistributionResult = {
  cdf: number;
  sf: number;
  twoSided: number;
  reason?: string;
};

/** The three probabilities of a t statistic: P(T <= t), P(T > t) and P(|T| >= |t|). */
export function tDistribution(t: number, df: number): TDistributionResult {
  const reason = df > 0 && !Number.isNaN(t) ? undefined : `No t distribution for t = ${t}, df = ${df}.`;
  return { cdf: tCdf(t, df), sf: tUpperTail(t, df), twoSided: tTwoSided(t, df), ...(reason && { reason }) };
}
