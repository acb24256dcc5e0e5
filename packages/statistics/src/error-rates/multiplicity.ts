import { invalidInput } from "../errors.js";
import { because } from "../means/t-tests.js";

/** Method names with the aliases of R and statsmodels. */
export const ADJUSTMENTS = {
  none: "none",
  bonferroni: "bonferroni",
  sidak: "sidak",
  holm: "holm",
  "holm-sidak": "holm-sidak",
  hochberg: "hochberg",
  "simes-hochberg": "hochberg",
  hommel: "hommel",
  bh: "bh",
  fdr: "bh",
  fdr_bh: "bh",
  by: "by",
  fdr_by: "by",
  tsbh: "tsbh",
  fdr_tsbh: "tsbh",
  tsbky: "tsbky",
  fdr_tsbky: "tsbky",
  gbs: "gbs",
  fdr_gbs: "gbs",
} as const;

export type AdjustmentMethod = keyof typeof ADJUSTMENTS;
type Adjustment = (typeof ADJUSTMENTS)[AdjustmentMethod];

export type AdjustedPValues = {
  /** In the order of the input; NaN where the input was NaN. */
  adjusted: number[];
  /** adjusted <= alpha. */
  reject: boolean[];
  /** Indices of NaN p-values: they are not members of the family. */
  excluded: number[];
  reason?: string;
};

/**
 * p-values adjusted for their family. "holm" (default) controls the family-wise error for claims, "bh" the false discovery
 * rate for screening. `alpha` is 0.05 when absent.
 *
 * Pitfalls: the family must be frozen before looking. NaN p-values are excluded, named, and do not count (as in R).
 * "tsbh" and "tsbky" are valid for the given alpha only. Source: Holm (1979), Benjamini & Hochberg (1995), Hommel (1988),
 * Benjamini, Krieger & Yekutieli (2006); statsmodels multipletests, R p.adjust.
 */
export function adjustPValues(
  p: ArrayLike<number>,
  { method = "holm", alpha = 0.05 }: { method?: AdjustmentMethod; alpha?: number } = {},
): AdjustedPValues {
  const all = Array.from(p);
  const excluded: number[] = [];
  const members: number[] = [];
  all.forEach((value, i) => {
    if (Number.isNaN(value)) excluded.push(i);
    else if (value >= 0 && value <= 1) members.push(i);
    else throw invalidInput(`p[${i}]`, value, "is not a probability", "Give p-values from 0 to 1, or NaN.");
  });
  members.sort((a, b) => Number(all[a]) - Number(all[b]));
  const ascending = members.map((i) => Number(all[i]));
  const values = adjustAscending(ascending, ADJUSTMENTS[method], alpha);
  const adjusted = new Array<number>(all.length).fill(Number.NaN);
  members.forEach((index, rank) => {
    adjusted[index] = Math.min(1, values[rank] ?? Number.NaN);
  });
  // A hair of tolerance: p * m can round to just above alpha where p <= alpha / m holds.
  const limit = alpha * (1 + 2 * Number.EPSILON);
  const count = excluded.length;
  const reason =
    count > 0 ? `${count} of ${all.length} p-values are NaN and were left out of the family.` : undefined;
  return { adjusted, reject: adjusted.map((value) => value <= limit), excluded, ...because(reason) };
}

function adjustAscending(p: number[], method: Adjustment, alpha: number): number[] {
  const m = p.length;
  switch (method) {
    case "none":
      return p;
    case "bonferroni":
      return p.map((value) => value * m);
    case "sidak":
      return p.map((value) => sidak(value, m));
    case "holm":
      return runningMax(p.map((value, i) => value * (m - i)));
    case "holm-sidak":
      return runningMax(p.map((value, i) => sidak(value, m - i)));
    case "hochberg":
      return runningMinFromEnd(p.map((value, i) => value * (m - i)));
    case "hommel":
      return hommel(p);
    case "bh":
      return benjaminiHochberg(p);
    case "by": {
      const harmonic = p.reduce((total, _, i) => total + 1 / (i + 1), 0);
      return runningMinFromEnd(p.map((value, i) => (value * m * harmonic) / (i + 1)));
    }
    case "tsbh":
      return twoStage(p, alpha, 1);
    case "tsbky":
      return twoStage(p, alpha, 1 + alpha);
    case "gbs":
      return runningMax(p.map((value, i) => ((m - i) / (i + 1)) * (value / (1 - value))));
  }
}

/** 1 - (1 - p)^m without losing small p. */
function sidak(p: number, m: number): number {
  return -Math.expm1(m * Math.log1p(-p));
}

function benjaminiHochberg(p: number[]): number[] {
  return runningMinFromEnd(p.map((value, i) => (value * p.length) / (i + 1)));
}

function hommel(p: number[]): number[] {
  const m = p.length;
  const adjusted = [...p];
  for (let size = m; size > 1; size--) {
    let smallest = Number.POSITIVE_INFINITY;
    for (let k = 1; k <= size; k++) smallest = Math.min(smallest, (size * Number(p[m - size + k - 1])) / k);
    for (let i = 0; i < m; i++) {
      const bound = i >= m - size ? smallest : Math.min(size * Number(p[i]), smallest);
      adjusted[i] = Math.max(Number(adjusted[i]), bound);
    }
  }
  return adjusted;
}

/** One step up at a reduced level estimates how many hypotheses are true; the second step is rescaled by that. */
function twoStage(p: number[], alpha: number, factor: number): number[] {
  const m = p.length;
  const first = benjaminiHochberg(p);
  const rejected = first.filter((value) => Math.min(1, value) <= alpha / factor).length;
  const share = rejected === 0 || rejected === m ? 1 : (m - rejected) / m;
  return first.map((value) => Math.min(1, value) * share * factor);
}

function runningMax(values: number[]): number[] {
  let largest = 0;
  return values.map((value) => {
    largest = Math.max(largest, value);
    return largest;
  });
}

function runningMinFromEnd(values: number[]): number[] {
  let smallest = Number.POSITIVE_INFINITY;
  const result = [...values];
  for (let i = values.length - 1; i >= 0; i--) {
    smallest = Math.min(smallest, Number(values[i]));
    result[i] = smallest;
  }
  return result;
}
