import type { PooledRow } from "@reprise/contracts";
import {
  adjustPValues,
  differenceRange,
  minimumDetectablePooledShift,
  pooledDispersion,
  pooledMeanShift,
  type SeedBlock,
  withinRange,
} from "@reprise/statistics";
import { known } from "../cells.js";
import { divergedAmong } from "../diverged.js";
import type { MetricWords } from "../metric-words.js";
import { remember } from "../spread/remember.js";
import type { Comparison, TestSettings } from "./significance-tests.js";

/** The pooled tests of one arm of one configuration, over its seeds. */
export type PooledTests = {
  configurationKey: string;
  configurationLabel: string;
  arm: string;
  /** Comparisons in the tests: with a deterministic run and two or more finite repeats, none of which diverged. */
  seeds: Comparison[];
  /** Those that would be among them but for runs that diverged. */
  divergedSeeds: number;
  /** Why there are no tests, or null. */
  reason: string | null;
  /** True when every repeat at every seed has the value of the deterministic run. */
  allEqual: boolean;
  shift: {
    estimate: number;
    low: number;
    high: number;
    p: number;
    adjustedP: number;
    /** Smallest shift found with 80 % power by this number of seeds and repeats. */
    detectable: number;
    /** The same differences, one per seed, as a sample of all seeds; null at one seed. */
    newSeeds: { low: number; high: number; p: number } | null;
  } | null;
  dispersion: { f: number; df: [number, number]; p: number; adjustedP: number } | null;
  /** Interval that decides about equivalence (1 − 2α), and the margin; null without a margin. */
  equivalence: { low: number; high: number; margin: number; shown: boolean } | null;
  /** Seeds still missing for 80 % power to find a shift as large as the margin: null for none, Infinity for too many. */
  seedsNeeded: number | null;
};

type Settings = TestSettings & { margin: number | null };

const divergedIn = ({ cell, sample }: Comparison) =>
  divergedAmong([...sample.runs, ...(cell.deterministic?.runs.slice(0, 1) ?? [])]) > 0;

const usable = (comparison: Comparison) => hasValues(comparison) && !divergedIn(comparison);

const hasValues = ({ reference, sample }: Comparison) =>
  reference !== null &&
  Number.isFinite(reference) &&
  sample.values.length > 1 &&
  sample.values.every(Number.isFinite);

function reasonAgainst(
  { seeds, allEqual, divergedSeeds }: Pick<PooledTests, "seeds" | "allEqual" | "divergedSeeds">,
  metric: MetricWords,
): string | null {
  if (seeds.length === 0 && divergedSeeds > 0) {
    return `Runs diverged at ${divergedSeeds === 1 ? "the only seed" : `all ${divergedSeeds} seeds`} that could be compared: nothing to test.`;
  }
  if (seeds.length === 0) return "No seed has both a deterministic run and two repeats.";
  if (allEqual) {
    return `Every repeat has the ${metric.label} of the deterministic run, at every seed: nothing to test.`;
  }
  const repeats = seeds.flatMap(({ sample }) => sample.values);
  const distinct = new Set(repeats).size;
  const constant = seeds.every(({ sample }) => new Set(sample.values).size === 1);
  if (constant)
    return `Repeats do not vary in ${metric.label} at any seed; there is no spread to test against.`;
  if (distinct <= 3 && distinct < repeats.length) {
    return `Only ${distinct} distinct values of ${metric.label} among ${repeats.length} repeats; no test.`;
  }
  return null;
}

/** More seeds than anybody would run. */
const manySeeds = 2000;

/** How many seeds beyond those there make the smallest detectable shift as small as the margin. */
function seedsFor(margin: number, there: number, detectable: (seeds: number) => number): number | null {
  if (detectable(there) <= margin) return null;
  if (detectable(manySeeds) > margin) return Number.POSITIVE_INFINITY;
  let [tooFew, enough] = [there, manySeeds];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (detectable(middle) <= margin) enough = middle;
    else tooFew = middle;
  }
  return enough - there;
}

type SettingsWithPower = Settings & {
  /** Smallest shift found with 80 % power, in SDs of repeats, by (seeds, repeats). */
  detectableInSd: (seeds: number, repeats: number) => number;
};

