import { invalidInput } from "../errors.js";
import { normalCdf, normalUpperTail } from "../numerics/distributions.js";
import { findRoot } from "../numerics/roots.js";
import { type BoundOptions, spentPerSide } from "./spending.js";

/** Standard errors beyond which a normal path has no probability that counts. */
const far = 9;
/** Intervals of Simpson's rule over the values between two bounds; even. */
const intervals = 400;

/** The paths that have crossed no bound: density of S = Z√t on a grid, with weights of Simpson's rule. */
type Paths = { t: number; values: number[]; mass: number[] };

const none: Paths = { t: 0, values: [0], mass: [1] };

/** Probability that paths which go on are above `z` (or below −z) at information `t`. */
function tail({ t: before, values, mass }: Paths, t: number, z: number, sides: 1 | 2): number {
  const step = Math.sqrt(t - before);
  const limit = z * Math.sqrt(t);
  return values.reduce((total, value, i) => {
    const above = normalUpperTail((limit - value) / step);
    const below = sides === 2 ? normalCdf((-limit - value) / step) : 0;
    return total + Number(mass[i]) * (above + below);
  }, 0);
}

/** The paths that are still between the bounds at information `t`. */
function between({ t: before, values, mass }: Paths, t: number, z: number, sides: 1 | 2): Paths {
  const step = Math.sqrt(t - before);
  const high = Math.min(z, far) * Math.sqrt(t);
  const low = sides === 2 ? -high : -far * Math.sqrt(t);
  const width = (high - low) / intervals;
  const grid = Array.from({ length: intervals + 1 }, (_, i) => low + i * width);
  const scale = 1 / (step * Math.sqrt(2 * Math.PI));
  const weighted = grid.map((at, j) => {
    const density = values.reduce(
      (total, value, i) => total + Number(mass[i]) * Math.exp(-0.5 * ((at - value) / step) ** 2),
      0,
    );
    const weight = j === 0 || j === intervals ? 1 : j % 2 === 1 ? 4 : 2;
    return (density * scale * weight * width) / 3;
  });
  return { t, values: grid, mass: weighted };
}

function checkFractions(fractions: readonly number[]): void {
  fractions.forEach((t, look) => {
    if (!(t > (fractions[look - 1] ?? 0) && t <= 1))
      throw invalidInput(
        `fractions[${look}]`,
        t,
        "is not a share of the information that grows",
        "Give shares in (0, 1], each above the one before.",
      );
  });
}

/**
 * Bounds of |Z| (or of Z with one side) at each look at shares of the planned information, by an error-spending function;
 * for a known variance. Numerical recursion over the density of paths that have not crossed.
 * Sources: Armitage, McPherson & Rowe (1969), JRSS A 132; Lan & DeMets (1983), Biometrika 70; Jennison & Turnbull (2000), ch. 19.
 */
export function groupSequentialZ(fractions: readonly number[], options: BoundOptions = {}): number[] {
  checkFractions(fractions);
  const sides = options.sides ?? 2;
  let paths = none;
  return spentPerSide(fractions, options).map((error, look) => {
    const t = fractions[look] ?? 1;
    const z = findRoot((at) => tail(paths, t, at, sides) - sides * error, -far, far, 1e-12);
    paths = between(paths, t, z, sides);
    return z;
  });
}

/** Probability that |Z| (or Z) has crossed by each look, for given bounds: the check of printed tables. */
export function crossingProbabilities(
  fractions: readonly number[],
  bounds: readonly number[],
  sides: 1 | 2 = 2,
): number[] {
  checkFractions(fractions);
  let paths = none;
  let crossed = 0;
  return fractions.map((t, look) => {
    const z = bounds[look] ?? Number.POSITIVE_INFINITY;
    crossed += tail(paths, t, z, sides);
    paths = between(paths, t, z, sides);
    return crossed;
  });
}
