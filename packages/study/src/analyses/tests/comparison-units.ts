import type { ComparisonResult, Run } from "@reprise/contracts";
import { mean } from "@reprise/statistics";
import { metricOf } from "../input.js";

/** All runs of a group at one configuration and seed, with their mean: repeats are clustered, so this is one observation. */
export type ComparedCell = {
  key: string;
  configurationKey: string;
  name: string;
  seed: number;
  values: number[];
  mean: number;
};

/** What a test is made of: equally long lists if paired, independent samples otherwise. */
export type Units = { design: ComparisonResult["design"]; a: number[]; b: number[]; unpaired: string[] };

export function comparedCells(runs: readonly Run[], metric: string): ComparedCell[] {
  const cells = new Map<string, Run[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.configurationKey, run.seed]);
    cells.set(key, [...(cells.get(key) ?? []), run]);
  }
  return [...cells].flatMap(([key, members]) => {
    const [first] = members;
    if (!first) return [];
    const { configurationKey, configurationLabel, seed } = first;
    const values = members.map((run) => metricOf(run, metric) ?? Number.NaN);
    return [
      {
        key,
        configurationKey,
        name: `${configurationLabel}, seed ${seed}`,
        seed,
        values,
        mean: mean(values),
      },
    ];
  });
}

const seedsOf = (cells: readonly ComparedCell[]) => [...new Set(cells.map(({ seed }) => seed))];

/** One mean per seed over the cells of that seed. */
export function seedMeans(cells: readonly ComparedCell[], seeds = seedsOf(cells)): number[] {
  return seeds.map((seed) => mean(cells.filter((cell) => cell.seed === seed).map((cell) => cell.mean)));
}

/** Configurations that a group ran at each of the seeds; only they keep a mean over configurations comparable. */
function completeAt(cells: readonly ComparedCell[], seeds: readonly number[]): ComparedCell[] {
  const isComplete = (configurationKey: string) =>
    seeds.every((seed) =>
      cells.some((cell) => cell.seed === seed && cell.configurationKey === configurationKey),
    );
  return cells.filter(({ seed, configurationKey }) => seeds.includes(seed) && isComplete(configurationKey));
}

/** The cells that both groups have a counterpart for: the same configuration and seed, or else the same seed. */
function counterparts(a: readonly ComparedCell[], b: readonly ComparedCell[]) {
  const shareConfigurations = a.some(({ configurationKey }) =>
    b.some((cell) => cell.configurationKey === configurationKey),
  );
  if (shareConfigurations) {
    const inBoth = new Set(a.map(({ key }) => key).filter((key) => b.some((cell) => cell.key === key)));
    const keep = (cells: readonly ComparedCell[]) => cells.filter(({ key }) => inBoth.has(key));
    return { shareConfigurations, a: keep(a), b: keep(b) };
  }
  const seeds = seedsOf(a).filter((seed) => b.some((cell) => cell.seed === seed));
  return { shareConfigurations, a: completeAt(a, seeds), b: completeAt(b, seeds) };
}

/**
 * What two groups are compared by. Paired on seed (within configuration where they share any) as soon as two seeds are shared;
 * paired on configuration when all is one seed; seed means as independent samples otherwise; single runs only when both groups
 * are repeats at one seed.
 */
export function unitsOf(
  a: readonly ComparedCell[],
  b: readonly ComparedCell[],
  pairing: "auto" | "never",
): Units {
  if (pairing === "auto") {
    const matched = counterparts(a, b);
    const seeds = seedsOf(matched.a).filter((seed) => matched.b.some((cell) => cell.seed === seed));
    const used = new Set([...matched.a, ...matched.b]);
    const unpaired = [...new Set([...a, ...b].filter((cell) => !used.has(cell)).map(({ name }) => name))];
    if (seeds.length > 1) {
      return {
        design: "paired-by-seed",
        a: seedMeans(matched.a, seeds),
        b: seedMeans(matched.b, seeds),
        unpaired,
      };
    }
    if (matched.shareConfigurations && seeds.length === 1 && matched.a.length > 1) {
      const partner = new Map(matched.b.map((cell) => [cell.key, cell.mean]));
      return {
        design: "paired-by-configuration",
        a: matched.a.map((cell) => cell.mean),
        b: matched.a.map(({ key }) => partner.get(key) ?? Number.NaN),
        unpaired,
      };
    }
  }
  const [onlyA, onlyB] = [a[0], b[0]];
  if (a.length === 1 && b.length === 1 && onlyA && onlyB && onlyA.seed === onlyB.seed) {
    const enough = onlyA.values.length > 1 && onlyB.values.length > 1;
    return {
      design: enough ? "independent-runs-of-one-seed" : "none",
      a: onlyA.values,
      b: onlyB.values,
      unpaired: [],
    };
  }
  const [meansA, meansB] = [seedMeans(a), seedMeans(b)];
  const enough = meansA.length > 1 && meansB.length > 1;
  return { design: enough ? "independent-seed-means" : "none", a: meansA, b: meansB, unpaired: [] };
}
