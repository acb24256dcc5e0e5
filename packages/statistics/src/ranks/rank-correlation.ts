import { invalidInput } from "../errors.js";
import { because } from "../means/t-tests.js";
import { type Alternative, chiSquareUpperTail, normalPValue, tPValue } from "../numerics/distributions.js";
import { allEqual, mean } from "../summary.js";
import { discordanceDistribution } from "./rank-distributions.js";
import type { RankTestMethod } from "./rank-tests.js";
import { hasTies, midRanks, tieSizes, tieTerm } from "./ranks.js";

export type RankCorrelation = {
  /** Kendall's tau-b, -1..1. */
  tauB: number;
  pTau: number;
  /** Spearman's rho, -1..1, with its t-approximate p-value. */
  rho: number;
  pRho: number;
  /** How pTau was computed. */
  method: "exact" | "asymptotic";
  warning?: string;
  reason?: string;
};

/**
 * Do two seeds (or datasets) rank configurations alike? Kendall's tau-b, corrected for ties, and Spearman's rho.
 *
 * `method` of pTau: "auto" (when absent) is exact without ties up to n = 33. Exact p by recursion over permutations; it
 * does not exist with ties, where the normal approximation is used and said so. Pitfall: few configurations, coarse answers.
 * Source: Kendall (1938, 1970); scipy.stats.kendalltau, spearmanr.
 */
export function rankCorrelation(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { method = "auto", alternative = "two-sided" }: { method?: RankTestMethod; alternative?: Alternative } = {},
): RankCorrelation {
  if (x.length !== y.length)
    throw invalidInput("y", y.length, `must have ${x.length} values`, "Pair x and y by key.");
  const n = x.length;
  const nan = Number.NaN;
  const undefinedReason =
    n < 2
      ? `n too small: n = ${n}.`
      : Array.from(x).some(Number.isNaN) || Array.from(y).some(Number.isNaN)
        ? "A value is NaN, which has no rank."
        : allEqual(x) || allEqual(y)
          ? "All values of a variable are equal: there is no order to compare."
          : undefined;
  if (undefinedReason !== undefined) {
    return { tauB: nan, pTau: nan, rho: nan, pRho: nan, method: "asymptotic", reason: undefinedReason };
  }
  const ties = hasTies(x) || hasTies(y);
  const { concordance, discordant } = pairCounts(x, y);
  const pairs = (n * (n - 1)) / 2;
  const tiedX = tiedPairs(x);
  const tiedY = tiedPairs(y);
  const tauB = concordance / Math.sqrt(pairs - tiedX) / Math.sqrt(pairs - tiedY);
  const exact =
    !ties &&
    (method === "exact" || (method === "auto" && (n <= 33 || Math.min(discordant, pairs - discordant) <= 1)));
  const pTau = exact
    ? kendallExactP(pairs - discordant, n, alternative)
    : normalPValue(kendallZ(x, y, concordance), alternative);
  const rho = pearson(midRanks(x), midRanks(y));
  const warning =
    method === "exact" && ties ? "There are ties: the normal approximation was used." : undefined;
  return {
    tauB: Math.max(-1, Math.min(1, tauB)),
    pTau,
    rho,
    pRho: tPValue(rho * Math.sqrt((n - 2) / ((1 - rho) * (1 + rho))), n - 2, alternative),
    method: exact ? "exact" : "asymptotic",
    ...(warning && { warning }),
    ...because(Number.isNaN(pTau) ? `n too small: n = ${n} has no normal approximation.` : undefined),
  };
}

/** concordant - discordant pairs, and discordant pairs; O(n log n) by counting inversions while merging. */
function pairCounts(x: ArrayLike<number>, y: ArrayLike<number>): { concordance: number; discordant: number } {
  const n = x.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => {
    const byX = compare(Number(x[a]), Number(x[b]));
    return byX === 0 ? compare(Number(y[a]), Number(y[b])) : byX;
  });
  // Within ties of x, y ascends, so those pairs count no inversion.
  const discordant = inversions(Float64Array.from(order, (i) => Number(y[i])));
  let tiedBoth = 0;
  let run = 0;
  order.forEach((i, at) => {
    const previous = at > 0 ? order[at - 1] : undefined;
    const same = previous !== undefined && x[previous] === x[i] && y[previous] === y[i];
    run = same ? run + 1 : 0;
    tiedBoth += run;
  });
  const comparable = (n * (n - 1)) / 2 - tiedPairs(x) - tiedPairs(y) + tiedBoth;
  return { concordance: comparable - 2 * discordant, discordant };
}

function inversions(values: Float64Array): number {
  let from = values.slice();
  let to = new Float64Array(values.length);
  let found = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        if (left < middle && (right >= end || Number(from[left]) <= Number(from[right])))
          to[at] = Number(from[left++]);
        else {
          to[at] = Number(from[right++]);
          found += middle - left;
        }
      }
    }
    [from, to] = [to, from];
  }
  return found;
}

