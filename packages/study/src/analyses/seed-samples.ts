import type { SweepSpec } from "@reprise/contracts";
import { type Cell, referenceArm, type Sample } from "./cells.js";

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
