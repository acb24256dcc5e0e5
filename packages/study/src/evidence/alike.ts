import type { Run } from "@reprise/contracts";

/** Digests are compared as far as all of them are stored: 16 bytes. */
const comparedDigits = 32;

export type Alike = Pick<
  Run,
  "id" | "digest" | "status" | "trainer" | "dataset" | "configurationKey" | "seed" | "excludedReason"
>;

/** Runs of one configuration and seed that ended with one digest of their final weights: groups of two and more. */
export function runsWithOneDigest<T extends Alike>(runs: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const run of runs) {
    if (run.status !== "succeeded" || run.digest === null || run.excludedReason !== null) continue;
    const { trainer, dataset, configurationKey, seed, digest } = run;
    const key = JSON.stringify([trainer, dataset, configurationKey, seed, digest.slice(0, comparedDigits)]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}
