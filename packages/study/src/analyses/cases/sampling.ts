import type { SamplingIntervals, SweepSpec } from "@reprise/contracts";
import { aucDesign, aucInfluence, aucInterval, clusteredProportion } from "@reprise/statistics";
import { known } from "../cells.js";
import { type Grouping, groupingOf } from "./case-groups.js";
import type { RunFigures } from "./classification-runs.js";
import { scoresOf } from "./scores.js";

/** Runs that predicted the same cases, with these in one order: that of the first. */
export type AlignedRuns = {
  ids: readonly string[];
  labels: readonly number[];
  positiveClass: number | null;
  classes: readonly string[];
  grouping: Grouping | null;
  runs: {
    figures: RunFigures;
    /** Predicted class per case. */
    decided: readonly number[];
    /** Scores per case, [cases][classes]. */
    scores: readonly (readonly number[])[];
  }[];
};

/** Null without predictions, or where runs predicted other cases than the first. */
export function alignedRuns(figures: readonly RunFigures[], spec: SweepSpec): AlignedRuns | null {
  const first = figures[0]?.predictions;
  if (!first || first.ids.length === 0) return null;
  const { ids, labels, positiveClass, classes } = first;
  const places = new Map(ids.map((id, place) => [id, place]));
  const runs = figures.flatMap((own): AlignedRuns["runs"] => {
    const { predictions, decided } = own;
    if (!predictions || !decided || predictions.ids.length !== ids.length) return [];
    if (!predictions.ids.every((id) => places.has(id))) return [];
    const from = new Int32Array(ids.length);
    for (const [at, id] of predictions.ids.entries()) from[places.get(id) ?? 0] = at;
    const scores = scoresOf(predictions);
    return [
      {
        figures: own,
        decided: Array.from(from, (at) => decided[at] ?? -1),
        scores: Array.from(from, (at) => scores[at] ?? []),
      },
    ];
  });
  if (runs.length < figures.length) return null;
  return { ids, labels, positiveClass, classes, grouping: groupingOf(spec, first), runs };
}

type Sampled = SamplingIntervals["accuracy"];

/** The interval of a mean over cases with their clusters, for the wire. */
export function sampledRate(values: readonly number[], clusters: readonly string[] | null): Sampled {
  const found = clusteredProportion(values, clusters);
  return {
    estimate: known(found.estimate),
    low: known(found.low),
    high: known(found.high),
    n: values.length,
    clusters: clusters && found.clusters,
    designEffect: clusters ? known(found.designEffect) : null,
  };
}

function sampledAuc({ labels, positiveClass, grouping, runs }: AlignedRuns): Sampled | null {
  if (positiveClass === null) return null;
  const design = aucDesign(
    labels.map((label) => (label === positiveClass ? 1 : 0)),
    grouping?.of ?? null,
  );
  const scores = runs.map((run) => run.scores.map((row) => row[positiveClass] ?? Number.NaN));
  const influence = aucInfluence(design, scores);
  const { variance, interval } = aucInterval(design, influence);
  const independent = grouping
    ? aucInterval(aucDesign(design.labels, null), aucInfluence(aucDesign(design.labels, null), scores))
        .variance
    : variance;
  return {
    estimate: known(influence.auc),
    low: known(interval[0]),
    high: known(interval[1]),
    n: labels.length,
    clusters: grouping && design.clusters.count,
    designEffect: grouping ? known(variance / independent) : null,
  };
}

/** What the size of the test split alone leaves open of the mean rates of these runs, patients respected where they are known. */
export function samplingOf(aligned: AlignedRuns): SamplingIntervals {
  const { labels, positiveClass, grouping, runs } = aligned;
  const right = labels.map(
    (label, i) => runs.reduce((sum, { decided }) => sum + (decided[i] === label ? 1 : 0), 0) / runs.length,
  );
  const among = (isMeant: (label: number) => boolean) => {
    const chosen = labels.flatMap((label, i) => (isMeant(label) ? [i] : []));
    return sampledRate(
      chosen.map((i) => right[i] ?? 0),
      grouping && chosen.map((i) => grouping.of[i] ?? ""),
    );
  };
  const binary = positiveClass !== null && aligned.classes.length === 2;
  return {
    accuracy: among(() => true),
    sensitivity: binary ? among((label) => label === positiveClass) : null,
    specificity: binary ? among((label) => label !== positiveClass) : null,
    auc: binary ? sampledAuc(aligned) : null,
  };
}
