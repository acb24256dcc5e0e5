import { invalidInput } from "../errors.js";
import { because, requireConfidence } from "../means/t-tests.js";
import { normalQuantile, tQuantile } from "../numerics/distributions.js";
import { areSingletons, type ClusterNames, clustersOf } from "./clusters.js";

export type ClusteredProportion = {
  /** Mean over cases. */
  estimate: number;
  standardError: number;
  low: number;
  high: number;
  cases: number;
  clusters: number;
  /** Variance over that of as many independent cases; 1 where every case is its own cluster, and never below. */
  designEffect: number;
  /** Independent cases that would leave as much open. */
  effectiveCases: number;
  reason?: string;
};

/**
 * Interval of a proportion whose cases come in clusters (recordings of patients, lesions, patches of slides).
 * `values[i]` from 0 to 1: 0 or 1 of one run, or the share of runs that decide case i so; then the interval is that of the
 * mean rate of these runs, for other cases. `clusters[i]` names the cluster of case i; without it cases are independent.
 *
 * The variance is that of a ratio estimator over clusters, K/(K − 1) Σ (y_k − p m_k)² / n²; the cases are divided by the design
 * effect, and Wilson's interval is taken at that effective number with Student's t for K − 1 degrees of freedom in place of z
 * (without clusters z, or t for n − 1 where values are averages and their variance is estimated).
 * Where all clusters have one and the same rate, no variance can be estimated: cases of a cluster are then taken for wholly
 * dependent, n_eff = (Σ m_k)² / Σ m_k².
 *
 * Source: Rao & Scott (1992), Biometrics 48:577–585; Obuchowski (1998), Statistics in Medicine 17:1495–1507; Student's t as in
 * Korn & Graubard (1998), Survey Methodology 24:193–201. Pitfall: fewer than ten clusters are few.
 */
export function clusteredProportion(
  values: ArrayLike<number>,
  clusters: ClusterNames | null,
  { confidence = 0.95 }: { confidence?: number } = {},
): ClusteredProportion {
  const alpha = 1 - requireConfidence(confidence);
  const cases = values.length;
  const groups = clusters === null ? null : clustersOf(clusters, cases);
  const { sums, sizes, estimate, squares } = totalsOf(values, groups);
  const count = groups?.count ?? cases;
  if (cases === 0 || (groups && count < 2)) {
    const nan = Number.NaN;
    const reason =
      cases === 0
        ? "n too small: there are no cases."
        : "n too small: one cluster shows no spread between clusters.";
    const nothing = { standardError: nan, low: nan, high: nan, designEffect: nan, effectiveCases: nan };
    return { estimate, ...nothing, cases, clusters: count, reason };
  }
  const grouped = groups !== null && !areSingletons(groups);
  const independent = squares / cases ** 2;
  const spread = estimate * (1 - estimate);
  // Averages over runs vary less than decisions of one run: so many independent decisions leave as much open.
  const averaged = independent > 0 && spread > 0 ? spread / (independent * cases) : 1;
  const isAverage = averaged > 1 + 1e-9;
  const t = grouped || isAverage ? -tQuantile(alpha / 2, count - 1) : -normalQuantile(alpha / 2);
  let designEffect = 1;
  let reason: string | undefined;
  if (grouped) {
    let total = 0;
    let largest = 0;
    for (let k = 0; k < count; k++) {
      const size = sizes[k] ?? 0;
      total += ((sums[k] ?? 0) - estimate * size) ** 2;
      largest += size ** 2;
    }
    const variance = ((count / (count - 1)) * total) / cases ** 2;
    const dependent = largest / cases;
    const isFlat = !(variance > Number.EPSILON * independent) || independent === 0;
    designEffect = isFlat ? dependent : Math.max(1, variance / independent);
    if (isFlat) reason = "All clusters have the same rate: cases of one are treated as fully dependent.";
  }
  const effectiveCases = (cases * averaged) / designEffect;
  const [low, high] = wilson(estimate, effectiveCases, t);
  return {
    estimate,
    standardError: Math.sqrt(Math.max(0, spread) / effectiveCases),
    low,
    high,
    cases,
    clusters: count,
    designEffect,
    effectiveCases,
    ...because(reason),
  };
}

/** Wilson's interval of p from n decisions, which need not be a whole number. */
function wilson(p: number, n: number, z: number): [number, number] {
  const denominator = 1 + z ** 2 / n;
  const centre = (p + z ** 2 / (2 * n)) / denominator;
  const half = (z * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2))) / denominator;
  return [p === 0 ? 0 : Math.max(0, centre - half), p === 1 ? 1 : Math.min(1, centre + half)];
}

function totalsOf(values: ArrayLike<number>, groups: ReturnType<typeof clustersOf> | null) {
  const count = groups?.count ?? 0;
  const sums = new Float64Array(count);
  const sizes = new Float64Array(count);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!(value >= 0 && value <= 1))
      throw invalidInput(
        `values[${i}]`,
        value,
        "must lie between 0 and 1",
        "Use 1 for right and 0 for wrong.",
      );
    total += value;
    if (!groups) continue;
    const k = groups.of[i] ?? 0;
    sums[k] = (sums[k] ?? 0) + value;
    sizes[k] = (sizes[k] ?? 0) + 1;
  }
  const estimate = total / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (Number(values[i]) - estimate) ** 2;
  return { sums, sizes, estimate, squares };
}
