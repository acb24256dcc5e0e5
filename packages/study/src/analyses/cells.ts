import {
  type ArmValues,
  armsOf,
  type Contradiction,
  encodeNumber,
  type Group,
  type Run,
  referenceArm,
  type SweepSpec,
  seedsOf,
  type WireNumber,
} from "@reprise/contracts";
import { boxOf, kernelDensity, summarize } from "@reprise/statistics";
import { hasDeparted } from "../claims/departures.js";
import { configurationsOf } from "../design/expand-sweep.js";
import { SweepDesignError } from "../design/sweep-design.js";
import { divergedAmong, hasDiverged } from "./diverged.js";
import { metricOf } from "./input.js";

/** All runs of one arm at one configuration and seed, by repeat, with their values of the analysed metric. */
export type Sample = { arm: string; runs: Run[]; values: number[] };

/** One configuration at one seed: the deterministic sample and every other arm. */
export type Cell = { group: Group; deterministic: Sample | null; others: Sample[] };

/** Place of each configuration in the order of the spec, by key; empty where runs are logged or asked for. */
export function configurationOrder(spec: SweepSpec): Map<string, number> {
  try {
    return new Map(configurationsOf(spec).map(({ key }, index) => [key, index]));
  } catch (error) {
    // Logged runs need no expandable spec; they keep the order in which they came.
    if (error instanceof SweepDesignError) return new Map();
    throw error;
  }
}

/**
 * Runs grouped by configuration and seed, in the order of the spec, split by arm. Runs without the metric have the value NaN.
 */
export function cellsOf(spec: SweepSpec, runs: readonly Run[], metric: string): Cell[] {
  const order = configurationOrder(spec);
  const seeds = new Map(seedsOf(spec).map((seed, index) => [seed, index]));
  const arms = new Map(armsOf(spec).map((arm, index) => [arm.name, index]));
  const reference = referenceArm(spec)?.name;
  const rank = (map: Map<unknown, number>, key: unknown) => map.get(key) ?? map.size;
  const cells = new Map<string, Run[]>();
  const ordered = runs.toSorted(
    (a, b) =>
      rank(order, a.configurationKey) - rank(order, b.configurationKey) ||
      rank(seeds, a.seed) - rank(seeds, b.seed) ||
      rank(arms, a.arm) - rank(arms, b.arm) ||
      a.repeat - b.repeat ||
      a.position - b.position,
  );
  for (const run of ordered) {
    const key = JSON.stringify([run.configurationKey, run.seed]);
    const members = cells.get(key);
    if (members) members.push(run);
    else cells.set(key, [run]);
  }
  return [...cells.values()].flatMap((members): Cell[] => {
    const first = members[0];
    if (!first) return [];
    const names = [...new Set(members.map(({ arm }) => arm))];
    const samples = names.map((arm): Sample => {
      const own = members.filter((run) => run.arm === arm);
      return { arm, runs: own, values: own.map((run) => metricOf(run, metric) ?? Number.NaN) };
    });
    return [
      {
        group: {
          configurationKey: first.configurationKey,
          configurationLabel: first.configurationLabel,
          params: first.params,
          seed: first.seed,
        },
        deterministic: samples.find(({ arm }) => arm === reference) ?? null,
        others: samples.filter(({ arm }) => arm !== reference),
      },
    ];
  });
}

/** A number for the wire; null where it is undefined because there are too few values. */
export function known(value: number | null | undefined): WireNumber | null {
  return value === null || value === undefined || Number.isNaN(value) ? null : encodeNumber(value);
}

/** Below these the points themselves say more than any summary of their shape. */
const fewestForBox = 5;
const fewestForDensity = 50;

export function armValuesOf({ arm, runs, values }: Sample): ArmValues {
  const { n, mean, sd, min, max, distinct } = summarize(values);
  const isBroken = values.some(Number.isNaN);
  return {
    arm,
    n,
    values: values.map(encodeNumber),
    runIds: runs.map(({ id }) => id),
    diverged: runs.filter(hasDiverged).map(({ id }) => id),
    mean: isBroken ? "NaN" : known(mean),
    sd: n < 2 ? null : isBroken ? "NaN" : known(sd),
    min: isBroken ? "NaN" : known(min),
    max: isBroken ? "NaN" : known(max),
    distinctValues: distinct,
    distinctDigests: distinctDigests(runs),
    box: n < fewestForBox ? null : boxOf(values),
    density: n < fewestForDensity ? null : kernelDensity(values),
  };
}

/** Different final weights; runs without a digest do not count. */
export function distinctDigests(runs: readonly Run[]): number {
  return new Set(runs.map(({ digest }) => digest).filter((digest) => digest !== null)).size;
}