function tiedPairs(x: ArrayLike<number>): number {
  return tieSizes(x).reduce((total, t) => total + (t * (t - 1)) / 2, 0);
}

function kendallExactP(concordant: number, n: number, alternative: Alternative): number {
  const pairs = (n * (n - 1)) / 2;
  const fewer = Math.min(concordant, pairs - concordant);
  if (alternative === "two-sided" && 2 * fewer === pairs) return 1;
  const { atMost, exactly } = discordanceDistribution(fewer, n);
  if (alternative === "two-sided") return Math.min(1, 2 * atMost);
  const agreesWithAlternative = concordant >= pairs - concordant === (alternative === "greater");
  return agreesWithAlternative ? atMost : 1 - atMost + exactly;
}

function kendallZ(x: ArrayLike<number>, y: ArrayLike<number>, concordance: number): number {
  const n = x.length;
  const sizesX = tieSizes(x);
  const sizesY = tieSizes(y);
  const pairs2 = n * (n - 1);
  const second = (sizes: number[]) => sizes.reduce((total, t) => total + t * (t - 1), 0);
  const third = (sizes: number[]) => sizes.reduce((total, t) => total + t * (t - 1) * (t - 2), 0);
  const fifth = (sizes: number[]) => sizes.reduce((total, t) => total + t * (t - 1) * (2 * t + 5), 0);
  const variance =
    (pairs2 * (2 * n + 5) - fifth(sizesX) - fifth(sizesY)) / 18 +
    (second(sizesX) * second(sizesY)) / (2 * pairs2) +
    (third(sizesX) * third(sizesY)) / (9 * pairs2 * (n - 2));
  return concordance / Math.sqrt(variance);
}

function pearson(x: number[], y: number[]): number {
  const centreX = mean(x);
  const centreY = mean(y);
  let cross = 0;
  let squaresX = 0;
  let squaresY = 0;
  for (let i = 0; i < x.length; i++) {
    const u = Number(x[i]) - centreX;
    const v = Number(y[i]) - centreY;
    cross += u * v;
    squaresX += u * u;
    squaresY += v * v;
  }
  return Math.max(-1, Math.min(1, cross / Math.sqrt(squaresX * squaresY)));
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export type KendallW = {
  /** Coefficient of concordance, 0..1. */
  w: number;
  /** Friedman's chi-square. */
  friedman: number;
  df: number;
  pvalue: number;
  reason?: string;
};

/**
 * Do all seeds rank the configurations alike? `raters[seed][configuration]` are scores. W = χ²_F / (m (k - 1)), with
 * Friedman's χ² corrected for ties (or not: `ties: "uncorrected"`). Pitfall: the χ² approximation wants k >= 5 or m > 15.
 * Source: Kendall & Babington Smith (1939), Friedman (1937); scipy.stats.friedmanchisquare.
 */
export function kendallW(
  raters: ArrayLike<ArrayLike<number>>,
  { ties = "corrected" }: { ties?: "corrected" | "uncorrected" } = {},
): KendallW {
  const rows = Array.from(raters, (row) => Array.from(row));
  const m = rows.length;
  const k = rows[0]?.length ?? 0;
  rows.forEach((row, i) => {
    if (row.length === k) return;
    throw invalidInput(
      `raters[${i}]`,
      row.length,
      `must rate ${k} configurations, as raters[0] does`,
      "Leave incomplete ones out.",
    );
  });
  const rankSums = new Array<number>(k).fill(0);
  let tied = 0;
  for (const row of rows) {
    midRanks(row).forEach((rank, j) => {
      rankSums[j] = (rankSums[j] ?? 0) + rank;
    });
    tied += tieTerm(row);
  }
  const centre = (m * (k + 1)) / 2;
  const squares = rankSums.reduce((total, s) => total + (s - centre) ** 2, 0);
  const correction = ties === "corrected" ? 1 - tied / (m * k * (k * k - 1)) : 1;
  const friedman = (12 * squares) / (m * k * (k + 1)) / correction;
  const small = m < 2 || k < 2 ? `n too small: ${m} raters of ${k} configurations.` : undefined;
  const nan = rows.flat().some(Number.isNaN) ? "A value is NaN, which has no rank." : undefined;
  const allTied = rows.every((row) => allEqual(row))
    ? "Every rater ties all configurations: there is no order."
    : undefined;
  const reason = small ?? nan ?? allTied;
  const df = k - 1;
  if (reason !== undefined) return { w: Number.NaN, friedman: Number.NaN, df, pvalue: Number.NaN, reason };
  return { w: friedman / (m * df), friedman, df, pvalue: chiSquareUpperTail(friedman, df) };
}
