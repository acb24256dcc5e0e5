import { invalidInput } from "../errors.js";
import {
  because,
  degenerateReason,
  type Interval,
  type OneSampleTResult,
  oneSampleT,
  requireConfidence,
  type TTestOptions,
  type TTestResult,
  tFromDifference,
} from "../means/t-tests.js";
import { fCdf, fQuantile, fUpperTail, tQuantile } from "../numerics/distributions.js";
import { noncentralTCdf, noncentralTUpperTail } from "../numerics/noncentral-t.js";
import { findRoot } from "../numerics/roots.js";
import { allEqual, mean, nonFiniteReason, variance } from "../summary.js";

/** One seed of a study: its free (nondeterministic) repeats and its deterministic value, or draws of another arm. */
export type SeedBlock = {
  /** Free repeats, at least two. */
  reference: ArrayLike<number>;
  /** The deterministic result, or repeats of another arm. Bit-identical repeats count as one value: they add no n. */
  treated: ArrayLike<number>;
};

export interface PooledShiftResult extends TTestResult {
  /** Mean over seeds of mean(treated) - mean(reference). */
  meanShift: number;
  interval: Interval;
  /** Pooled SD of repeats within a seed. */
  pooledSd: number;
  /** The shift of each seed. */
  perSeed: number[];
  /** The same shifts as a paired comparison that generalises to new seeds; far less powerful. */
  newSeeds: OneSampleTResult;
}

/**
 * Mean shift between two arms pooled over seeds, conditional on these seeds: each seed is its own control, the error is the
 * pooled spread of repeats within seeds: se = s √(Σ(1/n_k + 1/m_k)) / S, df = Σ(n_k - 1) + Σ(m_k - 1).
 *
 * It says nothing about seeds not run; `newSeeds` does (at five seeds it needs a shift of about 1.7 SD of the shifts for
 * 80 % power). Assumes one spread for all seeds. Source: one-way blocked analysis of variance with fixed blocks.
 */
export function pooledMeanShift(blocks: ArrayLike<SeedBlock>, options: TTestOptions = {}): PooledShiftResult {
  const seeds = usableBlocks(blocks);
  const perSeed = seeds.map(({ treated, reference }) => mean(treated) - mean(reference));
  const { pooledSd, df } = withinSeeds(seeds);
  const weights = seeds.reduce(
    (total, { treated, reference }) => total + 1 / treated.length + 1 / reference.length,
    0,
  );
  const meanShift = mean(perSeed);
  const result = tFromDifference(
    { difference: meanShift, se: (pooledSd * Math.sqrt(weights)) / seeds.length, df },
    options,
  );
  return {
    ...result,
    meanShift,
    pooledSd,
    perSeed,
    newSeeds: oneSampleT(perSeed, 0, options),
    ...because(reasonOf(seeds, pooledSd, meanShift)),
  };
}

export type PooledDispersionResult = {
  /** F = mean over seeds of (d - x̄)² / (1 + 1/n), over the pooled variance of repeats. */
  statistic: number;
  df: [number, number];
  /** P(F' >= F): small when deterministic results lie further out than ordinary draws. */
  pvalue: number;
  /** P(F' <= F): small when they lie suspiciously close to the means. */
  pvalueLower: number;
  reason?: string;
};

/**
 * Are the deterministic results, taken together, ordinary draws of their seeds' repeats? Sees shifts of either sign that
 * cancel in {@link pooledMeanShift}. `treated` must be one value per seed (identical repeats count as one).
 */
export function pooledDispersion(blocks: ArrayLike<SeedBlock>): PooledDispersionResult {
  const seeds = usableBlocks(blocks);
  const several = seeds.findIndex(({ treated }) => treated.length !== 1);
  if (several >= 0) {
    throw invalidInput(
      `blocks[${several}].treated`,
      seeds[several]?.treated.length,
      "must be one value",
      "Give the deterministic result.",
    );
  }
  const { pooledSd, df: dfWithin } = withinSeeds(seeds);
  const scaled = seeds.map(
    ({ treated, reference }) => (mean(treated) - mean(reference)) ** 2 / (1 + 1 / reference.length),
  );
  const statistic = mean(scaled) / pooledSd ** 2;
  const df: [number, number] = [seeds.length, dfWithin];
  return {
    statistic,
    df,
    pvalue: fUpperTail(statistic, ...df),
    pvalueLower: fCdf(statistic, ...df),
    ...because(reasonOf(seeds, pooledSd, mean(scaled))),
  };
}

