import { invalidInput } from "../errors.js";
import { because, requireConfidence } from "../means/t-tests.js";
import { betaQuantile, binomialCdf, chiSquareUpperTail, normalQuantile } from "../numerics/distributions.js";

/** Names of the interval methods, with the aliases other libraries use. */
export const PROPORTION_METHODS = {
  wilson: "wilson",
  score: "wilson",
  "wilson-cc": "wilson-cc",
  wilsoncc: "wilson-cc",
  "clopper-pearson": "clopper-pearson",
  beta: "clopper-pearson",
  exact: "clopper-pearson",
  normal: "normal",
  wald: "normal",
  asymptotic: "normal",
  agresti_coull: "agresti-coull",
  "agresti-coull": "agresti-coull",
  jeffreys: "jeffreys",
} as const;

export type ProportionMethod = keyof typeof PROPORTION_METHODS;

export type ProportionInterval = {
  estimate: number;
  low: number;
  high: number;
  reason?: string;
};

/**
 * Interval of a proportion k / n, for sensitivity, specificity, accuracy.
 *
 * "wilson" (the default) inverts the score test and behaves at 0 and 1; "clopper-pearson" never undercovers and is wide;
 * "normal" collapses to a point at 0 and 1. Pitfalls: it covers the sampling of test cases only, so show the SD between runs
 * beside it; cases of one patient are not independent. Source: Brown, Cai & DasGupta (2001); statsmodels
 * proportion_confint, SciPy binomtest ("wilson-cc").
 */
export function proportionInterval(
  k: number,
  n: number,
  { method = "wilson", confidence = 0.95 }: { method?: ProportionMethod; confidence?: number } = {},
): ProportionInterval {
  if (!(Number.isInteger(n) && n >= 0))
    throw invalidInput("n", n, "must be a number of cases", "Use a whole number.");
  if (!(Number.isInteger(k) && k >= 0 && k <= n)) {
    throw invalidInput(
      "k",
      k,
      `must be a number of cases out of n = ${n}`,
      "Use a whole number from 0 to n.",
    );
  }
  const alpha = 1 - requireConfidence(confidence);
  const estimate = k / n;
  if (n === 0)
    return { estimate, low: Number.NaN, high: Number.NaN, reason: "n too small: there are no cases." };
  const [low, high] = bounds(k, n, alpha, PROPORTION_METHODS[method]);
  const collapsed =
    low === high ? "The normal approximation collapses to a point at 0 and 1; use wilson." : undefined;
  return { estimate, low: Math.max(0, low), high: Math.min(1, high), ...because(collapsed) };
}

function bounds(
  k: number,
  n: number,
  alpha: number,
  method: (typeof PROPORTION_METHODS)[ProportionMethod],
): [number, number] {
  const z = -normalQuantile(alpha / 2);
  const p = k / n;
  const q = (n - k) / n;
  switch (method) {
    case "wilson": {
      const denominator = 1 + (z * z) / n;
      const centre = (p + (z * z) / (2 * n)) / denominator;
      const half = (z * Math.sqrt((p * q) / n + (z * z) / (4 * n * n))) / denominator;
      return [k === 0 ? 0 : centre - half, k === n ? 1 : centre + half];
    }
    case "wilson-cc": {
      const denominator = 2 * (n + z * z);
      const low = 2 * k + z * z - 1 - z * Math.sqrt(z * z - 2 - 1 / n + 4 * p * (n - k + 1));
      const high = 2 * k + z * z + 1 + z * Math.sqrt(z * z + 2 - 1 / n + 4 * p * (n - k - 1));
      return [k === 0 ? 0 : low / denominator, k === n ? 1 : high / denominator];
    }
    case "clopper-pearson":
      return [
        k === 0 ? 0 : betaQuantile(alpha / 2, k, n - k + 1),
        k === n ? 1 : 1 - betaQuantile(alpha / 2, n - k, k + 1),
      ];
    case "normal": {
      const half = z * Math.sqrt((p * q) / n);
      return [p - half, p + half];
    }
    case "agresti-coull": {
      const size = n + z * z;
      const centre = (k + (z * z) / 2) / size;
      const half = z * Math.sqrt((centre * (1 - centre)) / size);
      return [centre - half, centre + half];
    }
    case "jeffreys":
      return [
        betaQuantile(alpha / 2, k + 0.5, n - k + 0.5),
        1 - betaQuantile(alpha / 2, n - k + 0.5, k + 0.5),
      ];
  }
}

export type McNemarResult = {
  /** Cases the first model had right and the second wrong. */
  b: number;
  c: number;
  /** Exact two-sided binomial p-value of b against c. */
  exactP: number;
  /** Chi-square with continuity correction, max(|b - c| - 1, 0)² / (b + c), and its p-value. */
  chi2cc: number;
  pcc: number;
  /** Without correction. */
  chi2: number;
  pChi2: number;
  reason?: string;
};

/**
 * McNemar's test of two models on the same cases, from the table [[both right, only first], [only second, both wrong]].
 *
 * Pitfall: run-to-run variance is ignored; it compares these two trained models, not two ways of training. The correction
 * is floored at 0 (as in R), and b + c = 0 counts as p = 1. Source: McNemar (1947), Edwards (1948).
 */
export function mcnemar(
  table: readonly [readonly [number, number], readonly [number, number]],
): McNemarResult {
  table.forEach((row, i) => {
    row.forEach((count, j) => {
      if (Number.isInteger(count) && count >= 0) return;
      throw invalidInput(
        `table[${i}][${j}]`,
        count,
        "must be a number of cases",
        "Use a whole number from 0.",
      );
    });
  });
  const b = table[0][1];
  const c = table[1][0];
  const discordant = b + c;
  if (discordant === 0) {
    const reason = "The models never disagree: there is nothing to test, p is 1 by definition.";
    return { b, c, exactP: 1, chi2cc: 0, pcc: 1, chi2: 0, pChi2: 1, reason };
  }
  const chi2cc = Math.max(Math.abs(b - c) - 1, 0) ** 2 / discordant;
  const chi2 = (b - c) ** 2 / discordant;
  return {
    b,
    c,
    exactP: Math.min(1, 2 * binomialCdf(Math.min(b, c), discordant, 0.5)),
    chi2cc,
    pcc: chiSquareUpperTail(chi2cc, 1),
    chi2,
    pChi2: chiSquareUpperTail(chi2, 1),
  };
}
