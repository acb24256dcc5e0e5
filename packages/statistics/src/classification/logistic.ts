/** Logistic regression of a few columns, for recalibration. */

export type LogisticFit = {
  coefficients: number[];
  /** Covariance of the coefficients: from the model, and robust against cases that share a cluster. */
  covariance: number[][];
  robust: number[][];
};

const maxSteps = 50;

/** Coefficients, the information about them one step before, and columns and outcomes as lists of one kind. */
type Maximum = { coefficients: number[]; information: number[][]; x: Float64Array[]; outcome: Float64Array };

/** Null where classes are separated or columns depend on each other. */
function maximumLikelihood(
  columns: readonly ArrayLike<number>[],
  y: ArrayLike<number>,
  offset: ArrayLike<number> | undefined,
): Maximum | null {
  const n = y.length;
  const size = columns.length;
  const x = columns.map((column) => Float64Array.from(column));
  const outcome = Float64Array.from(y);
  const shift = offset ? Float64Array.from(offset) : new Float64Array(n);
  const residual = new Float64Array(n);
  const weight = new Float64Array(n);
  let coefficients = new Array<number>(size).fill(0);
  for (let step = 0; ; step++) {
    predict(x, coefficients, shift, weight);
    for (let i = 0; i < n; i++) {
      const mu = Number(weight[i]);
      residual[i] = Number(outcome[i]) - mu;
      weight[i] = mu * (1 - mu);
    }
    const gradient = x.map((column) => product(column, residual));
    const information = x.map(() => new Array<number>(size).fill(0));
    for (const [a, own] of x.entries())
      for (let b = 0; b <= a; b++) {
        const sum = weightedProduct(weight, own, x[b] ?? own);
        (information[a] ?? [])[b] = sum;
        (information[b] ?? [])[a] = sum;
      }
    const change = solve(information, gradient);
    if (!change) return null;
    coefficients = coefficients.map((value, a) => value + (change[a] ?? 0));
    // Separated classes drive coefficients to infinity.
    if (step === maxSteps || coefficients.some((value) => !(Math.abs(value) < 1e4))) return null;
    if (change.every((value, a) => Math.abs(value) <= 1e-10 * (1 + Math.abs(coefficients[a] ?? 0))))
      return { coefficients, information, x, outcome };
  }
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Number(a[i]) * Number(b[i]);
  return sum;
}

function weightedProduct(weight: Float64Array, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Number(weight[i]) * Number(a[i]) * Number(b[i]);
  return sum;
}

/** The coefficients of {@link logisticFit} alone. */
export function logisticCoefficients(
  columns: readonly ArrayLike<number>[],
  y: ArrayLike<number>,
): number[] | null {
  return maximumLikelihood(columns, y, undefined)?.coefficients ?? null;
}

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
  const found = maximumLikelihood(columns, y, offset);
  const covariance = found && inverse(found.information);
  if (!covariance) return null;
  const { coefficients, x, outcome } = found;
  const n = y.length;
  const count = clusters?.count ?? n;
  const mu = new Float64Array(n);
  predict(x, coefficients, offset ? Float64Array.from(offset) : new Float64Array(n), mu);
  const scores = x.map((column) => {
    const own = new Float64Array(count);
    for (let i = 0; i < n; i++) {
      const k = clusters ? Number(clusters.of[i]) : i;
      own[k] = Number(own[k]) + (Number(outcome[i]) - Number(mu[i])) * Number(column[i]);
    }
    return own;
  });
  const factor = count / (count - 1);
  const meat = scores.map((a) => scores.map((b) => factor * product(a, b)));
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
  for (const [a, column] of columns.entries()) addTimes(mu, coefficients[a] ?? 0, column);
  for (let i = 0; i < mu.length; i++) mu[i] = 1 / (1 + Math.exp(-Number(mu[i])));
}

function addTimes(to: Float64Array, factor: number, column: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = Number(to[i]) + factor * Number(column[i]);
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
