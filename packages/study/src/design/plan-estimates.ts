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
  median,
  minimumDetectablePooledShift,
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

/**
 * What the new-observation test of every free arm would find with 80 % power at the plan's level: the shift of a
 * deterministic value at one configuration and seed, and, with several seeds, the shift that they share. In SDs of
 * repeats; in the metric's own unit where former runs tell that SD. Uncorrected: a family of tests needs more.
 */
export function planPower(
  spec: SweepSpec,
  configurations: readonly Configuration[],
  former: readonly FormerRun[],
): Detectable[] {
  const plan = spec.analysisPlan;
  const arms = armsOf(spec);
  const reference = arms.some(({ execution }) => isReferenceExecution(execution));
  if (!plan?.contrasts.includes("mode") || !reference) return [];
  const spread = repeatSpread(configurations, former);
  return arms
    .filter(({ execution, repeats }) => modeOf(execution) === "nondeterministic" && repeats >= 2)
    .flatMap(({ name, repeats }) =>
      [...new Set([1, seedsOf(spec).length])].map((seeds): Detectable => {
        const shiftInSd =
          seeds === 1
            ? minimumDetectableShift(repeats, powerAsked, plan.alpha)
            : minimumDetectablePooledShift(seeds, repeats, powerAsked, plan.alpha);
        return {
          contrast: "mode",
          metric: plan.primaryMetric,
          arm: name,
          repeats,
          seeds,
          power: powerAsked,
          alpha: plan.alpha,
          shiftInSd,
          sd: spread?.sd ?? null,
          sdRuns: spread?.runs ?? 0,
          sdLikeness: spread?.likeness ?? null,
          shift: spread ? shiftInSd * spread.sd : null,
        };
      }),
    );
}
