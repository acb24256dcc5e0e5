import { invalidInput } from "../errors.js";
import {
  type BlockTable,
  blockTable,
  type ExchangeBlock,
  normalDeviateOfF,
  type RelabelingOptions,
  type Relabelings,
  ratio,
  relabelingsOf,
  tieTolerance,
} from "./relabelings.js";

/** One question of the family, answered by relabeling. */
export type ExchangeTest = {
  /** Share of relabelings at least as extreme; (b + 1)/(m + 1) of drawn ones. */
  p: number;
  /** Adjusted for the whole family (step-down max-T); null where the test is not in it. */
  adjustedP: number | null;
  /** Monte Carlo standard error of `p`; 0 where all relabelings were enumerated. */
  standardError: number;
  /** The smallest p that this number of relabelings can give. A test is in the family only if that reaches its level. */
  smallestP: number;
};

/** One configuration and arm. */
export type ExchangeGroup = {
  /** |mean of differences|, studentised by the spread pooled within seeds. */
  shift: ExchangeTest;
  /** Sum of squared differences, studentised alike; null at one seed, where it is the shift. */
  dispersion: ExchangeTest | null;
  /** |difference| of each seed, studentised by the spread of that seed; empty at one seed. */
  seeds: ExchangeTest[];
  /** Distinct relabelings within seeds. */
  relabelings: number;
  exact: boolean;
  /** Relabelings drawn; 0 where all were enumerated. */
  draws: number;
};

export type ExchangeFamily = { groups: ExchangeGroup[]; members: number; alpha: number };

type Member = {
  group: number;
  kind: "shift" | "dispersion" | number;
  smallestP: number;
  values: Float64Array;
};
type Group = { tables: BlockTable[]; relabelings: Relabelings; members: Member[] };

/** Normal deviates of shift, dispersion and every seed alone, by relabeling. */
function deviates(tables: readonly BlockTable[], { choices, count }: Relabelings): Float64Array[] {
  const size = tables.length;
  const df = tables.reduce((sum, { n }) => sum + n - 1, 0);
  const weight = tables.reduce((sum, { n }) => sum + 1 + 1 / n, 0);
  const shift = new Float64Array(count);
  const dispersion = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    let [differences, scaled, within] = [0, 0, 0];
    for (let k = 0; k < size; k++) {
      const table = tables[k] as BlockTable;
      const choice = Number(choices[row * size + k]);
      differences += Number(table.difference[choice]);
      scaled += Number(table.scaled[choice]);
      within += Number(table.within[choice]);
    }
    const variance = within / df;
    shift[row] = normalDeviateOfF(ratio((differences * differences) / weight, variance), 1, df);
    dispersion[row] = normalDeviateOfF(ratio(scaled / size, variance), size, df);
  }
  if (size === 1) return [shift];
  const alone = tables.map(({ n, scaled, within }, k) => {
    const own = scaled.map((square, i) =>
      normalDeviateOfF(ratio(square, Number(within[i]) / (n - 1)), 1, n - 1),
    );
    const values = new Float64Array(count);
    for (let row = 0, at = k; row < count; row++, at += size) values[row] = Number(own[Number(choices[at])]);
    return values;
  });
  return [shift, dispersion, ...alone];
}

function groupOf(blocks: readonly ExchangeBlock[], at: number, options: RelabelingOptions): Group {
  if (blocks.length === 0) throw invalidInput(`groups[${at}]`, blocks, "is empty", "Give at least one seed.");
  const tables = blocks.map(blockTable);
  const relabelings = relabelingsOf(
    tables.map(({ size }) => size),
    options,
    at,
  );
  const floor = relabelings.exact ? 0 : 1 / relabelings.count;
  const members = deviates(tables, relabelings).map((values, i): Member => {
    const alone = tables[i - 2];
    const kind = i === 0 ? "shift" : i === 1 ? "dispersion" : i - 2;
    return { group: at, kind, values, smallestP: Math.max(floor, 1 / (alone?.size ?? relabelings.total)) };
  });
  return { tables, relabelings, members };
}

/** What counts as at least as extreme: ties may differ in the last digits. */
const thresholdOf = (value: number) =>
  Number.isFinite(value) ? value - tieTolerance * Math.max(1, Math.abs(value)) : value;

const share = (atLeast: number, { count, exact }: Relabelings, observedCounts: boolean) =>
  // The observed labelling is among the drawn ones; where it does not count itself it still must, or p could be 0.
  exact || observedCounts ? atLeast / count : (atLeast + 1) / count;

/** How many values are at least this large. */
function countFrom(values: Float64Array, threshold: number): number {
  let below = 0;
  for (let row = 0; row < values.length; row++) if (Number(values[row]) < threshold) below += 1;
  return values.length - below;
}

/** The larger of each two values, written into the first list. */
function raise(largest: Float64Array, values: Float64Array): void {
  for (let row = 0; row < largest.length; row++)
    if (Number(values[row]) > Number(largest[row])) largest[row] = Number(values[row]);
}

