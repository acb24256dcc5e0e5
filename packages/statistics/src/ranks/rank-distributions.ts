import { invalidInput } from "../errors.js";

/**
 * P(W+ = w) for w = 0..n(n+1)/2 under the null hypothesis of the signed-rank test without ties. Recursion over n: rank n
 * is positive with probability 1/2. Source: Wilcoxon (1945).
 */
export function signedRankDistribution(n: number): Float64Array {
  requireSize("d", n, 1000);
  const pmf = new Float64Array((n * (n + 1)) / 2 + 1);
  pmf[0] = 1;
  let largest = 0;
  for (let rank = 1; rank <= n; rank++) {
    largest += rank;
    // From the top down, so that pmf[w - rank] is still the value for n - 1.
    for (let w = largest; w >= 0; w--)
      pmf[w] = (Number(pmf[w]) + (w >= rank ? Number(pmf[w - rank]) : 0)) / 2;
  }
  return pmf;
}

/**
 * P(U <= u) under the null hypothesis of the Mann-Whitney test without ties, samples of m and n.
 *
 * The counts are the coefficients of a Gaussian binomial; the recursion goes from (i - 1, n) to (i, n) by multiplying with
 * (1 - q^(n+i)) / (1 - q^i), and keeps probabilities instead of counts. Source: Löffler (1983).
 */
export function mannWhitneyCdf(u: number, m: number, n: number): number {
  if (m > n) return mannWhitneyCdf(u, n, m);
  requireSize("x, y", m * n, 250_000);
  const pairs = m * n;
  if (u < 0) return 0;
  if (u >= pairs) return 1;
  if (u > pairs / 2) return 1 - mannWhitneyCdf(pairs - Math.floor(u) - 1, m, n);
  const size = Math.floor(u) + 1; // lower half only: it needs nothing from above
  const p = new Float64Array(size);
  p[0] = 1;
  for (let i = 1; i <= m; i++) {
    for (let k = size - 1; k >= n + i; k--) p[k] = Number(p[k]) - Number(p[k - n - i]);
    for (let k = i; k < size; k++) p[k] = Number(p[k]) + Number(p[k - i]);
    const ratio = i / (n + i);
    for (let k = 0; k < size; k++) p[k] = Number(p[k]) * ratio;
  }
  return Math.min(
    1,
    p.reduce((total, value) => total + value, 0),
  );
}

/**
 * P(at most c discordant pairs) and P(exactly c) among the n! orders of n different values: the distribution behind
 * Kendall's tau. Recursion: the n-th value adds 0..n-1 discordant pairs, equally likely. Source: Kendall (1938).
 */
export function discordanceDistribution(c: number, n: number): { atMost: number; exactly: number } {
  requireSize("x", n, 2000);
  const size = c + 1;
  let p = new Float64Array(size);
  p[0] = 1;
  for (let j = 2; j <= n; j++) {
    const next = new Float64Array(size);
    let window = 0;
    for (let k = 0; k < size; k++) {
      window += Number(p[k]);
      if (k >= j) window -= Number(p[k - j]);
      next[k] = window / j;
    }
    p = next;
  }
  return { atMost: p.reduce((total, value) => total + value, 0), exactly: Number(p[c]) };
}

function requireSize(field: string, size: number, limit: number): void {
  if (size <= limit) return;
  throw invalidInput(
    field,
    size,
    `is too large for an exact distribution (limit ${limit})`,
    "Use method asymptotic.",
  );
}
