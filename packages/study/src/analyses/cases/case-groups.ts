import type { Predictions, SweepSpec } from "@reprise/contracts";

/** A grouping of cases: its name (patient, slide) and the group of every case, in the order of the predictions. */
export type Grouping = { name: string; of: readonly string[] };

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
  if (name === undefined || !of || new Set(of).size === of.length) return null;
  return { name, of };
}

/** "patients", for a sentence. */
export const groupWords = (name: string, count: number): string =>
  count === 1 || name.endsWith("s") ? name : name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
