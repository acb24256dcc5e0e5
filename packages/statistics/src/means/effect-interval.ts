import { normalQuantile } from "../numerics/distributions.js";
import { noncentralTCdf, noncentralTUpperTail } from "../numerics/noncentral-t.js";
import { findRoot } from "../numerics/roots.js";
import { allEqual, mean, standardDeviation } from "../summary.js";
import { type Interval, pairedDifferences, pooledSd, requireConfidence } from "./t-tests.js";

/** Above so many degrees of freedom the noncentral t is normal to six digits. */
const largeDf = 100_000;

/** Noncentralities under which a t this large (small) would come up in half of α: Steiger & Fouladi (1997). */
function noncentralityInterval(t: number, df: number, alpha: number): Interval {
  if (!Number.isFinite(t)) return [t, t];
  const z = normalQuantile(1 - alpha / 2);
  // The variance of t around its noncentrality; a bracket of several of these holds the root.
  const spread = Math.sqrt(1 + (t * t) / (2 * df));
  if (df > largeDf) return [t - z * spread, t + z * spread];
  const width = (z + 4) * spread * (df < 4 ? 6 : 2);
  const low = findRoot(
    (delta) => noncentralTUpperTail(t, df, delta) - alpha / 2,
    t - width,
    t + width,
    1e-12,
  );
  const high = findRoot((delta) => noncentralTCdf(t, df, delta) - alpha / 2, t - width, t + width, 1e-12);
  return [low, high];
}

/**
 * Interval of the standardised mean difference δ = (μ_x − μ_y) / σ that Cohen's d and Hedges' g estimate, by the noncentral
 * t: exact for normal samples of equal variance. With n = 5 per arm it is about 2.5 wide. NaN where an arm has no spread.
 * Source: Hedges & Olkin (1985); Steiger & Fouladi (1997).
 */
export function effectSizeInterval(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { confidence = 0.95 }: { confidence?: number } = {},
): Interval {
  requireConfidence(confidence);
  const df = x.length + y.length - 2;
  if (df < 1 || (allEqual(x) && allEqual(y))) return [Number.NaN, Number.NaN];
  const scale = Math.sqrt(1 / x.length + 1 / y.length);
  const t = (mean(x) - mean(y)) / pooledSd(x, y) / scale;
  const [low, high] = noncentralityInterval(t, df, 1 - confidence);
  return [low * scale, high * scale];
}

/**
 * The same for pairs, where δ is still in SDs between observations and not between differences: the noncentrality of the
 * paired t, scaled by √(2 s_d² / (n (s_x² + s_y²))). Approximate, because that factor is estimated.
 * Source: Algina & Keselman (2003), Educ. Psychol. Meas. 63, 537–553.
 */
export function pairedEffectSizeInterval(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { confidence = 0.95 }: { confidence?: number } = {},
): Interval {
  requireConfidence(confidence);
  const differences = pairedDifferences(x, y);
  const n = differences.length;
  if (n < 2 || (allEqual(x) && allEqual(y)) || allEqual(differences)) return [Number.NaN, Number.NaN];
  const sd = standardDeviation(differences);
  const t = mean(differences) / (sd / Math.sqrt(n));
  const scale = Math.sqrt((2 * sd * sd) / (n * (standardDeviation(x) ** 2 + standardDeviation(y) ** 2)));
  const [low, high] = noncentralityInterval(t, n - 1, 1 - confidence);
  return [low * scale, high * scale];
}
