import {
  armsOf,
  type Detectable,
  type FormerRun,
  isReferenceExecution,
  modeOf,
  type PlanEstimates,
  type SweepSpec,
  seedsOf,
} from "@reprise/contracts";
import {
  mean,
  median,
  minimumDetectablePairedEffect,
  minimumDetectablePooledShift,
  minimumDetectableSeedRatio,
  minimumDetectableShift,
  pooledSpread,
} from "@reprise/statistics";
import type { Configuration } from "./expand-sweep.js";

export type PlanCost = Pick<PlanEstimates, "formerRuns" | "likeness" | "kWh" | "gCO2e"> & {
  /** Of all runs one after the other, in ms; null when no former run is like one of the configurations. */
  trainingMs: number | null;
};

type Likeness = NonNullable<PlanEstimates["likeness"]>;

const powerAsked = 0.8;

/** Former runs of this very configuration; failing that, of its model. */
function alike(
  { key, params }: Configuration,
  former: readonly FormerRun[],
): { runs: readonly FormerRun[]; likeness: Likeness } {
  const same = former.filter((run) => run.configurationKey === key);
  if (same.length > 0) return { runs: same, likeness: "configuration" };
  const sameModel = (run: FormerRun) => params.model === undefined || run.model === params.model;
  return { runs: former.filter(sameModel), likeness: "model" };
}

/** Median of a figure per run, in proportion to the epochs where both sides say how many they train. */
function perRun(
  runs: readonly FormerRun[],
  epochs: unknown,
  figure: (run: FormerRun) => number | null | undefined,
): number | null {
  const values = runs.flatMap((run) => {
    const value = figure(run);
    if (typeof value !== "number") return [];
    const scale = typeof epochs === "number" && typeof run.epochs === "number" ? epochs / run.epochs : 1;
    return [value * scale];
  });
  return values.length === 0 ? null : median(values);
}

/**
 * Training time (ms) and energy of a whole plan: per configuration the median of former runs of that configuration, else
 * of the same model in proportion to epochs, times its number of runs. A figure is null as soon as one configuration has
 * nothing to go by, because a sum over the rest would be too small without saying so.
 */
export function planCost(
  spec: SweepSpec,
  configurations: readonly Configuration[],
  former: readonly FormerRun[],
): PlanCost {
  const runsEach = seedsOf(spec).length * armsOf(spec).reduce((sum, arm) => sum + arm.repeats, 0);
  const used = new Set<FormerRun>();
  let likeness: Likeness = "configuration";
  const total = { trainingMs: 0, kWh: 0, gCO2e: 0 };
  const unknown = new Set<keyof typeof total>();
  for (const configuration of configurations) {
    const found = alike(configuration, former);
    if (found.likeness === "model") likeness = "model";
    for (const run of found.runs) used.add(run);
    const epochs = found.likeness === "model" ? configuration.params.epochs : undefined;
    const each = {
      trainingMs: perRun(found.runs, epochs, (run) => run.durationMs),
      kWh: perRun(found.runs, epochs, (run) => run.energy?.kWh),
      gCO2e: perRun(found.runs, epochs, (run) => run.energy?.gCO2e),
    };
    for (const key of ["trainingMs", "kWh", "gCO2e"] as const) {
      if (each[key] === null) unknown.add(key);
      else total[key] += each[key] * runsEach;
    }
  }
  const known = (key: keyof typeof total) => (unknown.has(key) ? null : total[key]);
  return {
    formerRuns: used.size,
    likeness: used.size === 0 ? null : likeness,
    trainingMs: known("trainingMs"),
    kWh: known("kWh"),
    gCO2e: known("gCO2e"),
  };
}

/** SD between free repeats of one configuration and seed within one sweep, pooled; null without two such repeats. */
function repeatSpread(configurations: readonly Configuration[], former: readonly FormerRun[]) {
  const found = configurations.map((configuration) => alike(configuration, former));
  const exact = found.filter(({ likeness }) => likeness === "configuration");
  const likeness: Likeness = exact.length > 0 ? "configuration" : "model";
  const runs = new Set((exact.length > 0 ? exact : found).flatMap((each) => each.runs));
  const groups = new Map<string, number[]>();
  for (const run of runs) {
    if (!run.free || run.value === null || !Number.isFinite(run.value)) continue;
    const group = `${run.sweepId} ${run.configurationKey} ${run.seed} ${run.arm}`;
    groups.set(group, [...(groups.get(group) ?? []), run.value]);
  }
  const samples = [...groups.values()].filter((values) => values.length > 1);
  if (samples.length === 0) return null;
  return { sd: pooledSpread(samples).sd, runs: samples.flat().length, likeness };
}

