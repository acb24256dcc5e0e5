import { because } from "../means/t-tests.js";

/** More products of scores than this are not made: some seconds. */
const mostProducts = 1e8;

export type OneShot = { estimate: number; variance: number; reason?: string };

/**
 * Mean area under the ROC curve over readers, with its variance for other readers and other cases, unbiased and without a model.
 * `positives[reader][case]` and `negatives[reader][case]` are scores; every reader reads all cases, and cases are independent of each
 * other. With `others` (the scores of the same readers with a second test) it is the difference of the two mean areas.
 *
 * The variance is θ̂² − M8, where M8 estimates θ² from pairs of readings that share neither reader nor case.
 * Source: Gallas (2006), Academic Radiology 13:353–362; Gallas, Bandos, Samuelson & Wagner (2009), Communications in
 * Statistics 38:2586–2603. Checked against iMRMC.
 */
export function oneShot(
  positives: readonly ArrayLike<number>[],
  negatives: readonly ArrayLike<number>[],
  others?: { positives: readonly ArrayLike<number>[]; negatives: readonly ArrayLike<number>[] },
): OneShot {
  const readers = positives.length;
  const [m, n] = [positives[0]?.length ?? 0, negatives[0]?.length ?? 0];
  const nothing = (reason: string) => ({ estimate: Number.NaN, variance: Number.NaN, reason });
  if (readers < 2 || m < 2 || n < 2)
    return nothing("n too small: two readers, and two cases of each class are needed.");
  if (readers * m * n > mostProducts) return nothing("Too many cases and readers for this method.");
  const ofPair = new Float64Array(m * n);
  const [byPositive, byNegative] = [new Float64Array(m), new Float64Array(n)];
  const q = { all: 0, rij: 0, ri: 0, rj: 0, r: 0 };
  for (let r = 0; r < readers; r++) {
    const ofNegative = new Float64Array(n);
    let reader = 0;
    for (let i = 0; i < m; i++) {
      let row = 0;
      for (let j = 0; j < n; j++) {
        let d = wins(Number(positives[r]?.[i]), Number(negatives[r]?.[j]));
        if (others) d -= wins(Number(others.positives[r]?.[i]), Number(others.negatives[r]?.[j]));
        row += d;
        q.rij += d * d;
        ofNegative[j] = (ofNegative[j] ?? 0) + d;
        ofPair[i * n + j] = (ofPair[i * n + j] ?? 0) + d;
      }
      q.ri += row * row;
      byPositive[i] = (byPositive[i] ?? 0) + row;
      reader += row;
    }
    for (let j = 0; j < n; j++) {
      q.rj += (ofNegative[j] ?? 0) ** 2;
      byNegative[j] = (byNegative[j] ?? 0) + (ofNegative[j] ?? 0);
    }
    q.r += reader * reader;
    q.all += reader;
  }
  const squares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
  const [ij, i, j] = [squares(ofPair), squares(byPositive), squares(byNegative)];
  // By inclusion and exclusion: products of two readings that share neither reader, positive nor negative case.
  const apart = q.all ** 2 - q.r - i - j + q.ri + q.rj + ij - q.rij;
  const count = readers * (readers - 1) * m * (m - 1) * n * (n - 1);
  const estimate = q.all / (readers * m * n);
  const variance = estimate ** 2 - apart / count;
  return {
    estimate,
    variance,
    ...because(
      variance > 0
        ? undefined
        : "The unbiased estimate of the variance is not positive: readers and cases vary too little.",
    ),
  };
}

const wins = (positive: number, negative: number): number =>
  positive > negative ? 1 : positive === negative ? 0.5 : 0;
