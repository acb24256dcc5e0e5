import type { ClassificationRow, SweepSpec } from "@reprise/contracts";
import { summarize } from "@reprise/statistics";
import { type Cell, known } from "../cells.js";
import type { AnalysisInput } from "../input.js";
import { groupingOf } from "./case-groups.js";
import { classConfusionOf } from "./class-confusion.js";
import { agreementOf, figuresOf, type RunFigures } from "./classification-runs.js";
import { alignedRuns, samplingOf } from "./sampling.js";

type Rate = "accuracy" | "sensitivity" | "specificity" | "auc" | "f1";

function spreadOf(figures: readonly RunFigures[], rate: Rate): ClassificationRow[Rate] {
  const values = figures.map((figure) => figure[rate]).filter((value) => value !== null);
  if (values.length === 0) return { mean: null, sd: null, min: null, max: null };
  const { mean, sd, min, max, n } = summarize(values);
  return { mean: known(mean), sd: n < 2 ? null : known(sd), min: known(min), max: known(max) };
}

/** One sample of a cell with its figures: what a row and its sentence are made of. */
export type ClassifiedSample = { row: ClassificationRow; figures: RunFigures[]; isReference: boolean };

/** One row per arm of a cell, from the predictions for the classes of the data set or for one question. */
export function classify(
  cell: Cell,
  predictions: AnalysisInput["predictions"],
  spec: SweepSpec,
  question: string | null = null,
): ClassifiedSample[] {
  const samples = cell.deterministic ? [cell.deterministic, ...cell.others] : cell.others;
  return samples.map((sample) => {
    const figures = sample.runs.map((run) => figuresOf(run, predictions?.get(run.id)));
    const agreement = agreementOf(figures);
    const aligned = alignedRuns(figures, spec);
    const samplingOfRun = (own: RunFigures, at: number) => {
      const run = aligned?.runs[at];
      // Runs of other cases than the first are aligned by themselves.
      const alone = aligned && run ? { ...aligned, runs: [run] } : alignedRuns([own], spec);
      return alone && samplingOf(alone);
    };
    const described = figures.find((figure) => figure.predictions)?.predictions;
    const row: ClassificationRow = {
      group: cell.group,
      arm: sample.arm,
      question,
      n: figures.length,
      positiveClass:
        described && described.positiveClass !== null
          ? (described.classes[described.positiveClass] ?? null)
          : null,
      accuracy: spreadOf(figures, "accuracy"),
      sensitivity: spreadOf(figures, "sensitivity"),
      specificity: spreadOf(figures, "specificity"),
      auc: spreadOf(figures, "auc"),
      f1: spreadOf(figures, "f1"),
      grouping: described ? (groupingOf(spec, described)?.name ?? null) : null,
      samplingIntervals: aligned && samplingOf(aligned),
      churn: known(agreement?.churn),
      flippedCases: agreement?.flippedCases ?? null,
      testCases: described?.ids.length ?? null,
      runs: figures.map((own, at) => ({
        runId: own.run.id,
        repeat: own.run.repeat,
        accuracy: known(own.accuracy),
        sensitivity: known(own.sensitivity),
        specificity: known(own.specificity),
        auc: known(own.auc),
        confusion: own.confusion,
        samplingIntervals: samplingOfRun(own, at),
      })),
      classConfusion: classConfusionOf(figures, spec),
    };
    return { row, figures, isReference: sample === cell.deterministic };
  });
}
