import { invalidInput } from "../errors.js";
import { because } from "../means/t-tests.js";
import { extremes, mean } from "../summary.js";

/**
 * Cosine of the angle between two vectors, -1..1. Each is divided by its largest entry first, so that vectors of 1e-200
 * neither under- nor overflow. NaN for a zero vector. Meaningless between networks of different seeds: their units are
 * permuted.
 */
export function cosineSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw invalidInput("b", b.length, `must have ${a.length} entries`, "Compare equal shapes.");
  const scaleA = largest(a);
  const scaleB = largest(b);
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    const u = Number(a[i]) / scaleA;
    const v = Number(b[i]) / scaleB;
    dot += u * v;
    squaresA += u * u;
    squaresB += v * v;
  }
  // One root of the product, so that equal vectors give exactly 1.
  return Math.max(-1, Math.min(1, dot / Math.sqrt(squaresA * squaresB)));
}

export type PairwiseCosine = {
  mean: number;
  min: number;
  reason?: string;
};

/** Mean and minimum cosine over all pairs of vectors (weights or embeddings of repeats of one seed). */
export function pairwiseCosine(vectors: ArrayLike<ArrayLike<number>>): PairwiseCosine {
  const all = Array.from(vectors);
  const cosines: number[] = [];
  all.forEach((a, i) => {
    for (const b of all.slice(i + 1)) cosines.push(cosineSimilarity(a, b));
  });
  const zero = all.findIndex((vector) => largest(vector) === 0);
  const tooFew = all.length < 2 ? "n too small: a similarity needs two vectors." : undefined;
  const zeroReason = zero >= 0 ? `vectors[${zero}] is zero: it has no direction.` : undefined;
  const odd = cosines.some(Number.isNaN) ? "A vector contains NaN or Infinity." : undefined;
  const reason = tooFew ?? zeroReason ?? odd;
  if (reason !== undefined) return { mean: Number.NaN, min: Number.NaN, reason };
  return { mean: mean(cosines), min: extremes(cosines)[0] };
}

export type PairwiseDistance = { mean: number; max: number };

/**
 * Mean and largest distance over all pairs of vectors, relative to their length: 2 ‖a − b‖₂ / (‖a‖₂ + ‖b‖₂), 0 for equal and 2 for opposite
 * ones. Tells apart what a cosine rounds to 1. NaN for fewer than two vectors, for unequal lengths, and where a number is not finite; two
 * zero vectors lie at 0.
 */
export function pairwiseDistance(vectors: ArrayLike<ArrayLike<number>>): PairwiseDistance {
  const all = Array.from(vectors);
  const distances = all.flatMap((a, i) => all.slice(i + 1).map((b) => relativeDistance(a, b)));
  if (distances.length === 0 || distances.some(Number.isNaN)) return { mean: Number.NaN, max: Number.NaN };
  return { mean: mean(distances), max: extremes(distances)[1] };
}

function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let [apart, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? Number.NaN, b[i] ?? Number.NaN];
    apart += (x - y) ** 2;
    ofA += x * x;
    ofB += y * y;
  }
  const distance = (2 * Math.sqrt(apart)) / (Math.sqrt(ofA) + Math.sqrt(ofB));
  return apart === 0 ? 0 : distance;
}

export type LinearCka = {
  cka: number;
  reason?: string;
};

/**
 * Linear centred kernel alignment of two representations of the same n cases: ‖YᵀX‖²_F / (‖XᵀX‖_F ‖YᵀY‖_F), columns
 * centred, 0..1. Rows are cases; the numbers of features may differ. Invariant to rotation and scale.
 * Pitfall: inflated when there are more features than cases. Source: Kornblith et al. (2019).
 */
export function linearCka(x: ArrayLike<ArrayLike<number>>, y: ArrayLike<ArrayLike<number>>): LinearCka {
  if (x.length !== y.length)
    throw invalidInput("y", y.length, `must have ${x.length} rows, as x has`, "Use the same cases.");
  return alignment(x.length, centred("x", x), centred("y", y));
}

/** {@link linearCka} of all pairs of representations of the same cases, each centred once. */
export function pairwiseCka(matrices: readonly ArrayLike<ArrayLike<number>>[]): number[] {
  const all = matrices.map((matrix, i) => centred(`matrices[${i}]`, matrix));
  const cases = matrices[0]?.length ?? 0;
  return all.flatMap((a, i) => all.slice(i + 1).map((b) => alignment(cases, a, b).cka));
}

