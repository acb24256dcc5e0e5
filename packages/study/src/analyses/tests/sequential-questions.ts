import type { SweepSpec } from "@reprise/contracts";
import { seedsOf } from "@reprise/contracts";
import { mean } from "@reprise/statistics";
import { hasDeparted } from "../../claims/departures.js";
import type { Cell, Sample } from "../cells.js";
import { divergedAmong } from "../diverged.js";
import { armOf, samplesBySeed } from "../seed-samples.js";
import { withoutCopies } from "./comparison-tests.js";

/** One planned question, with a paired difference a − b for every seed of the study, in their order. */
export type PlannedQuestion = {
  question: string;
  contrast: "mode" | "configuration";
  a: string;
  b: string;
  differences: SeedDifference[];
};

export type SeedDifference = { seed: number; value: number | null; missing: string | null };

type Side = { name: string; at: (seed: number) => Sample | null };

/** What of a sample is evidence for its arm. */
function heldOf(sample: Sample | null): Sample | null {
  if (!sample) return null;
  const kept = sample.runs.map((run) => !hasDeparted(run));
  return {
    ...sample,
    runs: sample.runs.filter((_, i) => kept[i]),
    values: sample.values.filter((_, i) => kept[i]),
  };
}

/** Mean over the repeats of a seed; copies of a deterministic run are one. */
function meanAt(all: Sample | null, name: string): { value: number; missing: string | null } {
  const sample = heldOf(all);
  if (!sample || sample.runs.length === 0) return { value: Number.NaN, missing: `no result of ${name}` };
  if (divergedAmong(sample.runs) > 0) return { value: Number.NaN, missing: `a run of ${name} diverged` };
  const kept = new Set(withoutCopies(sample.runs));
  const value = mean(sample.values.filter((_, i) => sample.runs[i] && kept.has(sample.runs[i])));
  return { value, missing: Number.isFinite(value) ? null : `no finite value of ${name}` };
}

function differencesOf(seeds: readonly number[], a: Side, b: Side): SeedDifference[] {
  return seeds.map((seed) => {
    const [of, against] = [meanAt(a.at(seed), a.name), meanAt(b.at(seed), b.name)];
    const missing = of.missing ?? against.missing;
    return { seed, value: missing === null ? of.value - against.value : null, missing };
  });
}

function modeQuestions(cells: readonly Cell[], spec: SweepSpec, seeds: readonly number[]): PlannedQuestion[] {
  const samples = samplesBySeed(cells, spec);
  const several = new Set(samples.map(({ configurationKey }) => configurationKey)).size > 1;
  return samples
    .filter(({ isReference }) => !isReference)
    .flatMap(({ configurationKey, configurationLabel, arm, seeds: own }) => {
      const reference = samples.find((one) => one.isReference && one.configurationKey === configurationKey);
      if (!reference) return [];
      const at = (of: typeof own) => (seed: number) => of.find((one) => one.seed === seed)?.sample ?? null;
      const [a, b] = [
        { name: arm, at: at(own) },
        { name: reference.arm, at: at(reference.seeds) },
      ];
      const question = `${several ? `${configurationLabel}: ` : ""}${a.name} against ${b.name}`;
      return [{ question, contrast: "mode", a: a.name, b: b.name, differences: differencesOf(seeds, a, b) }];
    });
}

function configurationQuestions(
  cells: readonly Cell[],
  spec: SweepSpec,
  seeds: readonly number[],
): PlannedQuestion[] {
  const samples = samplesBySeed(cells, spec);
  const arm = armOf(samples, spec);
  const [baseline, ...others] = samples
    .filter((sample) => sample.arm === arm)
    .map(
      ({ configurationLabel, seeds: own }): Side => ({
        name: configurationLabel,
        at: (seed) => own.find((one) => one.seed === seed)?.sample ?? null,
      }),
    );
  if (!baseline) return [];
  return others.map((other) => ({
    question: `${other.name} against ${baseline.name}`,
    contrast: "configuration",
    a: other.name,
    b: baseline.name,
    differences: differencesOf(seeds, other, baseline),
  }));
}

/**
 * The questions of a study's plan: every arm against the deterministic one, and every configuration against the first. Runs that
 * departed from their arm are no evidence for it: their seeds count as missing, and the question stays, as the error is divided by
 * the number of questions.
 */
export function plannedQuestions(cells: readonly Cell[], spec: SweepSpec): PlannedQuestion[] {
  const contrasts = spec.analysisPlan?.contrasts ?? [];
  const seeds = seedsOf(spec);
  return [
    ...(contrasts.includes("mode") ? modeQuestions(cells, spec, seeds) : []),
    ...(contrasts.includes("configuration") ? configurationQuestions(cells, spec, seeds) : []),
  ];
}
