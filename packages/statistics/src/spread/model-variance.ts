import { invalidInput } from "../errors.js";
import { because, type Interval } from "../means/t-tests.js";
import { chiSquareQuantile } from "../numerics/distributions.js";
import { type ClusterNames, clustersOf } from "../patients/clusters.js";
import { variance } from "../summary.js";

export type ModelVariance = {
  runs: number;
  cases: number;
  /** Variance of the share of right cases between runs (n − 1). */
  observed: number;
  /** What of it a finite test set makes: the variance if runs were equally good and erred on cases at random. */
  testSet: number;
  /** The difference, not cut off at 0: variance between runs on ever more cases. */
  model: number;
  /** 95 % interval of `model`. */
  interval: Interval;
  reason?: string;
};

/**
 * Splits the variance of accuracy between runs into what a finite test set makes and what models differ by. `right[run][case]` is 1
 * where a run has a case right. The test-set part is n⁻² Σ s_i², with s_i² = k/(k − 1) p̂_i (1 − p̂_i) the unbiased variance of
 * case i over k runs; with `clusters` the variance of a cluster's sum takes the place of that of its cases, so that what runs have right
 * or wrong of one patient may hang together. The difference is unbiased, and negative by chance where models hardly differ.
 *
 * Source: Jordan (2023), On the variance of neural network training with respect to test sets and distributions, arXiv:2304.01910
 * (there p̂ (1 − p̂) without the factor). The interval is that of the observed variance by χ², moved by the test-set part: it takes accuracy
 * for normal over runs, and the test-set part, a sum over all cases, for known.
 */
export function modelVariance(
  right: ArrayLike<ArrayLike<number>>,
  names: ClusterNames | null = null,
  { confidence = 0.95 }: { confidence?: number } = {},
): ModelVariance {
  const runs = right.length;
  const cases = right[0]?.length ?? 0;
  for (let r = 0; r < runs; r++)
    if (right[r]?.length !== cases)
      throw invalidInput(
        `right[${r}]`,
        right[r]?.length,
        `must have ${cases} cases`,
        "Judge the same cases.",
      );
  const nan = Number.NaN;
  if (runs < 2 || cases === 0) {
    const reason = runs < 2 ? "n too small: a variance needs two runs." : "There are no cases.";
    return { runs, cases, observed: nan, testSet: nan, model: nan, interval: [nan, nan], reason };
  }
  const clusters = names ? clustersOf(names, cases) : null;
  const units = clusters?.count ?? cases;
  const sums = new Float64Array(units);
  const squares = new Float64Array(units);
  const own = new Float64Array(units);
  const rates: number[] = [];
  for (let r = 0; r < runs; r++) {
    own.fill(0);
    let total = 0;
    for (let i = 0; i < cases; i++) {
      const value = Number(right[r]?.[i]);
      total += value;
      const k = clusters ? (clusters.of[i] ?? 0) : i;
      own[k] = (own[k] ?? 0) + value;
    }
    for (let k = 0; k < units; k++) {
      sums[k] = (sums[k] ?? 0) + (own[k] ?? 0);
      squares[k] = (squares[k] ?? 0) + (own[k] ?? 0) ** 2;
    }
    rates.push(total / cases);
  }
  let within = 0;
  for (let k = 0; k < units; k++) within += ((squares[k] ?? 0) - (sums[k] ?? 0) ** 2 / runs) / (runs - 1);
  const testSet = within / cases ** 2;
  const observed = variance(rates);
  const df = runs - 1;
  const tail = (1 - confidence) / 2;
  const bound = (p: number) => (df * observed) / chiSquareQuantile(p, df) - testSet;
  const equal = within === 0;
  return {
    ...{ runs, cases, observed, testSet, model: observed - testSet },
    interval: equal ? [0, 0] : [bound(1 - tail), bound(tail)],
    ...because(equal ? "All runs have the same cases right." : undefined),
  };
}

export type DisagreementAndError = { disagreement: number; error: number };

/**
 * Mean share of cases on which two runs decide differently, and mean share that a run has wrong. Where runs are calibrated as an
 * ensemble the two are equal, so that disagreement without labels tells the error. `decided[run][case]` are classes.
 * Source: Jiang, Nagarajan, Baek & Kolter (2022), Assessing generalization of SGD via disagreement, ICLR.
 */
export function disagreementAndError(
  decided: ArrayLike<ArrayLike<number>>,
  labels: ArrayLike<number>,
): DisagreementAndError {
  const runs = Array.from(decided);
  const cases = labels.length;
  let differing = 0;
  let wrong = 0;
  for (let i = 0; i < cases; i++) {
    const votes = new Map<number, number>();
    for (const run of runs) {
      const vote = Number(run[i]);
      votes.set(vote, (votes.get(vote) ?? 0) + 1);
      if (vote !== labels[i]) wrong += 1;
    }
    let agreeing = 0;
    for (const count of votes.values()) agreeing += count * (count - 1);
    differing += 1 - agreeing / (runs.length * (runs.length - 1));
  }
  return { disagreement: differing / cases, error: wrong / (cases * runs.length) };
}

/**
 * Instability of one case over runs: mean absolute difference of two runs' scores, and share of pairs of runs that classify it
 * differently. Riley & Collins compare each model with the one that was developed; here every run takes that place in turn.
 * Source: Riley & Collins (2023), Biometrical Journal 65:2200302 (mean absolute prediction error, classification instability index).
 */
export function caseInstability(
  scores: ArrayLike<number>,
  decisions: ArrayLike<number>,
): { difference: number; classification: number } {
  const ascending = Float64Array.from(scores).sort();
  const k = ascending.length;
  const pairs = (k * (k - 1)) / 2;
  let total = 0;
  for (let i = 0; i < k; i++) total += (2 * i - k + 1) * (ascending[i] ?? 0);
  const votes = new Map<number, number>();
  for (let i = 0; i < k; i++) votes.set(Number(decisions[i]), (votes.get(Number(decisions[i])) ?? 0) + 1);
  let alike = 0;
  for (const count of votes.values()) alike += (count * (count - 1)) / 2;
  return { difference: total / pairs, classification: 1 - alike / pairs };
}
