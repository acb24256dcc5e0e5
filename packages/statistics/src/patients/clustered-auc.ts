import { type Placements, placements, requireBinary } from "../classification/auc.js";
import { because, type Interval, requireConfidence } from "../means/t-tests.js";
import { tQuantile, tTwoSided } from "../numerics/distributions.js";
import { type ClusterNames, type Clusters, clustersOf } from "./clusters.js";

/** Sums over clusters of how far placements lie from the area, and what turns their products into a variance. */
export type AucInfluence = {
  auc: number;
  /** Per cluster: Σ (V10 − θ) over its positives, Σ (V01 − θ) over its negatives. */
  positive: Float64Array;
  negative: Float64Array;
};

/** Cases of both classes by cluster. */
export type AucDesign = {
  labels: Uint8Array;
  clusters: Clusters;
  positives: number;
  negatives: number;
  /** Clusters with a positive, and with a negative case. */
  positiveClusters: number;
  negativeClusters: number;
};

/** Labels (1 positive, 0 negative) and the cluster of every case; null: every case is its own. */
export function aucDesign(labels: ArrayLike<number>, names: ClusterNames | null): AucDesign {
  requireBinary(labels);
  const n = labels.length;
  const clusters = names
    ? clustersOf(names, n)
    : { of: Int32Array.from({ length: n }, (_, i) => i), count: n };
  const withCase = [new Uint8Array(clusters.count), new Uint8Array(clusters.count)];
  let positives = 0;
  for (let i = 0; i < n; i++) {
    const label = Number(labels[i]);
    positives += label;
    const seen = withCase[label];
    if (seen) seen[clusters.of[i] ?? 0] = 1;
  }
  const counted = (seen: Uint8Array | undefined) => seen?.reduce((sum, one) => sum + one, 0) ?? 0;
  return {
    labels: Uint8Array.from(labels),
    clusters,
    positives,
    negatives: n - positives,
    positiveClusters: counted(withCase[1]),
    negativeClusters: counted(withCase[0]),
  };
}

/**
 * The area of some scores with the sums that its variance is made of; scores of several runs are averaged as placements.
 *
 * @param runs scores, or their placements where they are known from another figure of the same cases
 */
export function aucInfluence(
  design: AucDesign,
  runs: readonly (ArrayLike<number> | Placements)[],
): AucInfluence {
  const positive = new Float64Array(design.clusters.count);
  const negative = new Float64Array(design.clusters.count);
  let total = 0;
  for (const [at, run] of runs.entries()) {
    const { auc, positives, negatives } =
      "auc" in run ? run : placements(`scores[${at}]`, design.labels, run);
    total += auc;
    let p = 0;
    let q = 0;
    for (let i = 0; i < design.labels.length; i++) {
      const k = design.clusters.of[i] ?? 0;
      if (design.labels[i] === 1)
        positive[k] = (positive[k] ?? 0) + ((positives[p++] ?? 0) - auc) / runs.length;
      else negative[k] = (negative[k] ?? 0) + ((negatives[q++] ?? 0) - auc) / runs.length;
    }
  }
  return { auc: total / runs.length, positive, negative };
}

/**
 * Covariance of two areas over the same cases: Obuchowski's S10/m + S01/n + (S11 + S11')/(mn), with S10 over the clusters that
 * have positives, S01 over those that have negatives and S11 over all. Where every case is its own cluster it is DeLong's.
 */
export function aucCovariance(design: AucDesign, a: AucInfluence, b: AucInfluence): number {
  const { positives: m, negatives: n, clusters, positiveClusters, negativeClusters } = design;
  let s10 = 0;
  let s01 = 0;
  let s11 = 0;
  for (let k = 0; k < clusters.count; k++) {
    const [pa, na] = [a.positive[k] ?? 0, a.negative[k] ?? 0];
    const [pb, nb] = [b.positive[k] ?? 0, b.negative[k] ?? 0];
    s10 += pa * pb;
    s01 += na * nb;
    s11 += pa * nb + na * pb;
  }
  return (
    ((positiveClusters / (positiveClusters - 1)) * s10) / m ** 2 +
    ((negativeClusters / (negativeClusters - 1)) * s01) / n ** 2 +
    ((clusters.count / (clusters.count - 1)) * s11) / (m * n)
  );
}

