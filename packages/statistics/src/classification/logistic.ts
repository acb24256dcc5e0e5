/** Logistic regression of a few columns, for recalibration. */

export type LogisticFit = {
  coefficients: number[];
  /** Covariance of the coefficients: from the model, and robust against cases that share a cluster. */
  covariance: number[][];
  robust: number[][];
};

const maxSteps = 50;

/**
 * Maximum likelihood by iterated least squares. `columns[j][i]` is column j of case i, `y` 0 or 1; `offset` is added to the linear
 * predictor. `clusters` numbers the cluster of each case for the robust covariance, K/(K − 1) times the sandwich (HC0 over
 * clusters); null: each case is its own. Null where classes are separated or columns depend on each other.
 * Source: McCullagh & Nelder (1989), section 4.4; Liang & Zeger (1986).
 */
export function logisticFit(
  columns: readonly ArrayLike<number>[],
  y: ArrayLike<number>,
  {
    offset,
    clusters,
  }: { offset?: ArrayLike<number>; clusters?: { of: ArrayLike<number>; count: number } | null } = {},
): LogisticFit | null {
  const n = y.length;
  const size = columns.length;
  const x = columns.map((column) => Float64Array.from(column));
  const outcome = Float64Array.from(y);
  const shift = offset ? Float64Array.from(offset) : new Float64Array(n);
  const mu = new Float64Array(n);
  let coefficients = new Array<number>(size).fill(0);
  let information: number[][] = [];
  for (let step = 0; ; step++) {
    predict(x, coefficients, shift, mu);
    const gradient = x.map((column) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Number(column[i]) * (Number(outcome[i]) - Number(mu[i]));
      return sum;
    });
    information = x.map((own, a) =>
      x.slice(0, a + 1).map((other) => {
        let sum = 0;
        for (let i = 0; i < n; i++)
          sum += Number(mu[i]) * (1 - Number(mu[i])) * Number(own[i]) * Number(other[i]);
        return sum;
      }),
    );
    for (let a = 0; a < size; a++)
      for (let b = a + 1; b < size; b++) (information[a] ?? [])[b] = information[b]?.[a] ?? 0;
    const change = solve(information, gradient);
    if (!change) return null;
    coefficients = coefficients.map((value, a) => value + (change[a] ?? 0));
    // Separated classes drive coefficients to infinity.
    if (step === maxSteps || coefficients.some((value) => !(Math.abs(value) < 1e4))) return null;
    if (change.every((value, a) => Math.abs(value) <= 1e-10 * (1 + Math.abs(coefficients[a] ?? 0)))) break;
  }
  const covariance = inverse(information);
  if (!covariance) return null;
  const count = clusters?.count ?? n;
  predict(x, coefficients, shift, mu);
  const scores = x.map((column) => {
    const own = new Float64Array(count);
    for (let i = 0; i < n; i++) {
      const k = clusters ? Number(clusters.of[i]) : i;
      own[k] = Number(own[k]) + (Number(outcome[i]) - Number(mu[i])) * Number(column[i]);
    }
    return own;
  });
  const meat = scores.map((a) =>
    scores.map((b) => (count / (count - 1)) * a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0)),
  );
  return { coefficients, covariance, robust: multiply(multiply(covariance, meat), covariance) };
}

/** Writes the probability of every case into `mu`. */
function predict(
  columns: readonly Float64Array[],
  coefficients: readonly number[],
  offset: Float64Array,
  mu: Float64Array,
): void {
  mu.set(offset);
  for (const [a, column] of columns.entries()) {
    const coefficient = coefficients[a] ?? 0;
    for (let i = 0; i < mu.length; i++) mu[i] = Number(mu[i]) + coefficient * Number(column[i]);
  }
  for (let i = 0; i < mu.length; i++) mu[i] = 1 / (1 + Math.exp(-Number(mu[i])));
}

const multiply = (a: number[][], b: number[][]): number[][] =>
  a.map((row) =>
    (b[0] ?? []).map((_, j) => row.reduce((sum, value, k) => sum + value * (b[k]?.[j] ?? 0), 0)),
  );

function inverse(matrix: number[][]): number[][] | null {
  const columns = matrix.map((_, j) =>
    solve(
      matrix,
      matrix.map((__, i) => (i === j ? 1 : 0)),
    ),
  );
  if (columns.some((column) => column === null)) return null;
  return matrix.map((_, i) => columns.map((column) => column?.[i] ?? 0));
}

/** Gaussian elimination with pivots; null where the matrix is singular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const n = rows.length;
  for (let p = 0; p < n; p++) {
    let best = p;
    for (let i = p + 1; i < n; i++)
      if (Math.abs(rows[i]?.[p] ?? 0) > Math.abs(rows[best]?.[p] ?? 0)) best = i;
    const pivot = rows[best];
    const here = rows[p];
    if (!pivot || !here || !(Math.abs(pivot[p] ?? 0) > 1e-12)) return null;
    rows[best] = here;
    rows[p] = pivot;
    for (let i = 0; i < n; i++) {
      const row = rows[i];
      if (i === p || !row) continue;
      const factor = (row[p] ?? 0) / (pivot[p] ?? 1);
      for (let j = p; j <= n; j++) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0);
    }
  }
  return rows.map((row, i) => (row[n] ?? 0) / (row[i] ?? 1));
}
