/**
 * Dimensions 2 … 32 as [degree, coefficients of the primitive polynomial, initial direction numbers]. Source: S. Joe and
 * F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30 (2008)
 * 2635–2654, table new-joe-kuo-6.
 */
const directions: ReadonlyArray<readonly [degree: number, coefficients: number, initial: readonly number[]]> =
  [
    [1, 0, [1]],
    [2, 1, [1, 3]],
    [3, 1, [1, 3, 1]],
    [3, 2, [1, 1, 1]],
    [4, 1, [1, 1, 3, 3]],
    [4, 4, [1, 3, 5, 13]],
    [5, 2, [1, 1, 5, 5, 17]],
    [5, 4, [1, 1, 5, 5, 5]],
    [5, 7, [1, 1, 7, 11, 19]],
    [5, 11, [1, 1, 5, 1, 1]],
    [5, 13, [1, 1, 1, 3, 11]],
    [5, 14, [1, 3, 5, 5, 31]],
    [6, 1, [1, 3, 3, 9, 7, 49]],
    [6, 13, [1, 1, 1, 15, 21, 21]],
    [6, 16, [1, 3, 1, 13, 27, 49]],
    [6, 19, [1, 1, 1, 15, 7, 5]],
    [6, 22, [1, 3, 1, 15, 13, 25]],
    [6, 25, [1, 1, 5, 5, 19, 61]],
    [7, 1, [1, 3, 7, 11, 23, 15, 103]],
    [7, 4, [1, 3, 7, 13, 13, 15, 69]],
    [7, 7, [1, 1, 3, 13, 7, 35, 63]],
    [7, 8, [1, 3, 5, 9, 1, 25, 53]],
    [7, 14, [1, 3, 1, 13, 9, 35, 107]],
    [7, 19, [1, 3, 1, 5, 27, 61, 31]],
    [7, 21, [1, 1, 5, 11, 19, 41, 61]],
    [7, 28, [1, 3, 5, 3, 3, 13, 69]],
    [7, 31, [1, 1, 7, 13, 1, 19, 1]],
    [7, 32, [1, 3, 7, 5, 13, 19, 59]],
    [7, 37, [1, 1, 3, 9, 25, 29, 41]],
    [7, 41, [1, 3, 5, 13, 23, 1, 55]],
    [7, 42, [1, 3, 7, 3, 13, 59, 17]],
  ];

/** Most dimensions that {@link sobolPoint} has. */
export const sobolDimensions = directions.length + 1;

const bits = 32;

/** Direction integers of a dimension: bit k of the Gray code of an index toggles number k. */
function directionIntegers(dimension: number): number[] {
  const row = directions[dimension - 1];
  if (!row) return Array.from({ length: bits }, (_, k) => 2 ** (bits - 1 - k));
  const [degree, coefficients, initial] = row;
  const m = [...initial];
  for (let k = degree; k < bits; k++) {
    // Arithmetic on unsigned 32-bit integers: products by powers of two stay exact in a double below 2^53.
    let next = ((2 ** degree * (m[k - degree] ?? 0)) ^ 0) >>> 0;
    next = (next ^ (m[k - degree] ?? 0)) >>> 0;
    for (let i = 1; i < degree; i++) {
      if ((coefficients >> (degree - 1 - i)) & 1) next = (next ^ (2 ** i * (m[k - i] ?? 0))) >>> 0;
    }
    m.push(next);
  }
  return m.map((value, k) => (value * 2 ** (bits - 1 - k)) >>> 0);
}

const known = new Map<number, number[]>();

/**
 * Point `index` (from 0, in Gray-code order) of the Sobol sequence in [0, 1)^dimensions, not scrambled; the first is the
 * origin. Source: Antonov and Saleev 1979; Bratley and Fox, Algorithm 659 (1988).
 *
 * @param dimensions at most {@link sobolDimensions}
 */
export function sobolPoint(index: number, dimensions: number): number[] {
  const gray = (index ^ (index >>> 1)) >>> 0;
  return Array.from({ length: dimensions }, (_, dimension) => {
    const integers = known.get(dimension) ?? directionIntegers(dimension);
    known.set(dimension, integers);
    let point = 0;
    for (let bit = 0; bit < bits; bit++) if ((gray >>> bit) & 1) point ^= integers[bit] ?? 0;
    return (point >>> 0) / 2 ** bits;
  });
}
