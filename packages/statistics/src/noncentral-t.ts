import { logGamma, normalCdf, tCdf } from "./distributions.js";

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
  // The density of w = ln u is largest at 0 and about 1/sqrt(2 df) wide; Φ turns within 1/|delta| or 1/|t|.
  const width = 1 / Math.sqrt(2 * df);
  const step = Math.min(width, 1 / Math.max(1, Math.abs(delta), Math.abs(t))) / 5;
  const logPeak = Math.LN2 + (df / 2) * Math.log(df / 2) - logGamma(df / 2);
  const logDensity = (w: number) => logPeak + df * w - (df / 2) * Math.exp(2 * w);
  const atPeak = logDensity(0);
  const term = (w: number) => Math.exp(logDensity(w)) * normalCdf(sign * (t * Math.exp(w) - delta));
  let total = term(0);
  for (const direction of [1, -1]) {
    for (let k = 1; ; k++) {
      const w = direction * k * step;
      if (logDensity(w) < atPeak - 60) break;
      total += term(w);
    }
  }
  return Math.min(1, total * step);
}
