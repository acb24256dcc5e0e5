import { invalidInput } from "../errors.js";
import { chiSquareQuantile } from "../numerics/distributions.js";

/**
 * One-sided limits of a standard deviation, each reached with probability `assurance` for normal data. A sample size computed
 * from the upper one has its power with that probability; from the estimate itself it is too small in more than half of all
 * studies. Source: Browne (1995), On the use of a pilot sample for sample size determination, Statistics in Medicine 14.
 *
 * @param df degrees of freedom of `sd`
 */
export function planningLimits(sd: number, df: number, assurance = 0.8): { low: number; high: number } {
  if (!(df >= 1)) throw invalidInput("df", df, "must be 1 or more", "An SD needs two values.");
  const limit = (p: number) => sd * Math.sqrt(df / chiSquareQuantile(p, df));
  return { low: limit(assurance), high: limit(1 - assurance) };
}
