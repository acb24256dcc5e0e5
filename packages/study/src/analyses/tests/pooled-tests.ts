import type { PooledRow } from "@reprise/contracts";
import {
  adjustPValues,
  differenceRange,
  type ExchangeBlock,
  type ExchangeGroup,
  type ExchangeTest,
  exchangeabilityFamily,
  exchangeShiftInterval,
  guardedConfidence,
  mean,
  minimumDetectablePooledShift,
  pooledDispersion,
  pooledMeanShift,
  powerPooledShift,
  type RelabelingOptions,
  withinRange,
} from "@reprise/statistics";
import { known } from "../cells.js";
import { divergedAmong } from "../diverged.js";
import type { MetricWords } from "../metric-words.js";
import { remember } from "../spread/remember.js";
import { type Equivalence, equivalenceOf } from "./equivalence.js";
import { guessedNumber, type Needed, neededRange, planningPower, smallestNumber } from "./needed.js";
import type { Comparison, TestSettings } from "./significance-tests.js";

type Bounds = { low: number; high: number };

/** What normal theory says of shift and dispersion, as the papers' tests do: uncorrected. */
type NormalTheory = {
  t: number;
  df: number;
  p: number;
  f: number;
  fDf: [number, number];
  fP: number;
  /** Smallest shift found with 80 % power by this number of seeds and repeats. */
  detectable: number;
};

/** The tests of one arm of one configuration, over its seeds. */
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
  /** Mean over these seeds, its interval by relabeling, and the interval of the mean over new seeds; null without tests. */
  shift: (Bounds & { estimate: number; newSeeds: Bounds | null }) | null;
  /** Permutation tests, adjusted within the family of all configurations and arms; null without tests. */
  permutation: ExchangeGroup | null;
  normal: NormalTheory | null;
  /** Null without a margin, or where repeats do not vary. */
  equivalence: Equivalence | null;
  /** Seeds still missing for 80 % power to find a shift as large as the margin; null without a margin. */
  seedsNeeded: Needed | null;
  /** Runs of the arm were on other machines than the deterministic one: only those of the same change places with it. */
  machines: "one" | "same-only" | "apart";
};

type Settings = TestSettings & {
  margin: number | null;
  relabeling?: RelabelingOptions;
  /** Only the permutation tests: no interval, nothing by normal theory. */
  familyOnly?: boolean;
};

const divergedIn = ({ cell, sample }: Comparison) =>
  divergedAmong([...sample.runs, ...(cell.deterministic?.runs.slice(0, 1) ?? [])]) > 0;

const usable = (comparison: Comparison) => hasValues(comparison) && !divergedIn(comparison);

const hasValues = ({ reference, sample }: Comparison) =>
  reference !== null &&
  Number.isFinite(reference) &&
  sample.values.length > 1 &&
  sample.values.every(Number.isFinite);

function reasonAgainst({
  seeds,
  allEqual,
  divergedSeeds,
}: Pick<PooledTests, "seeds" | "allEqual" | "divergedSeeds">): string | null {
  if (seeds.length === 0 && divergedSeeds > 0) {
    return `Runs diverged at ${divergedSeeds === 1 ? "the only seed" : `all ${divergedSeeds} seeds`} that could be compared, so there is nothing to test.`;
  }
  if (seeds.length === 0) return "Not testable yet: no seed has both a deterministic run and two repeats.";
  return allEqual ? "There is no difference to test." : null;
}

/** Few distinct values: t and F mean nothing, permutations hold all the same. */
function isCoarse(seeds: readonly Comparison[]): boolean {
  const repeats = seeds.flatMap(({ sample }) => sample.values);
  const distinct = new Set(repeats).size;
  return (
    seeds.every(({ sample }) => new Set(sample.values).size === 1) ||
    (distinct <= 3 && distinct < repeats.length)
  );
}

/** How many seeds of so many repeats find a shift of so many SDs of repeats with the planned power. */
const seedsFor = (shift: number, repeats: number, alpha: number): number =>
  smallestNumber(
    (seeds) => powerPooledShift(shift, { seeds, repeats }, alpha) >= planningPower,
    1,
    guessedNumber(shift, alpha) * (1 + 1 / repeats),
  );

