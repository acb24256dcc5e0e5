import { chiSquareUpperTail, logGamma, normalCdf, tCdf } from "./distributions.js";

/**
 * P(T <= t) for the noncentral t with `df` > 0 and noncentrality `delta`: T = (Z + delta) / sqrt(V / df).
 *
 * Computed as the mean of Φ(t u - delta) over u = sqrt(V / df), substituting u = e^w and summing by the trapezoidal rule,
 * which converges geometrically for such integrands. Errors are around 1e-12 relative to the larger tail.
 */
export function noncentralTCdf(t: number, df: number, delta: number): number {
  return integrate(t, df, delta, 1);
}

/** P(T > t) for the noncentral t; integrated itself, not subtracted from 1. */
export function noncentralTUpperTail(t: number, df: number, delta: number): number {
  return integrate(t, df, delta, -1);
}

function integrate(t: number, df: number, delta: number, sign: 1 | -1): number {
  if (Number.isNaN(t) || Number.isNaN(delta) || !(df > 0)) return Number.NaN;
  if (delta === 0) return tCdf(sign * t, df);
  if (!Number.isFinite(t)) return t > 0 === sign > 0 ? 1 : 0;
  if (!Number.isFinite(delta)) return delta > 0 === sign > 0 ? 0 : 1;
  // The density of w = ln u is largest at 0 and about 1/sqrt(2 df) wide; Φ turns within 1/|delta| or 1/|t|.
  const width = 1 / Math.sqrt(2 * df);
  const turn = 1 / Math.max(1, Math.abs(delta), Math.abs(t));
  if (turn < width / 1000) return steepLimit(t, df, delta, sign);
  const step = Math.min(width, turn) / 5;
  const a = df / 2;
  const logPeak = Math.LN2 + Math.log(a / (2 * Math.PI)) / 2 - stirlingRemainder(a);
  const logDensity = (w: number) => logPeak - a * expm1Minus(2 * w);
  const term = (w: number) => Math.exp(logDensity(w)) * normalCdf(sign * (t * Math.exp(w) - delta));
  let total = term(0);
  for (const direction of [1, -1]) {
    for (let k = 1; ; k++) {
      const w = direction * k * step;
      if (logDensity(w) < logPeak - 60) break;
      total += term(w);
    }
  }
  return Math.min(1, total * step);
}

/** Effects of thousands of SDs: Z is negligible, T <= t when t u >= delta. */
function steepLimit(t: number, df: number, delta: number, sign: 1 | -1): number {
  const ratio = delta / t;
  const above = ratio <= 0 ? 1 : chiSquareUpperTail(df * ratio * ratio, df);
  const atMost = t > 0 ? above : ratio <= 0 ? (delta < 0 ? 1 : 0) : 1 - above;
  return sign > 0 ? atMost : 1 - atMost;
}

/** ln Γ(a) minus its leading terms (a - 1/2) ln a - a + ln(2π)/2; direct subtraction would cancel for large a. */
function stirlingRemainder(a: number): number {
  if (a >= 20) return 1 / (12 * a) - 1 / (360 * a ** 3) + 1 / (1260 * a ** 5);
  return logGamma(a) - ((a - 0.5) * Math.log(a) - a + Math.log(2 * Math.PI) / 2);
}

/** e^x - 1 - x. */
function expm1Minus(x: number): number {
  if (Math.abs(x) > 0.01) return Math.expm1(x) - x;
  return ((x * x) / 2) * (1 + (x / 3) * (1 + (x / 4) * (1 + (x / 5) * (1 + (x / 6) * (1 + x / 7)))));
}