export type ClusteredAuc = {
  aucA: number;
  varA: number;
  /** By the logit of the area, with Student's t. */
  ciA: Interval;
  /** Degrees of freedom: clusters of the rarer kind − 1. */
  df: number;
  clusters: number;
  aucB?: number;
  varB?: number;
  ciB?: Interval;
  cov?: number;
  /** Interval of aucA − aucB, its t and two-sided p-value. */
  difference?: number;
  ciDifference?: Interval;
  t?: number;
  pvalue?: number;
  reason?: string;
};

/**
 * Area under the ROC curve whose cases come in clusters, for one score or two scores of the same cases; a cluster may have
 * positive and negative cases. `labels` are 1 and 0; `clusters` null: every case is its own, and variances are DeLong's.
 *
 * Source: Obuchowski (1997), Biometrics 53:567–578; interval on the logit scale: Pepe (2003), The Statistical Evaluation of
 * Medical Tests, section 5.2; Student's t because clusters, not cases, are what was sampled.
 */
export function clusteredAuc(
  labels: ArrayLike<number>,
  scoresA: ArrayLike<number>,
  clusters: ClusterNames | null,
  scoresB?: ArrayLike<number>,
  { confidence = 0.95 }: { confidence?: number } = {},
): ClusteredAuc {
  const design = aucDesign(labels, clusters);
  const a = aucInfluence(design, [scoresA]);
  const single = aucInterval(design, a, confidence);
  const first = { aucA: a.auc, varA: single.variance, ciA: single.interval, df: single.df };
  const shared = { ...first, clusters: design.clusters.count };
  if (!scoresB) return { ...shared, ...because(single.reason) };
  const b = aucInfluence(design, [scoresB]);
  const other = aucInterval(design, b, confidence);
  const cov = aucCovariance(design, a, b);
  const difference = a.auc - b.auc;
  const error = Math.sqrt(Math.max(0, single.variance + other.variance - 2 * cov));
  const alike = a.positive.every((v, k) => v === b.positive[k] && a.negative[k] === b.negative[k]);
  const t = alike ? 0 : difference / error;
  const half = tQuantile((1 + confidence) / 2, single.df) * error;
  return {
    ...shared,
    ...{ aucB: b.auc, varB: other.variance, ciB: other.interval, cov, difference, t },
    ciDifference: [difference - half, difference + half],
    pvalue: alike ? 1 : tTwoSided(t, single.df),
    ...because(single.reason ?? other.reason ?? (alike ? "Both scores order the cases alike." : undefined)),
  };
}

/** The interval of an area, for other patients. */
export function aucInterval(
  design: AucDesign,
  influence: AucInfluence,
  confidence = 0.95,
): { variance: number; interval: Interval; df: number; reason?: string } {
  requireConfidence(confidence);
  const { positiveClusters, negativeClusters } = design;
  const df = Math.min(positiveClusters, negativeClusters) - 1;
  const variance = aucCovariance(design, influence, influence);
  const { auc } = influence;
  const nothing = { variance, interval: [Number.NaN, Number.NaN] as Interval, df };
  if (Number.isNaN(auc)) return { ...nothing, reason: "A score is NaN, or a class has no case." };
  if (df < 1)
    return { ...nothing, reason: "n too small: a variance needs two clusters with cases of each class." };
  if (!(variance > 0) || auc <= 0 || auc >= 1)
    return {
      ...nothing,
      reason: "The variance of the area is 0 (perfect or constant order): there is no interval.",
    };
  const half = (tQuantile((1 + confidence) / 2, df) * Math.sqrt(variance)) / (auc * (1 - auc));
  const centre = Math.log(auc / (1 - auc));
  const back = (x: number) => 1 / (1 + Math.exp(-x));
  return { variance, interval: [back(centre - half), back(centre + half)], df };
}
