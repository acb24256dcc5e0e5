import { logGammaRatio } from "../numerics/distributions.js";
import { mannWhitneyU } from "../ranks/rank-tests.js";
import { allEqual, standardDeviation } from "../summary.js";
import { because, degenerateReason, meanDifference, pooledSd, sampleReason } from "./t-tests.js";

export type EffectSize = {
  /** (x̄ - ȳ) / pooled SD. */
  cohenD: number;
  /** Cohen's d times the exact small-sample correction. */
  hedgesG: number;
  /** With the common approximation 1 - 3 / (4ν - 1). */
  hedgesGApprox: number;
  /** P(x > y) - P(x < y). */
  cliffsDelta: number;
  /** (x̄ - ȳ) / SD of y, the control. */
  glassDelta: number;
  /** x̄ - ȳ in the unit of the data: always print it beside the others, which explode as the SD goes to 0. */
  meanDiff: number;
  reason?: string;
};

/**
 * Effect sizes of two independent samples. Hedges' correction is J = Γ(ν/2) / (√(ν/2) Γ((ν - 1)/2)), ν = m + n - 2.
 * Source: Cohen (1988), Hedges (1981), Glass (1976), Cliff (1993).
 */
export function effectSize(x: ArrayLike<number>, y: ArrayLike<number>): EffectSize {
  const meanDiff = meanDifference(x, y);
  const nu = x.length + y.length - 2;
  const cohenD = meanDiff / pooledSd(x, y);
  const constant =
    allEqual(x) && allEqual(y) ? "Both samples are constant" : allEqual(y) ? "y is constant" : undefined;
  const degenerate =
    constant === undefined
      ? undefined
      : degenerateReason(constant, meanDiff).replace(/t is/, "an effect in SDs is");
  return {
    cohenD,
    hedgesG: hedgesCorrection(nu) * cohenD,
    hedgesGApprox: (1 - 3 / (4 * nu - 1)) * cohenD,
    cliffsDelta: mannWhitneyU(x, y, { method: "asymptotic" }).cliffsDelta,
    glassDelta: meanDiff / standardDeviation(y),
    meanDiff,
    ...because(sampleReason("x", x) ?? sampleReason("y", y) ?? degenerate),
  };
}

/** J(ν), the factor that makes Cohen's d unbiased; 0.56 at ν = 2, tends to 1. 0 at ν = 1, where g has no mean. */
export function hedgesCorrection(nu: number): number {
  if (!(nu >= 1)) return Number.NaN;
  if (nu === 1) return 0;
  return Math.exp(logGammaRatio((nu - 1) / 2)) / Math.sqrt(nu / 2);
}

/** Hedges' g of two independent samples, see {@link effectSize}. */
export function hedgesG(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return effectSize(x, y).hedgesG;
}
