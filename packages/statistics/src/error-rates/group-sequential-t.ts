import { invalidInput } from "../errors.js";
import { tCdf } from "../numerics/distributions.js";
import { findRoot } from "../numerics/roots.js";
import { type BoundOptions, spentPerSide } from "./spending.js";

/*
 * Under the null hypothesis (mean 0) u = Σx/√(nΣx²) says all that t says: t = u√(n − 1)/√(1 − u²). Σx² is complete and sufficient
 * for the variance and u₁ … uₙ do not depend on it, so it is independent of them (Basu). With a new value x,
 * u' = (u√n + y)/√((n + 1)(1 + y²)), y = x/√Σx² distributed as Tₙ/√n and independent of the past: u is a Markov chain with
 * a known transition, whatever the variance. Bounds of t are thereby exact at any n, where z bounds read as p-values are not.
 */

/** Cells over the values that u can have. */
const cells = 400;
/** Less error than this cannot be resolved by the grid, and is spent at the next look. */
const smallest = 1e-7;
const nodes = 2048;
const halfPi = Math.PI / 2;

/** P(atan(Tₙ/√n) ≤ φ), by cubic interpolation between exact values. */
function angleCdf(n: number): (phi: number) => number {
  const step = Math.PI / nodes;
  const value: number[] = [];
  const slope: number[] = [];
  const root = Math.sqrt(n);
  for (let i = 0; i <= nodes; i++) {
    const phi = -halfPi + i * step;
    value.push(i === 0 ? 0 : i === nodes ? 1 : tCdf(root * Math.tan(phi), n));
  }
  // The density of φ is cos(φ)^(n − 1), up to its constant, which the steepest place gives.
  const middle = nodes / 2;
  const power = (phi: number) => Math.cos(phi) ** (n - 1);
  let area = 0;
  for (let i = 0; i < nodes; i++) {
    const phi = -halfPi + (i + 0.5) * step;
    area += power(phi) * step;
  }
  for (let i = 0; i <= nodes; i++) slope.push(power(-halfPi + i * step) / area);
  value[middle] = 0.5;
  return (phi) => {
    if (phi <= -halfPi) return 0;
    if (phi >= halfPi) return 1;
    const place = (phi + halfPi) / step;
    const i = Math.min(nodes - 1, Math.floor(place));
    const s = place - i;
    const [v0, v1] = [value[i] ?? 0, value[i + 1] ?? 1];
    const [d0, d1] = [(slope[i] ?? 0) * step, (slope[i + 1] ?? 0) * step];
    return v0 + s * (d0 + s * (3 * (v1 - v0) - 2 * d0 - d1 + s * (2 * (v0 - v1) + d0 + d1)));
  };
}

/** P(u' ≤ c | u) when the (n + 1)th value has come. */
function transition(n: number): (c: number, u: number) => number {
  const cdf = angleCdf(n);
  return (c, u) => {
    const a = u * Math.sqrt(n);
    // u√n cos φ + sin φ = √(1 + a²) sin(φ + ψ)
    const share = (c * Math.sqrt(n + 1)) / Math.sqrt(1 + a * a);
    if (share >= 1) return 1;
    if (share <= -1) return 0;
    const [beta, psi] = [Math.asin(share), Math.atan(a)];
    return cdf(beta - psi) - cdf(-Math.PI - beta - psi) + 1 - cdf(Math.PI - beta - psi);
  };
}

/** Paths that have crossed no bound after n values: probability by value of u. */
type Paths = { n: number; values: number[]; mass: number[] };

/** Above 8 standard errors nothing is left; few values reach ±1, many stay near 0. */
const widest = (n: number) => Math.min(1, Math.sin(Math.min(halfPi, 9 / Math.sqrt(n))));

function advance({ n, values, mass }: Paths, low: number, high: number): Paths {
  const move = transition(n);
  const [from, to] = [Math.asin(Math.max(low, -widest(n + 1))), Math.asin(Math.min(high, widest(n + 1)))];
  const edge = (i: number) => Math.sin(from + ((to - from) * i) / cells);
  const next = new Array<number>(cells).fill(0);
  values.forEach((u, i) => {
    const weight = Number(mass[i]);
    if (weight < 1e-18) return;
    let before = move(edge(0), u);
    for (let j = 0; j < cells; j++) {
      const after = move(edge(j + 1), u);
      next[j] = Number(next[j]) + weight * (after - before);
      before = after;
    }
  });
  return {
    n: n + 1,
    values: Array.from({ length: cells }, (_, j) => Math.sin(from + ((to - from) * (j + 0.5)) / cells)),
    mass: next,
  };
}

const tOf = (u: number, n: number) => (u * Math.sqrt(n - 1)) / Math.sqrt(1 - u * u);

function boundAt(paths: Paths, error: number, sides: 1 | 2): number {
  const move = transition(paths.n);
  const beyond = (c: number) =>
    paths.values.reduce((total, u, i) => {
      const below = sides === 2 ? move(-c, u) : 0;
      return total + Number(paths.mass[i]) * (1 - move(c, u) + below);
    }, 0) -
    sides * error;
  // 1 − c carries the digits where t is large.
  const angle = findRoot((theta) => beyond(Math.sin(theta)), sides === 2 ? 0 : -halfPi, halfPi, 1e-10);
  return Number.isNaN(angle) ? Number.POSITIVE_INFINITY : Math.sin(angle);
}

/**
 * Bounds of |t| (or of t with one side) for a one-sample t-test that is looked at after each of `looks` numbers of values, with
 * the error of all looks held exactly for normal data of unknown variance. Infinity where a look has too little error to spend;
 * that is spent later.
 *
 * @param looks growing numbers of values, from 2
 * @param planned number of values at which all error is spent; the last look when absent
 * @param final the last look is the last of all: it spends what is left, though fewer values are in than were planned
 * Sources: Lan & DeMets (1983), Biometrika 70 (spending); Jennison & Turnbull (2001), "On group sequential tests for data in
 * unequally sized groups and with unknown variance" (why t needs bounds of its own).
 */
export function groupSequentialT(
  looks: readonly number[],
  {
    planned = looks.at(-1) ?? 0,
    final = false,
    ...options
  }: BoundOptions & { planned?: number; final?: boolean } = {},
): number[] {
  looks.forEach((n, look) => {
    if (!(Number.isInteger(n) && n > (looks[look - 1] ?? 1)))
      throw invalidInput(
        `looks[${look}]`,
        n,
        "is not a number of values that grows, from 2",
        "Give whole numbers, each above the one before.",
      );
  });
  const sides = options.sides ?? 2;
  let paths: Paths = { n: 1, values: [-1, 1], mass: [0.5, 0.5] };
  let unspent = 0;
  const fractions = looks.map((n, look) => (final && look === looks.length - 1 ? 1 : n / planned));
  return spentPerSide(fractions, options).map((share, look) => {
    const n = looks[look] ?? 2;
    while (paths.n < n - 1) paths = advance(paths, -1, 1);
    const error = share + unspent;
    const c = error < smallest ? Number.POSITIVE_INFINITY : boundAt(paths, error, sides);
    unspent = Number.isFinite(c) ? 0 : error;
    const high = Math.min(1, c);
    paths = advance(paths, sides === 2 ? -high : -1, high);
    return Number.isFinite(c) ? tOf(c, n) : c;
  });
}
