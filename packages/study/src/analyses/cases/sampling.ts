import type { SamplingIntervals, SweepSpec } from "@reprise/contracts";
import {
  type AucDesign,
  aucInfluence,
  aucInterval,
  type ClusterNames,
  clusteredProportion,
} from "@reprise/statistics";
import { known } from "../cells.js";
import { type CaseDesign, type CasePart, caseDesignOf } from "./case-design.js";
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
  let known: Map<string, number> | undefined;
  const runs = figures.flatMap((own): AlignedRuns["runs"] => {
    const { predictions, decided } = own;
    if (!predictions || !decided || predictions.ids.length !== ids.length) return [];
    // Runs of a study are read with one list of their cases where these are equal.
    if (predictions.ids === ids) return [{ figures: own, decided, scores: scoresOf(predictions) }];
    known ??= new Map(ids.map((id, place) => [id, place]));
    const places = known;
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
export function sampledRate(values: ArrayLike<number>, clusters: ClusterNames | null): Sampled {
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

function sampledAuc({ labels, grouping, runs }: AlignedRuns, design: CaseDesign): Sampled | null {
  if (!design.areas) return null;
  const { grouped, independent } = design.areas;
  const scores = runs.map((run) => run.scores);
  const influenceOn = (of: AucDesign) =>
    aucInfluence(
      of,
      scores.map((own) => design.placementsOf(own)),
    );
  const influence = influenceOn(grouped);
  const { variance, interval } = aucInterval(grouped, influence);
  const alone = grouping ? aucInterval(independent, influenceOn(independent)).variance : variance;
  return {
    estimate: known(influence.auc),
    low: known(interval[0]),
    high: known(interval[1]),
    n: labels.length,
    clusters: grouping && grouped.clusters.count,
    designEffect: grouping ? known(variance / alone) : null,
  };
}

/** Share of the runs that have each case right. */
function rightOf({ labels, runs }: AlignedRuns): Float64Array {
  const right = new Float64Array(labels.length);
  for (const { decided } of runs)
    for (let i = 0; i < right.length; i++) if (decided[i] === labels[i]) right[i] = Number(right[i]) + 1;
  for (let i = 0; i < right.length; i++) right[i] = Number(right[i]) / runs.length;
  return right;
}

/** What the size of the test split alone leaves open of the mean rates of these runs, patients respected where they are known. */
export function samplingOf(aligned: AlignedRuns): SamplingIntervals {
  const design = caseDesignOf(aligned);
  const right = rightOf(aligned);
  const among = ({ places, clusters }: CasePart) => {
    const values = new Float64Array(places.length);
    for (let at = 0; at < values.length; at++) values[at] = Number(right[Number(places[at])]);
    return sampledRate(values, clusters);
  };
  const binary = aligned.positiveClass !== null && aligned.classes.length === 2;
  return {
    accuracy: among(design.all),
    sensitivity: binary ? among(design.positive) : null,
    specificity: binary ? among(design.negative) : null,
    auc: binary ? sampledAuc(aligned, design) : null,
  };
}
