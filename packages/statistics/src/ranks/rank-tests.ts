import { because } from "../means/t-tests.js";
import { type Alternative, normalPValue, normalUpperTail } from "../numerics/distributions.js";
import { nonFiniteReason } from "../summary.js";
import { mannWhitneyCdf, signedRankDistribution } from "./rank-distributions.js";
import { hasTies, midRanks, tieSizes, tieTerm, tieTermOf } from "./ranks.js";

export type ZeroMethod = "wilcox" | "pratt" | "zsplit";
export type RankTestMethod = "auto" | "exact" | "asymptotic";

export type WilcoxonOptions = {
  alternative?: Alternative | undefined;
  /** "auto" (when absent): exact for up to 50 differences without zeros and ties. "exact" with zeros falls back, as in SciPy. */
  method?: RankTestMethod | undefined;
  /** What becomes of zero differences: dropped (when absent), ranked then dropped, or split between the signs. */
  zeroMethod?: ZeroMethod | undefined;
  /** Continuity correction of the normal approximation; off when absent. */
  correction?: boolean | undefined;
};

export type RankTestResult = {
  statistic: number;
  pvalue: number;
  /** The method that was used. */
  method: "exact" | "asymptotic";
  /** The exact distribution was asked for although ties or zeros make it approximate. */
  warning?: string;
  reason?: string;
};

export interface WilcoxonResult extends RankTestResult {
  /** Sum of the ranks of positive differences. */
  wPlus: number;
  wMinus: number;
  /** Differences that took part. */
  n: number;
}

/**
 * Wilcoxon's signed-rank test of differences `d` against symmetry around 0.
 *
 * `statistic` follows SciPy: min(W+, W-) for the two-sided test, W+ for one-sided ones (R prints W+ always). With n = 5
 * the smallest two-sided p is 0.0625: it can never reach 5 %. Exact p by recursion over the 2^n sign patterns.
 * Source: Wilcoxon (1945), Pratt (1959), Cureton (1967); scipy.stats.wilcoxon.
 */
export function wilcoxonSignedRank(d: ArrayLike<number>, options: WilcoxonOptions = {}): WilcoxonResult {
  const { alternative = "two-sided", zeroMethod = "wilcox", correction = false, method = "auto" } = options;
  const all = Array.from(d);
  const zeros = all.filter((value) => value === 0).length;
  const used = zeroMethod === "wilcox" ? all.filter((value) => value !== 0) : all;
  const sizes = used.map(Math.abs);
  const ranks = midRanks(sizes);
  let wPlus = 0;
  let wMinus = 0;
  let zeroRanks = 0;
  used.forEach((value, i) => {
    const rank = ranks[i] ?? 0;
    if (value > 0) wPlus += rank;
    else if (value < 0) wMinus += rank;
    else zeroRanks += rank;
  });
  if (zeroMethod === "zsplit") {
    wPlus += zeroRanks / 2;
    wMinus += zeroRanks / 2;
  }
  const statistic = alternative === "two-sided" ? Math.min(wPlus, wMinus) : wPlus;
  const ties = hasTies(sizes.filter((size) => size !== 0));
  const exact = zeros === 0 && (method === "exact" || (method === "auto" && all.length <= 50 && !ties));
  const base = {
    statistic,
    wPlus,
    wMinus,
    n: used.length,
    method: exact ? ("exact" as const) : ("asymptotic" as const),
  };

  const undefinedNumber = nonFiniteNaN("d", all);
  if (
    undefinedNumber !== undefined ||
    used.length === 0 ||
    (zeroMethod === "pratt" && zeros === all.length)
  ) {
    const reason =
      undefinedNumber ?? (all.length === 0 ? "n too small: d is empty." : "All differences are 0.");
    return { ...base, statistic: Number.NaN, pvalue: Number.NaN, reason };
  }
  if (exact) {
    const pvalue = signedRankExactP(wPlus, used.length, alternative);
    const warning = ties ? "The exact distribution assumes no ties; prefer method asymptotic." : undefined;
    return { ...base, pvalue, ...(warning && { warning }) };
  }
  const z = signedRankZ({ statistic, sizes, zeros, zeroMethod, correction, alternative });
  const fellBack =
    method === "exact" ? "There are zero differences: the normal approximation was used." : undefined;
  return {
    ...base,
    pvalue: normalPValue(z, alternative),
    ...(fellBack && { warning: fellBack }),
  };
}

/** Rounding a half-integer W+ (ties) towards the middle, and the distribution without ties, are SciPy's conventions. */
function signedRankExactP(wPlus: number, n: number, alternative: Alternative): number {
  const pmf = signedRankDistribution(n);
  const atMost = total(pmf, 0, Math.ceil(wPlus) + 1);
  const atLeast = total(pmf, Math.floor(wPlus), pmf.length);
  if (alternative === "less") return Math.min(1, atMost);
  if (alternative === "greater") return Math.min(1, atLeast);
  return Math.min(1, 2 * Math.min(atMost, atLeast));
}

