import { guardedConfidence, predictionInterval, withinRange } from "@reprise/statistics";
import type { Cell } from "../cells.js";
import type { MetricWords } from "../metric-words.js";
import { counted, metricFormat } from "../words.js";

/** One run of every seed of a configuration: the deterministic one, or the first of another arm. */
function oneRunPerSeed(cells: readonly Cell[]): Map<string, { label: string; values: number[] }> {
  const configurations = new Map<string, { label: string; values: number[] }>();
  for (const { group, deterministic, others } of cells) {
    const value = (deterministic ?? others[0])?.values[0];
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
 * How far a result moves with another seed: what a reader of a paper asks. A prediction interval for a run with a new seed from three
 * seeds on, of the configuration listed first; the distance of two. Empty with one seed.
 */
export function anotherSeedWords(cells: readonly Cell[], metric: MetricWords, seed: string): string {
  const configurations = [...oneRunPerSeed(cells).values()].filter(({ values }) => values.length > 1);
  const [first] = configurations;
  if (!first) return "";
  const which = configurations.length > 1 ? ` (${first.label})` : "";
  const [low, high] = [Math.min(...first.values), Math.max(...first.values)];
  const words = metricFormat(metric, high - low);
  const there = counted(first.values.length, seed);
  if (low === high) return `The ${there} end with the same ${metric.label}${which}.`;
  if (first.values.length < 3)
    return `Two ${seed}s end ${words.difference(high - low)} apart${which}; how a third one would end is not known.`;
  const predicted = withinRange(
    predictionInterval(first.values, guardedConfidence.prediction),
    metric.check?.range,
  );
  return `A run with another ${seed} would end between ${words.bareLevel(predicted[0])} and ${words.level(predicted[1])}${which} (95 % prediction interval from ${there}, which ended between ${words.bareLevel(low)} and ${words.level(high)}).`;
}
