import type { Predictions, SweepSpec } from "@reprise/contracts";
import { areSingletons, type Clusters, clustersOf } from "@reprise/statistics";

/** A grouping of cases: its name (patient, slide) and the group of every case, in the order of the predictions, by name and number. */
export type Grouping = { name: string; of: readonly string[]; clusters: Clusters };

/** The grouping that a column of cases makes. */
export const groupedBy = (name: string, of: readonly string[]): Grouping => ({
  name,
  of,
  clusters: clustersOf(of, of.length),
});

/** Groupings of columns of cases, which every run of a study shares: each is looked through once. */
const known = new WeakMap<readonly string[], Grouping | null>();

/**
 * The grouping that intervals and tests respect: the one that the data were split by, else the first that was told with the
 * predictions. Null where none is known, and where every case is alone in its group.
 */
export function groupingOf(
  spec: Pick<SweepSpec, "dataset">,
  predictions: Predictions | null,
): Grouping | null {
  const { groups } = predictions ?? {};
  if (!groups) return null;
  const { groupBy } = spec.dataset.split;
  const name = groupBy !== null && groups[groupBy] ? groupBy : Object.keys(groups)[0];
  const of = name === undefined ? undefined : groups[name];
  if (name === undefined || !of) return null;
  const found = known.get(of);
  if (found === null || found?.name === name) return found;
  const column = groupedBy(name, of);
  const grouping = areSingletons(column.clusters) ? null : column;
  known.set(of, grouping);
  return grouping;
}

/** "patients", for a sentence. */
export const groupWords = (name: string, count: number): string =>
  count === 1 || name.endsWith("s") ? name : name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