/** The deterministic value of each seed among its repeats; only runs of the same machine change places, where any is. */
function exchangeBlocks(
  seeds: readonly Comparison[],
): Pick<PooledTests, "machines"> & { blocks: ExchangeBlock[] } {
  const blocks = seeds.map(({ cell, reference, sample }) => {
    const own = cell.deterministic?.runs[0]?.workerName ?? null;
    const same = sample.runs.map(({ workerName }) => own === null || workerName === own);
    return { treated: reference ?? Number.NaN, reference: sample.values, same };
  });
  const machines = blocks.every(({ same }) => same.every(Boolean))
    ? "one"
    : blocks.some(({ same }) => !same.some(Boolean))
      ? "apart"
      : "same-only";
  return {
    machines,
    blocks: blocks.map(({ treated, reference, same }) => ({
      treated,
      reference,
      ...(machines === "same-only" ? { exchangeable: same } : {}),
    })),
  };
}

type SettingsWithPower = Settings & {
  /** Smallest shift found with 80 % power, in SDs of repeats, by (seeds, repeats). */
  detectableInSd: (seeds: number, repeats: number) => number;
};

type Bare = PooledTests & { blocks: ExchangeBlock[] };

function testsOf(comparisons: readonly Comparison[], metric: MetricWords, settings: SettingsWithPower): Bare {
  const first = comparisons[0];
  const seeds = comparisons.filter(usable);
  const divergedSeeds = comparisons.filter((one) => hasValues(one) && divergedIn(one)).length;
  const allEqual =
    seeds.length > 0 &&
    seeds.every(({ reference, sample }) => sample.values.every((value) => value === reference));
  const bare: Bare = {
    configurationKey: first?.cell.group.configurationKey ?? "",
    configurationLabel: first?.cell.group.configurationLabel ?? "",
    arm: first?.sample.arm ?? "",
    seeds,
    divergedSeeds,
    reason: reasonAgainst({ seeds, allEqual, divergedSeeds }),
    allEqual,
    shift: null,
    permutation: null,
    normal: null,
    equivalence: null,
    seedsNeeded: null,
    ...exchangeBlocks(seeds),
  };
  if (bare.reason !== null) return bare;
  const { alpha, margin } = settings;
  const estimate = mean(bare.blocks.map(({ treated, reference }) => treated - mean(reference)));
  if (settings.familyOnly)
    return { ...bare, shift: { estimate, low: Number.NaN, high: Number.NaN, newSeeds: null } };
  const bounded = (interval: [number, number]): Bounds => {
    const [low, high] = withinRange(interval, differenceRange(metric.check?.range));
    return { low, high };
  };
  const byRelabeling = exchangeShiftInterval(bare.blocks, { confidence: 1 - alpha, ...settings.relabeling });
  const isBounded = byRelabeling.every(Number.isFinite);
  const shift = {
    estimate,
    ...(isBounded ? bounded(byRelabeling) : { low: Number.NaN, high: Number.NaN }),
    newSeeds: null,
  };
  if (isCoarse(seeds)) return { ...bare, shift };
  const blocks = bare.blocks.map(({ treated, reference }) => ({ reference, treated: [treated] }));
  const pooled = pooledMeanShift(blocks);
  const guarded = pooledMeanShift(blocks, { confidence: guardedConfidence.newSeedShift });
  const dispersion = pooledDispersion(blocks);
  const repeats = Math.min(...seeds.map(({ sample }) => sample.values.length));
  return {
    ...bare,
    shift: { ...shift, newSeeds: seeds.length > 1 ? bounded(guarded.newSeeds.interval) : null },
    normal: {
      t: pooled.statistic,
      df: pooled.df,
      p: pooled.pvalue,
      f: dispersion.statistic,
      fDf: dispersion.df,
      fP: dispersion.pvalue,
      detectable: settings.detectableInSd(seeds.length, repeats) * pooled.pooledSd,
    },
    equivalence: margin === null ? null : equivalenceOf(seeds, blocks, metric, { margin, alpha }),
    seedsNeeded:
      margin === null
        ? null
        : seeds.length < 4
          ? neededRange({ sd: Number.NaN, df: 0, there: seeds.length, unit: "seed" }, () => Number.NaN)
          : neededRange({ sd: pooled.pooledSd, df: pooled.df, there: seeds.length, unit: "seed" }, (sd) =>
              seedsFor(margin / sd, repeats, alpha),
            ),
  };
}

