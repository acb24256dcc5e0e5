import {
  normalQuantile,
  planningLimits,
  pooledSpread,
  powerOneSampleT,
  powerTwoSampleT,
  standardDeviation,
} from "@reprise/statistics";
import { counted } from "../words.js";

/** More of anything than anybody would run. */
const practical = 2000;
export const planningPower = 0.8;
/** Below so many seeds an SD says too little to plan by. */
const fewestToPlan = 4;

/** How many more are needed: by the lower and by the upper limit of the SD; null beyond what is practical. */
export type Needed = { low: number | null; high: number | null; reason: string | null };

/**
 * Observations still needed, as a range: the SD of a few is known roughly only. With the upper number the power is reached with
 * 80 % assurance (Browne 1995).
 *
 * @param required how many are needed in all if this is the SD; Infinity for too many
 */
export function neededRange(
  { sd, df, there, unit }: { sd: number; df: number; there: number; unit: string },
  required: (sd: number) => number,
): Needed {
  if (!(sd > 0) || df < fewestToPlan - 1) {
    return {
      low: null,
      high: null,
      reason: `With fewer than ${fewestToPlan} ${unit}s the estimate of the spread is too uncertain for planning: no number is given.`,
    };
  }
  const limits = planningLimits(sd, df);
  const more = (limit: number) => {
    const total = required(limit);
    return total <= practical ? Math.max(0, total - there) : null;
  };
  return { low: more(limits.low), high: more(limits.high), reason: null };
}

/**
 * The smallest number, from `least` on, that is enough where every greater one is, too; Infinity beyond what is practical. Asked first near
 * a guess, because each answer is an integral.
 */
export function smallestNumber(isEnough: (n: number) => boolean, least: number, guess: number): number {
  let high = Math.min(practical, Math.max(least, Math.round(guess) || least));
  let low = least - 1;
  if (isEnough(high)) {
    for (let step = 1; high > least; step *= 2) {
      const next = Math.max(least, high - step);
      if (!isEnough(next)) {
        low = next;
        break;
      }
      high = next;
    }
  } else {
    low = high;
    for (let step = 1; ; step *= 2) {
      if (low === practical) return Number.POSITIVE_INFINITY;
      high = Math.min(practical, low + step);
      if (isEnough(high)) break;
      low = high;
    }
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** How many observations find an effect of so many SDs with the planned power, were the SD known. */
export const guessedNumber = (effect: number, alpha: number): number =>
  ((normalQuantile(1 - alpha / 2) + normalQuantile(planningPower)) / effect) ** 2;

/** Differences of so many SDs are found by two of anything; their power is not computed. */
const obvious = 40;

/** Pairs still needed by a paired t-test, from the differences that are there. The one figure for this question on every page. */
export function neededForPairs(
  differences: readonly number[],
  margin: number,
  alpha: number,
  unit: string,
): Needed {
  const of = {
    sd: standardDeviation(differences),
    df: differences.length - 1,
    there: differences.length,
    unit,
  };
  return neededRange(of, (sd) => {
    const effect = margin / sd;
    const isEnough = (n: number) => powerOneSampleT(effect, n, { alpha }) >= planningPower;
    // Two more than with a known SD, for its estimate.
    return effect > obvious ? 2 : smallestNumber(isEnough, 2, guessedNumber(effect, alpha) + 2);
  });
}

/** Observations per group still needed by a t-test of two independent groups. */
export function neededForGroups(
  a: readonly number[],
  b: readonly number[],
  margin: number,
  { alpha, unit }: { alpha: number; unit: string },
): Needed {
  const { sd, df } = pooledSpread([a, b]);
  return neededRange({ sd, df, there: Math.min(a.length, b.length), unit }, (limit) => {
    const effect = margin / limit;
    const isEnough = (n: number) => powerTwoSampleT(effect, n, { alpha }) >= planningPower;
    return effect > obvious ? 2 : smallestNumber(isEnough, 2, 2 * guessedNumber(effect, alpha) + 1);
  });
}

/** "between 3 and 12 more seeds", "no more seeds", "5 more seeds"; null where even the lower number is beyond what is practical. */
export function neededWords({ low, high }: Needed, unit: string): string | null {
  if (low === null) return null;
  if (high === null) return `between ${low} and impractically many more ${unit}s`;
  if (high === 0) return `no more ${unit}s`;
  if (low === high) return `${counted(high, `more ${unit}`)}`;
  return low === 0 ? `up to ${counted(high, `more ${unit}`)}` : `between ${low} and ${high} more ${unit}s`;
}

/** Why the number is a range, in words that stand beneath it. */
export const assuranceWords = `Computed from the lower and upper 80 % limits of the SD: the larger number has ${planningPower * 100} % power with 80 % assurance (Browne 1995), if the values are normal.`;