/** SD of differences of two of the configurations at one seed of one sweep, pooled over pairs; null without two such differences. */
function differenceSpread(configurations: readonly Configuration[], former: readonly FormerRun[]) {
  const found = configurations.map((configuration) => alike(configuration, former));
  const exact = found.filter(({ likeness }) => likeness === "configuration");
  const likeness: Likeness = exact.length > 0 ? "configuration" : "model";
  const runs = [...new Set((exact.length > 0 ? exact : found).flatMap((each) => each.runs))];
  /** Mean value by sweep, then configuration, then seed. */
  const sweeps = new Map<string, Map<string, Map<string, number[]>>>();
  for (const { sweepId, configurationKey, seed, value } of runs) {
    if (sweepId === null || value === null || !Number.isFinite(value)) continue;
    const sweep = sweeps.get(sweepId) ?? new Map<string, Map<string, number[]>>();
    sweeps.set(sweepId, sweep);
    const bySeed = sweep.get(configurationKey) ?? new Map<string, number[]>();
    sweep.set(configurationKey, bySeed);
    bySeed.set(seed, [...(bySeed.get(seed) ?? []), value]);
  }
  const samples = [...sweeps.values()].flatMap((sweep) => {
    const all = [...sweep.values()].slice(0, mostPaired);
    return all.flatMap((one, index) =>
      all.slice(index + 1).map((other) =>
        [...one].flatMap(([seed, values]) => {
          const beside = other.get(seed);
          return beside ? [mean(values) - mean(beside)] : [];
        }),
      ),
    );
  });
  const usable = samples.filter((differences) => differences.length > 1);
  if (usable.length === 0) return null;
  return { sd: pooledSpread(usable).sd, runs: runs.length, likeness };
}

/** Configurations of a former sweep of which every pair is looked at. */
const mostPaired = 12;

type Spread = ReturnType<typeof repeatSpread>;

/**
 * What a plan would find with 80 % power at its level, uncorrected: a family of tests needs more. In SDs, and in the metric's own
 * unit where former runs tell the SD.
 *
 * - `mode`: by the new-observation test of every free arm the shift of a deterministic value at one configuration and seed, and
 *   the one that several seeds share.
 * - `configuration`: by a paired t-test over seeds the difference of two configurations.
 * - `seed`: by the one-way F-test the SD between seeds beside that between repeats.
 */
export function planPower(
  spec: SweepSpec,
  configurations: readonly Configuration[],
  former: readonly FormerRun[],
): Detectable[] {
  const plan = spec.analysisPlan;
  if (!plan) return [];
  const arms = armsOf(spec);
  const seeds = seedsOf(spec).length;
  const free = arms.filter(
    ({ execution, repeats }) => modeOf(execution) === "nondeterministic" && repeats >= 2,
  );
  const spread = repeatSpread(configurations, former);
  const found = (
    contrast: Detectable["contrast"],
    of: { name: string; repeats: number; seeds: number; shiftInSd: number; spread: Spread },
  ): Detectable => ({
    contrast,
    metric: plan.primaryMetric,
    arm: of.name,
    repeats: of.repeats,
    seeds: of.seeds,
    power: powerAsked,
    alpha: plan.alpha,
    shiftInSd: of.shiftInSd,
    sd: of.spread?.sd ?? null,
    sdRuns: of.spread?.runs ?? 0,
    sdLikeness: of.spread?.likeness ?? null,
    shift: of.spread ? of.shiftInSd * of.spread.sd : null,
  });
  const reference = arms.find(({ execution }) => isReferenceExecution(execution));
  const shifts =
    plan.contrasts.includes("mode") && reference
      ? free.flatMap(({ name, repeats }) =>
          [...new Set([1, seeds])].map((over) => {
            const shiftInSd =
              over === 1
                ? minimumDetectableShift(repeats, powerAsked, plan.alpha)
                : minimumDetectablePooledShift(over, repeats, powerAsked, plan.alpha);
            return found("mode", { name, repeats, seeds: over, shiftInSd, spread });
          }),
        )
      : [];
  const [first] = arms;
  const differences =
    plan.contrasts.includes("configuration") && configurations.length > 1 && seeds > 1 && first
      ? [
          found("configuration", {
            ...{ name: first.name, repeats: first.repeats, seeds },
            shiftInSd: minimumDetectablePairedEffect(seeds, powerAsked, { alpha: plan.alpha }),
            spread: differenceSpread(configurations, former),
          }),
        ]
      : [];
  const ratios = free
    .filter(() => seeds > 2)
    .map(({ name, repeats }) =>
      found("seed", {
        ...{ name, repeats, seeds, spread },
        shiftInSd: minimumDetectableSeedRatio(seeds, repeats, powerAsked, plan.alpha),
      }),
    );
  return [...shifts, ...differences, ...ratios];
}
