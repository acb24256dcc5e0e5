import type { Predictions, SimilarityGroup } from "@reprise/contracts";
import {
  extremes,
  mean,
  pairwiseCka,
  pairwiseCosine,
  pairwiseDistance,
  pairwiseRepresentations,
} from "@reprise/statistics";
import { scoresOf } from "../cases/scores.js";
import { type Cell, known, type Sample } from "../cells.js";
import type { AnalysisInput } from "../input.js";

/** Both by run id: last-layer weights, one flattened vector per epoch, and activations of fixed cases, cases × width per epoch. */
export type SimilarityInput = AnalysisInput & {
  embeddings?: ReadonlyMap<string, { epochs: number[]; vectors: number[][] }>;
  probes?: ReadonlyMap<string, { epochs: number[]; activations: number[][][] }>;
  /** Epochs whose activations are recorded but were not read, for their size. */
  probeEpochsLeftOut?: readonly number[];
};

/** What at least two runs of a sample recorded, by epoch, earliest first. */
function byCommonEpoch<T>(
  recorded: readonly { epochs: number[]; values: T[] }[],
): [epoch: number, of: T[]][] {
  const found = new Map<number, T[]>();
  for (const { epochs, values } of recorded) {
    epochs.forEach((epoch, i) => {
      const value = values[i];
      if (value !== undefined) found.set(epoch, [...(found.get(epoch) ?? []), value]);
    });
  }
  return [...found].filter(([, values]) => values.length > 1).toSorted(([a], [b]) => a - b);
}

function probeOf(sample: Sample, { probes }: SimilarityInput): SimilarityGroup["probe"] {
  const own = sample.runs.flatMap(({ id }) => probes?.get(id) ?? []);
  const common = byCommonEpoch(own.map(({ epochs, activations }) => ({ epochs, values: activations })));
  const [first] = common[0]?.[1] ?? [];
  if (!first) return null;
  const points = common.map(([, matrices]) => pairwiseRepresentations(matrices));
  return {
    cases: first.length,
    width: first[0]?.length ?? 0,
    epochs: common.map(([epoch]) => epoch),
    n: common.map(([, matrices]) => matrices.length),
    meanCosine: points.map(({ cosine }) => known(cosine.mean)),
    minCosine: points.map(({ cosine }) => known(cosine.min)),
    meanCka: points.map(({ cka }) => known(cka.mean)),
    minCka: points.map(({ cka }) => known(cka.min)),
  };
}

/** Scores as cases × classes, in one order of cases for all runs; null unless all predicted the same cases. */
function scoreMatrices(predictions: readonly Predictions[]): (readonly (readonly number[])[])[] | null {
  const [first] = predictions;
  if (!first || predictions.length < 2 || first.ids.length < 2) return null;
  if (new Set(first.ids).size < first.ids.length) return null;
  const matrices = predictions.map((given) => {
    const { ids } = given;
    const scores = scoresOf(given);
    // Runs of a study are read with one list of their cases where these are equal.
    if (ids === first.ids) return scores;
    const byId = new Map(ids.map((id, i) => [id, scores[i] ?? []]));
    const rows = first.ids.map((id) => byId.get(id));
    return byId.size === first.ids.length && rows.every((row) => row !== undefined) ? rows : null;
  });
  const complete = matrices.filter((matrix) => matrix !== null);
  return complete.length === matrices.length ? complete : null;
}

function outputsOf(sample: Sample, predictions: AnalysisInput["predictions"]): SimilarityGroup["outputs"] {
  const stored = sample.runs.flatMap(({ id }) => predictions?.get(id) ?? []);
  const matrices = scoreMatrices(stored);
  if (!matrices) return null;
  const values = pairwiseCka(matrices);
  return {
    runs: matrices.length,
    cases: matrices[0]?.length ?? 0,
    classes: matrices[0]?.[0]?.length ?? 0,
    meanCka: known(mean(values)),
    minCka: known(extremes(values)[0]),
  };
}

/** What the runs of one sample have in common; null where no two recorded anything. */
export function groupOf(cell: Cell, sample: Sample, input: SimilarityInput): SimilarityGroup | null {
  const layers = sample.runs.flatMap(({ id }) => input.embeddings?.get(id) ?? []);
  const common = byCommonEpoch(layers.map(({ epochs, vectors }) => ({ epochs, values: vectors })));
  const outputs = outputsOf(sample, input.predictions);
  const probe = probeOf(sample, input);
  if (common.length === 0 && outputs === null && probe === null) return null;
  const points = common.map(([, vectors]) => {
    const equalShapes = vectors.every((vector) => vector.length === vectors[0]?.length);
    return {
      n: vectors.length,
      ...(equalShapes ? pairwiseCosine(vectors) : { mean: Number.NaN, min: Number.NaN }),
      distance: pairwiseDistance(vectors),
    };
  });
  return {
    group: cell.group,
    arm: sample.arm,
    runIds: sample.runs.map(({ id }) => id),
    epochs: common.map(([epoch]) => epoch),
    n: points.map(({ n }) => n),
    mean: points.map((point) => known(point.mean)),
    min: points.map(({ min }) => known(min)),
    distance: points.map(({ distance }) => known(distance.mean)),
    maxDistance: points.map(({ distance }) => known(distance.max)),
    outputs,
    probe,
  };
}
