import { invalidInput } from "../errors.js";
import { because, type Interval, requireConfidence } from "../means/t-tests.js";
import { normalPValue, tQuantile, tTwoSided } from "../numerics/distributions.js";
import { type ClusterNames, clustersOf } from "./clusters.js";

export type ClusteredMcNemar = {
  /** Cases that only the first, and only the second model has right. */
  onlyA: number;
  onlyB: number;
  clusters: number;
  /** Two-sided p-value of the exact test that exchanges the models patient by patient. */
  exactP: number;
  /** Difference of the two shares of right cases, and its interval by Student's t over clusters. */
  difference: number;
  interval: Interval;
  /** Obuchowski's statistic with K − 1 degrees of freedom, and its two-sided p-value. */
  t: number;
  pvalue: number;
  reason?: string;
};

/**
 * Two models on the same cases, which come in clusters. `rightA[i]` and `rightB[i]` are 1 where a model has case i right.
 *
 * The exact test takes the difference D_k of right cases of every cluster with either sign, 2^K equally likely ways if the models
 * are exchangeable within a patient, and sums the chance of a |Σ D_k| as large as observed; their distribution is found by
 * convolution, beyond 1,000 clusters that differ by the normal distribution with continuity correction. Where every case is its own cluster it is the exact McNemar test. The interval and t use the variance of the
 * difference of two ratios, K/(K − 1) Σ (D_k − m_k D)² / n².
 *
 * Source: Obuchowski (1998), Statistics in Medicine 17:1495–1507; sign changes: Fisher (1935), The Design of Experiments, §21.
 * Pitfall: it compares these two trained models; that training again would give others, it does not see.
 */
export function clusteredMcNemar(
  rightA: ArrayLike<number>,
  rightB: ArrayLike<number>,
  names: ClusterNames,
  { confidence = 0.95 }: { confidence?: number } = {},
): ClusteredMcNemar {
  requireConfidence(confidence);
  const n = rightA.length;
  if (rightB.length !== n)
    throw invalidInput("rightB", rightB.length, `must have ${n} entries`, "Judge the same cases.");
  const clusters = clustersOf(names, n);
  const differences = new Int32Array(clusters.count);
  const sizes = new Int32Array(clusters.count);
  let onlyA = 0;
  let onlyB = 0;
  for (let i = 0; i < n; i++) {
    const k = clusters.of[i] ?? 0;
    const change = Number(rightA[i]) - Number(rightB[i]);
    if (change > 0) onlyA += 1;
    if (change < 0) onlyB += 1;
    differences[k] = (differences[k] ?? 0) + change;
    sizes[k] = (sizes[k] ?? 0) + 1;
  }
  const difference = (onlyA - onlyB) / n;
  let total = 0;
  for (let k = 0; k < clusters.count; k++)
    total += ((differences[k] ?? 0) - (sizes[k] ?? 0) * difference) ** 2;
  const df = clusters.count - 1;
  const error = Math.sqrt((clusters.count / df) * total) / n;
  const half = tQuantile((1 + confidence) / 2, df) * error;
  const t = error === 0 && difference === 0 ? 0 : difference / error;
  const agree = onlyA + onlyB === 0;
  return {
    ...{ onlyA, onlyB, clusters: clusters.count, difference, t },
    exactP: exactSignChange(differences),
    interval: [difference - half, difference + half],
    pvalue: agree ? 1 : tTwoSided(t, df),
    ...because(
      agree ? "The models never disagree: there is nothing to test, p is 1 by definition." : undefined,
    ),
  };
}

/** Clusters in which models differ, up to which all signs are counted; beyond, the sum of signs is as good as normal. */
const mostCounted = 1_000;

/** P(|Σ ± D_k| ≥ |Σ D_k|) with all signs equally likely. */
function exactSignChange(differences: Int32Array): number {
  const steps = differences.map(Math.abs).filter((step) => step > 0);
  const observed = Math.abs(differences.reduce((sum, step) => sum + step, 0));
  if (steps.length > mostCounted) {
    const sd = Math.sqrt(steps.reduce((sum, step) => sum + step ** 2, 0));
    return normalPValue(Math.max(0, observed - 1) / sd, "two-sided");
  }
  const reach = steps.reduce((sum, step) => sum + step, 0);
  let [chance, next] = [new Float64Array(2 * reach + 1), new Float64Array(2 * reach + 1)];
  chance[reach] = 1;
  let so = 0;
  for (const step of steps) {
    next.fill(0);
    for (let at = reach - so; at <= reach + so; at++) {
      const half = (chance[at] ?? 0) / 2;
      next[at - step] = (next[at - step] ?? 0) + half;
      next[at + step] = (next[at + step] ?? 0) + half;
    }
    so += step;
    [chance, next] = [next, chance];
  }
  let p = 0;
  for (let at = 0; at < chance.length; at++) if (Math.abs(at - reach) >= observed) p += chance[at] ?? 0;
  return Math.min(1, p);
}
