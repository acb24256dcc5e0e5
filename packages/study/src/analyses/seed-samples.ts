import { defaultArm, referenceArm, type SweepSpec } from "@reprise/contracts";
import type { Cell, Sample } from "./cells.js";

/** All samples of one configuration and arm, one per seed. */
export type SeedSamples = {
  configurationKey: string;
  configurationLabel: string;
  arm: string;
  isReference: boolean;
  seeds: { seed: number; sample: Sample }[];
};

/** Samples of all cells, gathered over seeds. */
export function samplesBySeed(cells: readonly Cell[], spec: SweepSpec): SeedSamples[] {
  const reference = referenceArm(spec)?.name;
  const groups = new Map<string, SeedSamples>();
  for (const { group, deterministic, others } of cells) {
    for (const sample of deterministic ? [deterministic, ...others] : others) {
      const { configurationKey, configurationLabel } = group;
      const key = JSON.stringify([configurationKey, sample.arm]);
      const entry = groups.get(key) ?? {
        configurationKey,
        configurationLabel,
        arm: sample.arm,
        isReference: sample.arm === reference,
        seeds: [],
      };
      entry.seeds.push({ seed: group.seed, sample });
      groups.set(key, entry);
    }
  }
  return [...groups.values()];
}

/** The arm that an analysis of configurations or seeds is about: `defaultArm` over the runs that it has. */
export function armOf(samples: readonly SeedSamples[], spec: SweepSpec): string | null {
  const names = [...new Set(samples.map(({ arm }) => arm))];
  return defaultArm(
    spec,
    names.map((name) => {
      const own = samples.filter(({ arm }) => arm === name).flatMap(({ seeds }) => seeds);
      return {
        arm: name,
        runs: own.reduce((n, { sample }) => n + sample.values.length, 0),
        cells: own.length,
      };
    }),
  );
}