function signedRankZ(given: {
  statistic: number;
  sizes: number[];
  zeros: number;
  zeroMethod: ZeroMethod;
  correction: boolean;
  alternative: Alternative;
}): number {
  const { statistic, sizes, zeros, zeroMethod, correction, alternative } = given;
  const n = sizes.length;
  let centre = (n * (n + 1)) / 4;
  let spread = n * (n + 1) * (2 * n + 1);
  let tied = sizes;
  if (zeroMethod === "pratt") {
    centre -= (zeros * (zeros + 1)) / 4;
    spread -= zeros * (zeros + 1) * (2 * zeros + 1);
    tied = sizes.filter((size) => size !== 0);
  }
  const se = Math.sqrt((spread - tieTerm(tied) / 2) / 24);
  const away = alternative === "two-sided" ? Math.sign(statistic - centre) : alternative === "less" ? -1 : 1;
  return (statistic - centre - (correction ? away / 2 : 0)) / se;
}

export type MannWhitneyOptions = {
  alternative?: Alternative | undefined;
  /** "auto" (when absent): exact if a sample has at most 8 values and nothing is tied. */
  method?: RankTestMethod | undefined;
  /** Continuity correction of the normal approximation; on when absent. */
  continuity?: boolean | undefined;
};

export interface MannWhitneyResult extends RankTestResult {
  /** P(x > y) + P(x = y)/2. */
  commonLanguage: number;
  /** P(x > y) - P(x < y), -1..1. */
  cliffsDelta: number;
}

/**
 * Mann-Whitney U of x: U = #(x > y) + #(x = y)/2 over all pairs; "greater" means x tends to be larger.
 *
 * Pitfall: it tests stochastic ordering, not medians. When everything is tied the p-value is 1 (SciPy; R says NaN).
 * Exact p by recursion over partitions, O(m² n). Source: Mann & Whitney (1947); scipy.stats.mannwhitneyu.
 */
export function mannWhitneyU(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: MannWhitneyOptions = {},
): MannWhitneyResult {
  const { alternative = "two-sided", method = "auto", continuity = true } = options;
  const m = x.length;
  const n = y.length;
  const pairs = m * n;
  const u = comparisonsWon(x, y);
  const pooled = new Float64Array(m + n);
  pooled.set(x, 0);
  pooled.set(y, m);
  const tied = tieSizes(pooled);
  const ties = tied.length < pooled.length;
  const exact = method === "exact" || (method === "auto" && Math.min(m, n) <= 8 && !ties);
  const label = exact ? ("exact" as const) : ("asymptotic" as const);
  const undefinedNumber =
    m === 0 || n === 0 ? "n too small: a sample is empty." : (nonFiniteNaN("x", x) ?? nonFiniteNaN("y", y));
  if (undefinedNumber !== undefined) {
    const nan = Number.NaN;
    return {
      statistic: nan,
      pvalue: nan,
      commonLanguage: nan,
      cliffsDelta: nan,
      method: label,
      reason: undefinedNumber,
    };
  }
  const effect = { commonLanguage: u / pairs, cliffsDelta: (2 * u) / pairs - 1 };
  // Always an upper tail, of the U that the alternative calls large.
  const large =
    alternative === "two-sided" ? Math.max(u, pairs - u) : alternative === "greater" ? u : pairs - u;
  const factor = alternative === "two-sided" ? 2 : 1;
  if (exact) {
    const pvalue = Math.min(1, factor * mannWhitneyCdf(pairs - Math.floor(large), m, n));
    const warning = ties ? "The exact distribution assumes no ties; prefer method asymptotic." : undefined;
    return { statistic: u, pvalue, ...effect, method: label, ...(warning && { warning }) };
  }
  const size = m + n;
  const se = Math.sqrt((pairs / 12) * (size + 1 - tieTermOf(tied) / (size * (size - 1))));
  const z = (large - pairs / 2 - (continuity ? 0.5 : 0)) / se;
  const reason = se === 0 ? "All values are equal: U says nothing about an ordering." : undefined;
  return {
    statistic: u,
    pvalue: Math.min(1, factor * normalUpperTail(z)),
    ...effect,
    method: label,
    ...because(reason),
  };
}

/** Pairs in which x is larger, and half of those that are equal: both sorted and walked through once. */
function comparisonsWon(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [own, other] = [Float64Array.from(x).sort(), Float64Array.from(y).sort()];
  let [won, below, upTo] = [0, 0, 0];
  for (const value of own) {
    while (below < other.length && Number(other[below]) < value) below += 1;
    while (upTo < other.length && Number(other[upTo]) <= value) upTo += 1;
    won += (below + upTo) / 2;
  }
  return won;
}

function total(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = Math.max(0, from); i < Math.min(to, values.length); i++) sum += values[i] ?? 0;
  return sum;
}

/** Infinite values still have a rank; NaN has none. */
function nonFiniteNaN(name: string, x: ArrayLike<number>): string | undefined {
  return Array.from(x).some(Number.isNaN)
    ? nonFiniteReason(
        name,
        Array.from(x, (v) => (Number.isNaN(v) ? v : 0)),
      )
    : undefined;
}
