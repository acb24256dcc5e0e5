import type { DeterminismRow } from "@reprise/contracts";
import { finiteOrNull } from "../format/numbers.js";

/** One arm at one configuration and seed. */
export type Lane = {
  key: string;
  configurationKey: string;
  configurationLabel: string;
  /** Set on the first lane of a seed. */
  seed: string | null;
  arm: string;
  n: number;
  /** As they were reported; a diverged run is marked. */
  points: { id: string; value: number; diverged: boolean }[];
  mean: number | null;
  sd: number | null;
  interval: { low: number; high: number } | null;
  deterministic: number | null;
  box: DeterminismRow["others"][number]["box"];
  /** Instead of the points where there are too many to tell apart. */
  density: DeterminismRow["others"][number]["density"];
  published: PublishedValues | null;
};

/** What a published study printed for the same configuration and seed, in the metric's own unit. */
export type PublishedValues = { deterministic: number | null; mean: number | null };

export function lanesOf(
  rows: readonly DeterminismRow[],
  publishedOf: (row: DeterminismRow, arm: string) => PublishedValues | null,
): Lane[] {
  return rows.flatMap((row) => {
    const deterministic = finiteOrNull(row.deterministic?.values[0]);
    const arms = row.others.length > 0 ? row.others : row.deterministic ? [row.deterministic] : [];
    return arms.map((arm, index): Lane => {
      const interval = row.others[index]?.predictionInterval;
      const low = finiteOrNull(interval?.low);
      const high = finiteOrNull(interval?.high);
      return {
        key: `${row.group.configurationKey} ${row.group.seed} ${arm.arm}`,
        configurationKey: row.group.configurationKey,
        configurationLabel: row.group.configurationLabel,
        seed: index === 0 ? `seed ${row.group.seed}` : null,
        arm: arm.arm,
        n: arm.n,
        points: arm.values.flatMap((wire, at) => {
          const value = finiteOrNull(wire);
          const id = arm.runIds[at] ?? String(at);
          return value === null ? [] : [{ id, value, diverged: arm.diverged.includes(id) }];
        }),
        mean: finiteOrNull(arm.mean),
        sd: finiteOrNull(arm.sd),
        interval: low !== null && high !== null ? { low, high } : null,
        deterministic,
        box: arm.box,
        density: arm.density,
        published: publishedOf(row, arm.arm),
      };
    });
  });
}

/** The axis of fractions and percentages ends at 0 and 100 %, unless something drawn lies beyond. */
export function extentOf(lanes: readonly Lane[], unit: string): [number, number] {
  const all = lanes.flatMap((lane) => [
    ...lane.points.map((point) => point.value),
    ...(lane.interval ? [lane.interval.low, lane.interval.high] : []),
    ...(lane.deterministic === null ? [] : [lane.deterministic]),
    ...(lane.published?.deterministic ? [lane.published.deterministic] : []),
    ...(lane.published?.mean ? [lane.published.mean] : []),
  ]);
  const low = Math.min(...all);
  const high = Math.max(...all);
  const margin = (high - low || Math.abs(high) * 0.01 || 0.01) * 0.06;
  const wide: [number, number] = [low - margin, high + margin];
  const most = unit === "fraction" ? 1 : unit === "percent" ? 100 : null;
  // Values beyond, which a declaration forbids, are drawn all the same.
  return most === null || low < 0 || high > most ? wide : [Math.max(0, wide[0]), Math.min(most, wide[1])];
}
