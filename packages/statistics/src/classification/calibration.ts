import { invalidInput } from "../errors.js";
import { because, type Interval } from "../means/t-tests.js";
import { normalQuantile, tQuantile } from "../numerics/distributions.js";
import { areSingletons, type ClusterNames, clustersOf } from "../patients/clusters.js";
import { quantileOfSorted } from "../summary.js";
import { type LogisticFit, logisticCoefficients, logisticFit } from "./logistic.js";

/** Scores nearer to 0 or 1 have no finite logit worth the name: half the spacing of float32 below 1. */
const closest = 2 ** -25;

export type Calibration = {
  /** Mean squared difference of score and outcome. */
  brier: number;
  /** Mean score and share of positive cases: calibration in the large, as it is. */
  meanScore: number;
  prevalence: number;
  /** Calibration intercept at slope 1 (0 is perfect; below: risks are too high), and calibration slope (1 is perfect; below: too extreme). */
  intercept: number;
  slope: number;
  interceptInterval: Interval;
  slopeInterval: Interval;
  /** Scores so near to 0 or 1 that they were moved by 2⁻²⁵ for their logit. */
  clipped: number;
  reason?: string;
};

/**
 * How far scores are probabilities. `labels` are 1 and 0, `scores` from 0 to 1. The intercept is that of a logistic regression with the
 * logit of the score as offset, the slope that of a regression on it; 95 % intervals are robust against cases that share a
 * cluster (`clusters`; null: cases are independent), with Student's t over clusters.
 *
 * Source: Brier (1950); Cox (1958); Van Calster et al. (2016), Journal of Clinical Epidemiology 74:167–176. Checked against
 * rms::val.prob and glm.
 */
export function calibration(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  clusters: ClusterNames | null = null,
  { confidence = 0.95 }: { confidence?: number } = {},
): Calibration {
  const { logits, clipped } = logitsOf(labels, scores);
  const n = labels.length;
  let brier = 0;
  let sum = 0;
  let positives = 0;
  for (let i = 0; i < n; i++) {
    brier += (Number(scores[i]) - Number(labels[i])) ** 2;
    sum += Number(scores[i]);
    positives += Number(labels[i]);
  }
  const groups = clusters ? clustersOf(clusters, n) : null;
  const grouped = groups && !areSingletons(groups) ? groups : null;
  const ones = new Float64Array(n).fill(1);
  const large = logisticFit([ones], labels, { offset: logits, clusters: grouped });
  const both = logisticFit([ones, logits], labels, { clusters: grouped });
  const tail = (1 + confidence) / 2;
  const t = grouped ? tQuantile(tail, grouped.count - 1) : normalQuantile(tail);
  const around = (fit: LogisticFit | null, at: number): Interval => {
    const half = t * Math.sqrt((grouped ? fit?.robust : fit?.covariance)?.[at]?.[at] ?? Number.NaN);
    const value = fit?.coefficients[at] ?? Number.NaN;
    return [value - half, value + half];
  };
  return {
    brier: brier / n,
    meanScore: sum / n,
    prevalence: positives / n,
    intercept: large?.coefficients[0] ?? Number.NaN,
    slope: both?.coefficients[1] ?? Number.NaN,
    interceptInterval: around(large, 0),
    slopeInterval: around(both, 1),
    clipped,
    ...because(
      both
        ? undefined
        : "No calibration slope: a class has no case, scores are constant, or they separate the classes.",
    ),
  };
}

/**
 * A smooth calibration curve: the share of positive cases at each score of `grid`, by logistic regression on a restricted cubic
 * spline of the logit with knots at its 10th, 50th and 90th percentile; NaN outside the range of the scores. Where knots fall together
 * or the spline cannot be fitted, on the logit alone; null where that cannot either.
 * Source: Harrell (2015), Regression Modeling Strategies, sections 2.4.5 and 10.11; Van Calster et al. (2016).
 */
export function calibrationCurve(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  grid: readonly number[],
): number[] | null {
  const { logits } = logitsOf(labels, scores);
  const ascending = logits.slice().sort();
  const knots = [0.1, 0.5, 0.9].map((p) => quantileOfSorted(ascending, p));
  const [a = 0, b = 0, c = 0] = knots;
  const ones = new Float64Array(logits.length).fill(1);
  const cube = (x: number) => Math.max(0, x) ** 3;
  const bend = (x: number) =>
    (cube(x - a) - (cube(x - b) * (c - a)) / (c - b) + (cube(x - c) * (b - a)) / (c - b)) / (c - a) ** 2;
  const spline = a < b && b < c ? logisticCoefficients([ones, logits, logits.map(bend)], labels) : null;
  const fit = spline ?? logisticCoefficients([ones, logits], labels);
  if (!fit) return null;
  const [one = 0, slope = 0, bent = 0] = fit;
  const [low = 0, high = 0] = [ascending[0], ascending[ascending.length - 1]];
  return grid.map((score) => {
    const x = logitOf(score);
    if (x < low || x > high) return Number.NaN;
    return 1 / (1 + Math.exp(-(one + slope * x + (spline ? bent * bend(x) : 0))));
  });
}

const logitOf = (score: number): number => {
  const inside = Math.min(1 - closest, Math.max(closest, score));
  return Math.log(inside / (1 - inside));
};

function logitsOf(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
): { logits: Float64Array; clipped: number } {
  if (labels.length !== scores.length)
    throw invalidInput(
      "scores",
      scores.length,
      `must have ${labels.length} values, one per label`,
      "Pair them.",
    );
  const logits = new Float64Array(scores.length);
  let clipped = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = Number(scores[i]);
    if (!(score >= 0 && score <= 1))
      throw invalidInput(
        `scores[${i}]`,
        score,
        "is not a probability from 0 to 1",
        "Calibration needs probabilities.",
      );
    if (score < closest || score > 1 - closest) clipped += 1;
    logits[i] = logitOf(score);
  }
  return { logits, clipped };
}
