import { encodeNumber, type WeightDistance } from "@reprise/contracts";
import type { StoredWeights } from "./locate-divergence.js";

/**
 * How far two sets of weights lie apart as one vector each: ‖a − b‖₂ / ‖a‖₂ (Golub & Van Loan, Matrix Computations, 2.3),
 * in double precision, over the tensors that both have in equal size. Infinite where a weight is no finite number, and
 * where all of the run's are 0 and the replica's are not.
 */
export function weightDistanceOf({ stored, step, epoch, source, replica }: StoredWeights): WeightDistance {
  let squares = 0;
  let squaresApart = 0;
  for (const [name, values] of source) {
    const other = replica.get(name);
    if (other?.length !== values.length) continue;
    for (let i = 0; i < values.length; i++) {
      const [a, b] = [values[i] ?? 0, other[i] ?? 0];
      squares += a * a;
      squaresApart += (a - b) ** 2;
    }
  }
  const ratio = squaresApart === 0 ? 0 : Math.sqrt(squaresApart / squares);
  const distance = Number.isFinite(ratio) ? ratio : Number.POSITIVE_INFINITY;
  const log10 = distance === 0 || distance === Number.POSITIVE_INFINITY ? null : Math.log10(distance);
  return { stored, step, epoch, distance: encodeNumber(distance), log10 };
}
