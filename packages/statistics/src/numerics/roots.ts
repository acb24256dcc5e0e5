/**
 * The root of a function that is increasing (or decreasing) between `low` and `high`, by the Illinois variant of regula
 * falsi with bisection as a fallback. NaN when the function has the same sign at both ends.
 */
export function findRoot(
  f: (x: number) => number,
  low: number,
  high: number,
  relativeTolerance = 1e-14,
): number {
  let a = low;
  let b = high;
  let fa = f(a);
  let fb = f(b);
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (!(fa < 0 !== fb < 0)) return Number.NaN;
  let side = 0;
  for (let step = 0; step < 300; step++) {
    if (Math.abs(b - a) <= relativeTolerance * Math.max(Math.abs(a), Math.abs(b))) break;
    let x = (a * fb - b * fa) / (fb - fa);
    // Every third step halves the bracket whatever happens, so flat functions converge as well.
    if (step % 3 === 2 || !(x > Math.min(a, b) && x < Math.max(a, b))) x = (a + b) / 2;
    const fx = f(x);
    if (fx === 0 || Number.isNaN(fx)) return fx === 0 ? x : Number.NaN;
    if (fx < 0 === fa < 0) {
      a = x;
      fa = fx;
      if (side === -1) fb /= 2;
      side = -1;
    } else {
      b = x;
      fb = fx;
      if (side === 1) fa /= 2;
      side = 1;
    }
  }
  return Math.abs(fa) < Math.abs(fb) ? a : b;
}