function testsOf(
  comparisons: readonly Comparison[],
  metric: MetricWords,
  settings: SettingsWithPower,
): PooledTests {
  const first = comparisons[0];
  const seeds = comparisons.filter(usable);
  const divergedSeeds = comparisons.filter((one) => hasValues(one) && divergedIn(one)).length;
  const allEqual =
    seeds.length > 0 &&
    seeds.every(({ reference, sample }) => sample.values.every((value) => value === reference));
  const result: PooledTests = {
    configurationKey: first?.cell.group.configurationKey ?? "",
    configurationLabel: first?.cell.group.configurationLabel ?? "",
    arm: first?.sample.arm ?? "",
    seeds,
    divergedSeeds,
    reason: reasonAgainst({ seeds, allEqual, divergedSeeds }, metric),
    allEqual,
    shift: null,
    dispersion: null,
    equivalence: null,
    seedsNeeded: null,
  };
  if (result.reason !== null) return result;
  const blocks = seeds.map(
    ({ reference, sample }): SeedBlock => ({ reference: sample.values, treated: [reference ?? Number.NaN] }),
  );
  const shift = pooledMeanShift(blocks);
  const bounded = (interval: [number, number]) => withinRange(interval, differenceRange(metric.check?.range));
  const [shiftLow, shiftHigh] = bounded(shift.interval);
  const [newLow, newHigh] = bounded(shift.newSeeds.interval);
  const dispersion = pooledDispersion(blocks);
  const { alpha, margin } = settings;
  const repeats = Math.min(...seeds.map(({ sample }) => sample.values.length));
  const detectable = (count: number) => settings.detectableInSd(count, repeats) * shift.pooledSd;
  if (margin !== null) {
    const [low, high] = bounded(pooledMeanShift(blocks, { confidence: 1 - 2 * alpha }).interval);
    result.equivalence = { low, high, margin, shown: low > -margin && high < margin };
    result.seedsNeeded = seedsFor(margin, seeds.length, detectable);
  }
  return {
    ...result,
    shift: {
      estimate: shift.meanShift,
      low: shiftLow,
      high: shiftHigh,
      p: shift.pvalue,
      adjustedP: Number.NaN,
      detectable: detectable(seeds.length),
      newSeeds:
        seeds.length > 1
          ? {
              low: newLow,
              high: newHigh,
              p: shift.newSeeds.pvalue,
            }
          : null,
    },
    dispersion: {
      f: dispersion.statistic,
      df: dispersion.df,
      p: dispersion.pvalue,
      adjustedP: Number.NaN,
    },
  };
}

/** Shift and dispersion of every configuration and arm over its seeds; each kind of test is one family. */
export function pooledTests(
  comparisons: readonly Comparison[],
  metric: MetricWords,
  settings: Settings,
): PooledTests[] {
  const keyOf = ({ cell, sample }: Comparison) => JSON.stringify([cell.group.configurationKey, sample.arm]);
  const detectableInSd = remember((seeds = 1, repeats = 2) =>
    minimumDetectablePooledShift(seeds, repeats, 0.8, settings.alpha),
  );
  const tests = [...new Set(comparisons.map(keyOf))].map((key) =>
    testsOf(
      comparisons.filter((comparison) => keyOf(comparison) === key),
      metric,
      { ...settings, detectableInSd },
    ),
  );
  const adjust = (p: number[]) =>
    adjustPValues(p, { method: settings.correction, alpha: settings.alpha }).adjusted;
  const shifts = adjust(tests.map(({ shift }) => shift?.p ?? Number.NaN));
  const dispersions = adjust(tests.map(({ dispersion }) => dispersion?.p ?? Number.NaN));
  return tests.map((test, index) => ({
    ...test,
    shift: test.shift && { ...test.shift, adjustedP: shifts[index] ?? Number.NaN },
    dispersion: test.dispersion && { ...test.dispersion, adjustedP: dispersions[index] ?? Number.NaN },
  }));
}

export function pooledRow(tests: PooledTests, verdict: PooledRow["verdict"]): PooledRow {
  const { shift, dispersion, equivalence } = tests;
  return {
    configurationKey: tests.configurationKey,
    configurationLabel: tests.configurationLabel,
    arm: tests.arm,
    seeds: tests.seeds.length,
    shift: known(shift?.estimate),
    shiftInterval: { low: known(shift?.low), high: known(shift?.high) },
    shiftP: known(shift?.p),
    shiftAdjustedP: known(shift?.adjustedP),
    dispersionF: known(dispersion?.f),
    dispersionDf: [known(dispersion?.df[0]), known(dispersion?.df[1])],
    dispersionP: known(dispersion?.p),
    dispersionAdjustedP: known(dispersion?.adjustedP),
    equivalence: equivalence && {
      margin: equivalence.margin,
      interval: { low: known(equivalence.low), high: known(equivalence.high) },
      shown: equivalence.shown,
    },
    reason: tests.reason,
    verdict,
  };
}
