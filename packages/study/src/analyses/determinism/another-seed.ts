import type { SweepSpec } from "@reprise/contracts";
import { guardedConfidence, predictionInterval, withinRange } from "@reprise/statistics";
import type { Cell } from "../cells.js";
import type { MetricWords } from "../metric-words.js";
import { armOf, samplesBySeed } from "../seed-samples.js";
import { counted, metricFormat } from "../words.js";

/** The first run of an arm at every seed of a configuration. */
function oneRunPerSeed(
  cells: readonly Cell[],
  arm: string | null,
): Map<string, { label: string; values: number[] }> {
  const configurations = new Map<string, { label: string; values: number[] }>();
  for (const { group, deterministic, others } of cells) {
    const value = [deterministic, ...others].find((sample) => sample?.arm === arm)?.values[0];
    if (value === undefined || !Number.isFinite(value)) continue;
    const entry = configurations.get(group.configurationKey) ?? {
      label: group.configurationLabel,
      values: [],
    };
    entry.values.push(value);
    configurations.set(group.configurationKey, entry);
  }
  return configurations;
}

/**
 * How far a result of the default arm moves with another seed: what a reader of a paper asks. A prediction interval for a run with a new seed from three
 * seeds on, of the configuration listed first; the distance of two. Empty with one seed.
 */
export function anotherSeedWords(
  cells: readonly Cell[],
  spec: SweepSpec,
  metric: MetricWords,
  seed: string,
): string {
  const samples = samplesBySeed(cells, spec);
  const arm = armOf(samples, spec);
  const named = samples.some((sample) => sample.arm !== arm) ? `, arm ${arm}` : "";
  const configurations = [...oneRunPerSeed(cells, arm).values()].filter(({ values }) => values.length > 1);
  const [first] = configurations;
  if (!first) return "";
  const which =
    configurations.length > 1 ? ` (${first.label}${named})` : named === "" ? "" : ` (${named.slice(2)})`;
  const [low, high] = [Math.min(...first.values), Math.max(...first.values)];
  const words = metricFormat(metric, high - low);
  const there = counted(first.values.length, seed);
  if (low === high) return `The ${there} end with the same ${metric.label}${which}.`;
  if (first.values.length < 3)
    return `Two ${seed}s end ${words.difference(high - low)} apart${which}; where a third would end is not known.`;
  const predicted = withinRange(
    predictionInterval(first.values, guardedConfidence.prediction),
    metric.check?.range,
  );
  return `A run with another ${seed} would end between ${words.bareLevel(predicted[0])} and ${words.level(predicted[1])}${which} (95 % prediction interval from the first run of each of ${there}, which ended between ${words.bareLevel(low)} and ${words.level(high)}).`;
}