/** Whether executions ended with equal weights; null when fewer than two have a digest. */
export function areIdentical(runs: readonly Run[]): boolean | null {
  const digests = runs.map(({ digest }) => digest).filter((digest) => digest !== null);
  return digests.length < 2 ? null : new Set(digests).size === 1;
}

/** Whether the contradictions of a study concern equality within a sample. */
export function isContradicted({ runs }: Sample, contradictions: readonly Contradiction[]): boolean {
  return contradictions.some(
    ({ kind, runIds }) => kind !== "data" && runs.some(({ id }) => runIds.includes(id)),
  );
}

/** One NaN is as good as another: equal weights of diverged runs show no equality. */
export function showsNothing(runs: readonly Run[], identical: boolean | null): boolean {
  const diverged = divergedAmong(runs);
  return diverged > 0 && (identical === true || diverged === runs.length);
}

/** The cells with those of their runs that are meant; cells of none are left out. */
function cellsWith(cells: readonly Cell[], isMeant: (run: Run) => boolean): Cell[] {
  const rest = ({ arm, runs, values }: Sample): Sample[] => {
    const kept = runs.flatMap((run, index) => (isMeant(run) ? [index] : []));
    const sample = {
      arm,
      runs: kept.flatMap((index) => runs[index] ?? []),
      values: kept.map((index) => values[index] ?? Number.NaN),
    };
    return kept.length === 0 ? [] : [sample];
  };
  return cells.flatMap(({ group, deterministic, others }) => {
    const [reference = null] = deterministic ? rest(deterministic) : [];
    const kept = others.flatMap(rest);
    return reference || kept.length > 0 ? [{ group, deterministic: reference, others: kept }] : [];
  });
}

/** The cells with what did not diverge: what can be described of results. */
export const withoutDiverged = (cells: readonly Cell[]): Cell[] =>
  cellsWith(cells, (run) => !hasDiverged(run));

/** The cells with what was not seen to run otherwise than requested: what is evidence for its arm. */
export const withoutDeparted = (cells: readonly Cell[]): Cell[] =>
  cellsWith(cells, (run) => !hasDeparted(run));

/** Deterministic samples of two and more runs with a digest whose records do not contradict them, and whether they are equal. */
export function repetitions(
  cells: readonly Cell[],
  contradictions: readonly Contradiction[],
): { group: Group; runs: Run[]; identical: boolean }[] {
  return cells.flatMap(({ group, deterministic }) => {
    if (!deterministic || isContradicted(deterministic, contradictions)) return [];
    const identical = areIdentical(deterministic.runs);
    if (showsNothing(deterministic.runs, identical)) return [];
    return identical === null ? [] : [{ group, runs: deterministic.runs, identical }];
  });
}

/** "adam · lr 0.01, seed 42" */
export function nameOf({ configurationLabel, seed }: Group): string {
  return `${configurationLabel}, seed ${seed}`;
}

/** How an arm is called in a sentence: what it leaves free, not only its name. */
export function armWords(spec: SweepSpec, name: string): string {
  const arm = armsOf(spec).find((one) => one.name === name);
  const order = arm?.execution.order;
  if (arm?.execution.perturb === "ulp")
    return `executions with one initial weight changed by one unit in the last place (${name})`;
  if (order === "free") return name === "free" ? "free executions" : `free executions (${name})`;
  if (order === "permuted") return `executions in permuted orders (${name})`;
  return `executions of arm ${name}`;
}

/**
 * Why no t-test is made of a sample, or null when one can be: fewer than two values, runs that diverged, values that are no
 * numbers, all equal, or few distinct values among more repeats.
 */
export function degeneracy(values: readonly number[], metricLabel: string, diverged = 0): string | null {
  const n = values.length;
  if (diverged > 0) return `${diverged} of ${n} ${n === 1 ? "repeat" : "repeats"} diverged; no t-test.`;
  if (n < 2) return `${n === 1 ? "One repeat" : "No repeat"}: a spread needs two.`;
  const broken = values.filter((value) => !Number.isFinite(value)).length;
  if (broken > 0) return `${broken} of ${n} repeats have no finite ${metricLabel}; no t-test.`;
  const distinct = new Set(values).size;
  if (distinct === 1)
    return `${n === 2 ? "Both" : `All ${n}`} repeats have the same ${metricLabel}; there is no spread to test against.`;
  if (distinct <= 3 && distinct < n) {
    return `Only ${distinct} distinct values of ${metricLabel} among ${n} repeats; no t-test.`;
  }
  return null;
}