type Centred = { columns: Float64Array[]; norm: number };

function centred(name: string, matrix: ArrayLike<ArrayLike<number>>): Centred {
  const columns = centredColumns(name, matrix);
  return { columns, norm: Math.sqrt(squaredNorm(columns, columns)) };
}

function alignment(cases: number, x: Centred, y: Centred): LinearCka {
  const cross = squaredNorm(y.columns, x.columns);
  const own = x.norm * y.norm;
  const reason = own === 0 ? "A representation is constant over the cases." : undefined;
  const notFinite = Number.isNaN(cross) || Number.isNaN(own) ? "A value is NaN or Infinity." : undefined;
  return {
    // Rounding alone can carry the quotient past 1.
    cka: Math.min(1, cross / own),
    ...because(cases < 2 ? "n too small: CKA needs two cases." : (reason ?? notFinite)),
  };
}

/**
 * Mean and minimum over all pairs of {@link linearCka} and of the cosine between centred, flattened representations of the
 * same n cases. As ‖YᵀX‖²_F is the inner product of XXᵀ and YYᵀ, linear CKA is the cosine of these n × n matrices, each of
 * which is computed once, however many pairs there are; and that is the faster way with more features than cases. NaN for fewer than two representations or cases, unequal widths (cosine only) and constant ones.
 */
export function pairwiseRepresentations(matrices: readonly (readonly (readonly number[])[])[]): {
  cosine: PairwiseCosine;
  cka: PairwiseCosine;
} {
  const centred = matrices.map((matrix, i) => centredColumns(`matrices[${i}]`, matrix));
  const undefinedPair = (reason: string) => ({ mean: Number.NaN, min: Number.NaN, reason });
  if (matrices.some((matrix) => matrix.length < 2 || matrix.length !== matrices[0]?.length)) {
    const reason = undefinedPair("n too small or unequal: the same two cases at least are needed.");
    return { cosine: reason, cka: reason };
  }
  const equalWidths = centred.every((columns) => columns.length === centred[0]?.length);
  return {
    cosine: equalWidths
      ? pairwiseCosine(centred.map((columns) => columns.flatMap((column) => Array.from(column))))
      : undefinedPair("Representations of unequal width have no cosine."),
    cka: pairwiseCosine(centred.map(gramMatrix)),
  };
}

/** XXᵀ, row after row, of a matrix given by its columns. */
function gramMatrix(columns: readonly Float64Array[]): Float64Array {
  const cases = columns[0]?.length ?? 0;
  const gram = new Float64Array(cases * cases);
  for (let i = 0; i < cases; i++) {
    for (let j = 0; j <= i; j++) {
      let dot = 0;
      for (const column of columns) dot += Number(column[i]) * Number(column[j]);
      gram[i * cases + j] = dot;
      gram[j * cases + i] = dot;
    }
  }
  return gram;
}

/** Columns minus their means, divided by the largest entry of the matrix (CKA does not depend on scale). */
function centredColumns(name: string, matrix: ArrayLike<ArrayLike<number>>): Float64Array[] {
  const width = matrix[0]?.length ?? 0;
  for (let i = 0; i < matrix.length; i++) {
    if (matrix[i]?.length === width) continue;
    throw invalidInput(
      `${name}[${i}]`,
      matrix[i]?.length,
      `must have ${width} features, as ${name}[0] has`,
      "Use equal rows.",
    );
  }
  const columns = Array.from({ length: width }, (_, j) => {
    const column = Float64Array.from(matrix, (row) => Number(row[j]));
    const centre = mean(column);
    return column.map((value) => value - centre);
  });
  const scale = columns.reduce((most, column) => Math.max(most, largest(column)), 0);
  return scale === 0 ? columns : columns.map((column) => column.map((value) => value / scale));
}

/** ‖AᵀB‖²_F for matrices given by their columns. */
function squaredNorm(a: Float64Array[], b: Float64Array[]): number {
  let total = 0;
  for (const u of a) {
    for (const v of b) {
      let dot = 0;
      for (let i = 0; i < u.length; i++) dot += Number(u[i]) * Number(v[i]);
      total += dot * dot;
    }
  }
  return total;
}

function largest(vector: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < vector.length; i++) {
    const size = Math.abs(Number(vector[i]));
    if (size > most || Number.isNaN(size)) most = size;
  }
  return most;
}
