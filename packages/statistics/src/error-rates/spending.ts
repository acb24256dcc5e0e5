import { normalQuantile, normalUpperTail } from "../numerics/distributions.js";

/** How much of the error may have been used when a share of the planned information is in. */
export const spendingNames = ["obrien-fleming", "pocock"] as const;
export type Spending = (typeof spendingNames)[number];

/**
 * One-sided error used up to information fraction `t` (0 to 1), of `alpha` in all.
 *
 * `obrien-fleming`: 2 − 2Φ(z_{α/2}/√t), next to nothing early on; `pocock`: α ln(1 + (e − 1)t), nearly even.
 * Source: Lan & DeMets (1983), Biometrika 70, α₁* and α₂*.
 */
export function spentError(spending: Spending, t: number, alpha: number): number {
  if (t <= 0) return 0;
  if (t >= 1) return alpha;
  if (spending === "pocock") return alpha * Math.log1p((Math.E - 1) * t);
  return 2 * normalUpperTail(-normalQuantile(alpha / 2) / Math.sqrt(t));
}

export type BoundOptions = { alpha?: number; spending?: Spending; sides?: 1 | 2 };

/** Error to spend on each side between one look and the next, in order. */
export function spentPerSide(
  fractions: readonly number[],
  { alpha = 0.05, spending = "obrien-fleming", sides = 2 }: BoundOptions,
): number[] {
  const cumulative = fractions.map((t) => spentError(spending, t, alpha / sides));
  return cumulative.map((spent, look) => spent - (cumulative[look - 1] ?? 0));
}