/**
 * Tests that could not reject at their share of the level, whatever the data, are left out beforehand: they can raise no
 * alarm and would only cost the others power. Shift and dispersion of a group have the same relabelings and count once.
 * Source: Tarone (1990).
 */
function testable(groups: readonly Group[], alpha: number): Member[] {
  const units = groups.flatMap(({ members: [shift, dispersion, ...seeds] }) => [
    [shift, dispersion].filter((member) => member !== undefined),
    ...seeds.map((seed) => [seed]),
  ]);
  for (let k = 1; k <= units.length; k++) {
    const able = units.filter(([first]) => first && first.smallestP <= (alpha / k) * (1 + 1e-12));
    if (able.length <= k) return able.flat();
  }
  return [];
}

/**
 * Step-down max-T over groups that are relabeled independently: each member against the largest of those that are not more extreme.
 * Source: Westfall & Young (1993), algorithm 4.1.
 */
function adjusted(groups: readonly Group[], alpha: number): Map<Member, number> {
  const family = testable(groups, alpha).toSorted((a, b) => Number(b.values[0]) - Number(a.values[0]));
  // From the least extreme on, so that each member joins the largest of its group once.
  const largest = groups.map((): Float64Array | null => null);
  const ascending = family.toReversed().map((member) => {
    const own = largest[member.group];
    if (own) raise(own, member.values);
    else largest[member.group] = member.values.slice();
    const threshold = thresholdOf(Number(member.values[0]));
    let none = 1;
    for (const [at, { relabelings }] of groups.entries()) {
      const values = largest[at];
      if (values) none *= 1 - share(countFrom(values, threshold), relabelings, at === member.group);
    }
    return 1 - none;
  });
  const result = new Map<Member, number>();
  let above = 0;
  for (const [at, member] of family.entries()) {
    above = Math.max(above, ascending[family.length - 1 - at] ?? 0);
    result.set(member, above);
  }
  return result;
}

/**
 * Are deterministic values ordinary draws among the other executions of their seeds? One family of tests over all
 * configurations (`groups`) and their seeds: mean shift, dispersion, and every seed alone.
 *
 * The null hypothesis of a group is that at every one of its seeds the deterministic value could change places with any of the
 * others. Under it all relabelings within seeds are equally likely, whatever the distribution, its spread at each seed, the
 * numbers of runs and ties: the p-values are exact. Shift and dispersion are two statistics for that one hypothesis, so no
 * centring is needed, which would make a permutation test of spreads only approximate. Differences of group means between
 * seeds do not enter: values never leave their seed.
 *
 * Statistics are studentised within each relabeling and put on one scale, and adjusted by step-down max-T, which holds the
 * family-wise error strongly: the statistic of a seed, or configuration, depends on no other. Groups are relabeled independently;
 * arms that share a deterministic run are taken so too, which errs on the safe side. All relabelings are enumerated up to
 * 100,000 a group, else 19,999 are drawn. Sources: Westfall & Young (1993), Resampling-based multiple testing; Phipson & Smyth
 * (2010), Permutation p-values should never be zero; Tarone (1990) for what is left out beforehand.
 *
 * Throws a StatisticsError for an empty group, a seed with fewer than two references, and values that are not finite.
 */
export function exchangeabilityFamily(
  groups: readonly (readonly ExchangeBlock[])[],
  options: RelabelingOptions = {},
): ExchangeFamily {
  const key = JSON.stringify([groups, options]);
  if (lately?.key !== key) lately = { key, family: newFamily(groups, options) };
  return lately.family;
}

/** The last family: several analyses of a study ask for its own. */
let lately: { key: string; family: ExchangeFamily } | undefined;

function newFamily(
  groups: readonly (readonly ExchangeBlock[])[],
  options: RelabelingOptions,
): ExchangeFamily {
  const { alpha = 0.05 } = options;
  const made = groups.map((blocks, at) => groupOf(blocks, at, options));
  const family = adjusted(made, alpha);
  const testOf = (member: Member, { relabelings }: Group): ExchangeTest => {
    const threshold = thresholdOf(Number(member.values[0]));
    const p = share(
      member.values.reduce((count, value) => (value >= threshold ? count + 1 : count), 0),
      relabelings,
      true,
    );
    return {
      p,
      adjustedP: family.get(member) ?? null,
      standardError: relabelings.exact ? 0 : Math.sqrt((p * (1 - p)) / relabelings.count),
      smallestP: member.smallestP,
    };
  };
  return {
    alpha,
    members: family.size,
    groups: made.map((group): ExchangeGroup => {
      const [shift, dispersion, ...seeds] = group.members.map((member) => testOf(member, group));
      const { total, exact, count } = group.relabelings;
      return {
        shift: shift as ExchangeTest,
        dispersion: dispersion ?? null,
        seeds,
        relabelings: total,
        exact,
        draws: exact ? 0 : count - 1,
      };
    }),
  };
}

/** The fewest repeats at every one of `seeds` seeds, with one deterministic run each, whose relabelings reach the level. */
export function repeatsToReach(seeds: number, alpha = 0.05): number {
  let repeats = 2;
  while ((repeats + 1) ** seeds * alpha < 1 - 1e-12) repeats += 1;
  return repeats;
}
