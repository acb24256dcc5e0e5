import type { Draws } from "./streams.js";

/**
 * Natural logarithm of a positive, normal number to about 1e-15 relative, from operations that IEEE 754 rounds correctly:
 * unlike Math.log it has the same bits in every JavaScript engine. ln m = 2 artanh((m - 1) / (m + 1)) for m in [3/4, 3/2).
 */
export function exactLog(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa >= 1.5) {
    mantissa /= 2;
    exponent += 1;
  }
  while (mantissa < 0.75) {
    mantissa *= 2;
    exponent -= 1;
  }
  const z = (mantissa - 1) / (mantissa + 1);
  const square = z * z;
  let sum = 0;
  // |z| < 1/5: the first term left out is below 1e-16 of the sum.
  for (let term = 23; term >= 1; term -= 2) sum = sum * square + 1 / term;
  return exponent * Math.LN2 + 2 * z * sum;
}

/**
 * Standard normal draws by Marsaglia's polar method (SIAM Review 6, 1964, 260–264): rejection, a logarithm and a square
 * root, no sine or cosine whose last bits differ between engines.
 */
export function normals(from: Draws): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const held = spare;
      spare = null;
      return held;
    }
    for (;;) {
      const u = 2 * from.uniform() - 1;
      const v = 2 * from.uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * exactLog(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  };
}
