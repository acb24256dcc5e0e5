import {
  type AucDesign,
  aucDesign,
  type Clusters,
  clustersOf,
  type Placements,
  placements,
} from "@reprise/statistics";
import type { Grouping } from "./case-groups.js";
import { columnOf, type Scores } from "./scores.js";

/** Some of the cases: their places, and their clusters where a grouping is known. */
export type CasePart = { places: Int32Array; clusters: Clusters | null };

/** What all runs that are scored on the same cases share. */
export type CaseDesign = {
  all: CasePart;
  /** Cases of the positive class, and the others. */
  positive: CasePart;
  negative: CasePart;
  /** Of areas under the curve: over patients or other groups, and as if every case were its own; null without a positive class. */
  areas: { grouped: AucDesign; independent: AucDesign } | null;
  /** Of a run's scores, made once for all figures. */
  placementsOf(scores: Scores): Placements;
};

type Given = {
  labels: readonly number[];
  positiveClass: number | null;
  grouping: Grouping | null;
};

/** Runs of a study are read with one list of labels where these are equal; its design is kept as long as the list. */
const known = new WeakMap<readonly number[], Given & { design: CaseDesign }>();

/** Made once for labels of the same positive class and grouping. */
export function caseDesignOf(given: Given): CaseDesign {
  const found = known.get(given.labels);
  if (found && found.positiveClass === given.positiveClass && found.grouping === given.grouping)
    return found.design;
  const design = newDesign(given);
  known.set(given.labels, { ...given, design });
  return design;
}

function partOf({ labels, grouping }: Given, isMeant: (label: number) => boolean): CasePart {
  const places = Int32Array.from(labels.flatMap((label, i) => (isMeant(label) ? [i] : [])));
  if (!grouping) return { places, clusters: null };
  const names = Array.from(places, (i) => grouping.of[i] ?? "");
  return {
    places,
    clusters: places.length === labels.length ? grouping.clusters : clustersOf(names, names.length),
  };
}

function newDesign(given: Given): CaseDesign {
  const { labels, positiveClass, grouping } = given;
  const binary = Uint8Array.from(labels, (label) => (label === positiveClass ? 1 : 0));
  const placed = new WeakMap<Scores, Placements>();
  const independent = positiveClass === null ? null : aucDesign(binary, null);
  return {
    all: partOf(given, () => true),
    positive: partOf(given, (label) => label === positiveClass),
    negative: partOf(given, (label) => label !== positiveClass),
    areas: independent && {
      independent,
      grouped: grouping ? aucDesign(binary, grouping.clusters) : independent,
    },
    placementsOf(scores) {
      const found = placed.get(scores) ?? placements("scores", binary, columnOf(scores, positiveClass ?? 0));
      placed.set(scores, found);
      return found;
    },
  };
}