type PooledDesign = { seeds: number; repeats: number };

function requireDesign({ seeds, repeats }: PooledDesign): void {
  if (!(Number.isInteger(seeds) && seeds >= 1))
    throw invalidInput("seeds", seeds, "must be a number of seeds", "Use a whole number from 1.");
  if (!(Number.isInteger(repeats) && repeats >= 2))
    throw invalidInput("repeats", repeats, "must be a number of repeats", "Use a whole number from 2.");
}

/**
 * With which power {@link pooledMeanShift} finds a shift of so many SDs of repeats (two-sided) when each of `seeds` seeds has `repeats`
 * free repeats and one deterministic value.
 */
export function powerPooledShift(shift: number, design: PooledDesign, alpha = 0.05): number {
  requireDesign(design);
  const { seeds, repeats } = design;
  const df = seeds * (repeats - 1);
  const critical = tQuantile(1 - alpha / 2, df);
  const delta = shift / Math.sqrt((1 + 1 / repeats) / seeds);
  return noncentralTUpperTail(critical, df, delta) + noncentralTCdf(-critical, df, delta);
}

/** The pooled shift, in SDs of repeats, that is found with the given power: what {@link powerPooledShift} says, the other way round. */
export function minimumDetectablePooledShift(
  seeds: number,
  repeats: number,
  power = 0.8,
  alpha = 0.05,
): number {
  const design = { seeds, repeats };
  requireDesign(design);
  requireConfidence(power);
  if (power <= alpha) return 0;
  const powerAt = (shift: number) => powerPooledShift(shift, design, alpha);
  let high = 8;
  while (powerAt(high) < power) high *= 2;
  return findRoot((shift) => powerAt(shift) - power, 0, high, 1e-10);
}

/**
 * The SD between seeds, in SDs between repeats of a seed, that the one-way F-test finds with the given power: of random effects
 * F / (1 + repeats · ratio²) is F-distributed, which gives the ratio in closed form. Source: Searle, Casella and McCulloch (1992),
 * Variance Components, section 3.6.
 */
export function minimumDetectableSeedRatio(
  seeds: number,
  repeats: number,
  power = 0.8,
  alpha = 0.05,
): number {
  if (!(Number.isInteger(seeds) && seeds >= 2))
    throw invalidInput("seeds", seeds, "must be a number of seeds", "Use a whole number from 2.");
  if (!(Number.isInteger(repeats) && repeats >= 2))
    throw invalidInput("repeats", repeats, "must be a number of repeats", "Use a whole number from 2.");
  requireConfidence(power);
  if (power <= alpha) return 0;
  const df = [seeds - 1, seeds * (repeats - 1)] as const;
  return Math.sqrt((fQuantile(1 - alpha, ...df) / fQuantile(1 - power, ...df) - 1) / repeats);
}

function usableBlocks(blocks: ArrayLike<SeedBlock>): { reference: number[]; treated: number[] }[] {
  if (blocks.length === 0) throw invalidInput("blocks", blocks, "is empty", "Give at least one seed.");
  return Array.from(blocks, ({ reference, treated }, k) => {
    if (reference.length < 2) {
      throw invalidInput(
        `blocks[${k}].reference`,
        reference.length,
        "needs two repeats for a spread",
        "Leave the seed out or repeat it.",
      );
    }
    if (treated.length === 0)
      throw invalidInput(`blocks[${k}].treated`, 0, "has no value", "Leave the seed out.");
    const values = Array.from(treated);
    return { reference: Array.from(reference), treated: allEqual(values) ? values.slice(0, 1) : values };
  });
}

function withinSeeds(seeds: { reference: number[]; treated: number[] }[]): { pooledSd: number; df: number } {
  let squares = 0;
  let df = 0;
  for (const sample of seeds.flatMap(({ reference, treated }) => [reference, treated])) {
    if (sample.length < 2) continue;
    squares += variance(sample) * (sample.length - 1);
    df += sample.length - 1;
  }
  return { pooledSd: Math.sqrt(squares / df), df };
}

function reasonOf(
  seeds: { reference: number[]; treated: number[] }[],
  pooledSd: number,
  difference: number,
): string | undefined {
  const values = seeds.flatMap(({ reference, treated }) => [...reference, ...treated]);
  const constant =
    pooledSd === 0 ? degenerateReason("Repeats do not vary within any seed", difference) : undefined;
  return nonFiniteReason("values", values) ?? constant;
}