/** The plan may ask for another correction than max-T, which stands for Holm. */
function corrected(groups: readonly ExchangeGroup[], { correction, alpha }: TestSettings): ExchangeGroup[] {
  if (correction === "holm") return [...groups];
  const tests = groups.flatMap(({ shift, dispersion, seeds }) => [shift, dispersion, ...seeds]);
  const members = tests.filter((test): test is ExchangeTest => test !== null && test.adjustedP !== null);
  const { adjusted } = adjustPValues(
    members.map(({ p }) => p),
    { method: correction, alpha },
  );
  const own = new Map(members.map((test, i) => [test, { ...test, adjustedP: adjusted[i] ?? null }]));
  const of = (test: ExchangeTest) => own.get(test) ?? test;
  return groups.map((group) => ({
    ...group,
    shift: of(group.shift),
    dispersion: group.dispersion && of(group.dispersion),
    seeds: group.seeds.map(of),
  }));
}

/** The smallest shift that a design finds depends on its numbers alone: computed once for all studies. */
const detectableInSd = remember((seeds = 1, repeats = 2, alpha = 0.05) =>
  minimumDetectablePooledShift(seeds, repeats, planningPower, alpha),
);

/**
 * Shift, dispersion and single seeds of every configuration and arm, as one family of permutation tests within seeds.
 *
 * @returns `family`: how many tests are in it
 */
export function pooledTests(
  comparisons: readonly Comparison[],
  metric: MetricWords,
  settings: Settings,
): { tests: PooledTests[]; family: number } {
  const keyOf = ({ cell, sample }: Comparison) => JSON.stringify([cell.group.configurationKey, sample.arm]);
  const bare = [...new Set(comparisons.map(keyOf))].map((key) =>
    testsOf(
      comparisons.filter((comparison) => keyOf(comparison) === key),
      metric,
      { ...settings, detectableInSd: (seeds, repeats) => detectableInSd(seeds, repeats, settings.alpha) },
    ),
  );
  const tested = bare.filter(({ shift }) => shift !== null);
  const { groups, members } = exchangeabilityFamily(
    tested.map(({ blocks }) => blocks),
    { ...settings.relabeling, alpha: settings.alpha },
  );
  const adjusted = corrected(groups, settings);
  return {
    family: members,
    tests: bare.map(({ blocks: _, ...test }) => ({
      ...test,
      permutation:
        adjusted[
          tested.findIndex(
            ({ configurationKey, arm }) => configurationKey === test.configurationKey && arm === test.arm,
          )
        ] ?? null,
    })),
  };
}

/** The permutation test of a single seed; at a lone seed it is that of the shift. */
export function seedTests(tests: readonly PooledTests[]): Map<Comparison, ExchangeTest> {
  return new Map(
    tests.flatMap(({ seeds, permutation }) =>
      permutation === null
        ? []
        : seeds.map((comparison, k) => [comparison, permutation.seeds[k] ?? permutation.shift] as const),
    ),
  );
}

const nothing = { low: null, high: null };
const wire = ({ low, high }: Bounds) => ({ low: known(low), high: known(high) });

export function pooledRow(tests: PooledTests, verdict: PooledRow["verdict"]): PooledRow {
  const { shift, permutation, normal, equivalence } = tests;
  return {
    configurationKey: tests.configurationKey,
    configurationLabel: tests.configurationLabel,
    arm: tests.arm,
    seeds: tests.seeds.length,
    shift: known(shift?.estimate),
    shiftInterval: shift ? wire(shift) : nothing,
    shiftP: known(permutation?.shift.p),
    shiftAdjustedP: known(permutation?.shift.adjustedP),
    newSeedsInterval: shift?.newSeeds ? wire(shift.newSeeds) : nothing,
    dispersionP: known(permutation?.dispersion?.p),
    dispersionAdjustedP: known(permutation?.dispersion?.adjustedP),
    relabelings: {
      total: permutation?.relabelings ?? 0,
      drawn: permutation?.draws ?? 0,
      standardError: known(permutation?.shift.standardError),
      smallestP: known(permutation?.shift.smallestP),
    },
    normalTheory: normal && {
      t: known(normal.t),
      df: known(normal.df),
      p: known(normal.p),
      f: known(normal.f),
      fDf: [known(normal.fDf[0]), known(normal.fDf[1])],
      fP: known(normal.fP),
    },
    equivalence: equivalence && {
      margin: equivalence.margin,
      interval: wire(equivalence),
      df: known(equivalence.df),
      shown: equivalence.shown,
      seeds: equivalence.seeds.map(({ seed, shown, ...bounds }) => ({ seed, interval: wire(bounds), shown })),
    },
    reason: tests.reason,
    verdict,
  };
}
