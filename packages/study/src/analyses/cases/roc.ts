import {
  type AnalysisTable,
  decodeNumber,
  type Predictions,
  type RocAnalysis,
  type RocGroup,
} from "@reprise/contracts";
import {
  clusteredAuc,
  delong,
  mean,
  type RocPoint,
  rocCorners,
  rocPoints,
  truePositiveRateAt,
} from "@reprise/statistics";
import { type Cell, cellsOf, known, type Sample } from "../cells.js";
import { leadingVerdicts } from "../general-verdicts.js";
import {
  type AnalysisInput,
  describeMetric,
  isPlanned,
  provenanceOf,
  questionNotes,
  runNotes,
  sortRuns,
} from "../input.js";
import { column, configurationColumn, tableOf } from "../table.js";
import { type Grouping, groupingOf, groupWords } from "./case-groups.js";

/** Steps of the common axis on which curves are averaged. */
const steps = 100;

type Curve = { run: Sample["runs"][number]; labels: number[]; scores: number[]; points: RocPoint[] };

/** The curve of a run; null without test predictions of two classes, one of each at least, with finite scores. */
function curveOf(run: Curve["run"], predictions: Predictions | undefined): Curve | null {
  if (predictions?.split !== "test" || predictions.positiveClass === null) return null;
  if (predictions.classes.length !== 2) return null;
  const { positiveClass } = predictions;
  const labels = predictions.labels.map((label) => (label === positiveClass ? 1 : 0));
  const scores = predictions.scores.map((row) => decodeNumber(row[positiveClass] ?? "NaN"));
  if (new Set(labels).size < 2 || scores.some(Number.isNaN)) return null;
  return { run, labels, scores, points: rocPoints(labels, scores, 1) };
}

function bandOf(curves: readonly Curve[]): RocGroup["band"] {
  const rates = Array.from({ length: steps + 1 }, (_, step) => step / steps);
  const reached = rates.map((rate) => curves.map(({ points }) => truePositiveRateAt(points, rate)));
  return {
    falsePositiveRate: rates,
    mean: reached.map(mean),
    min: reached.map((values) => Math.min(...values)),
    max: reached.map((values) => Math.max(...values)),
  };
}

/** The area with its interval for other cases: of other patients where they are known. */
function areaOf(labels: readonly number[], scores: readonly number[], grouping: Grouping | null) {
  if (!grouping) {
    const { aucA, ciA } = delong(labels, scores);
    return { auc: aucA, interval: ciA };
  }
  const { aucA, ciA } = clusteredAuc(labels, scores, grouping.of);
  return { auc: aucA, interval: ciA };
}

function groupOf(
  cell: Cell,
  sample: Sample,
  { predictions, sweep }: Pick<AnalysisInput, "predictions" | "sweep">,
): RocGroup | null {
  const curves = sample.runs.flatMap((run) => curveOf(run, predictions?.get(run.id)) ?? []);
  const first = curves[0];
  const described = first && predictions?.get(first.run.id);
  if (!first || !described || described.positiveClass === null) return null;
  const positives = first.labels.filter((label) => label === 1).length;
  return {
    group: cell.group,
    arm: sample.arm,
    grouping: groupingOf(sweep.spec, described)?.name ?? null,
    positiveClass: described.classes[described.positiveClass] ?? "",
    positives,
    negatives: first.labels.length - positives,
    runs: curves.map(({ run, labels, scores, points }) => {
      const grouping = groupingOf(sweep.spec, predictions?.get(run.id) ?? null);
      const { auc, interval } = areaOf(labels, scores, grouping);
      const corners = rocCorners(points);
      return {
        runId: run.id,
        repeat: run.repeat,
        auc: known(auc),
        aucInterval: { low: known(interval[0]), high: known(interval[1]) },
        falsePositiveRate: corners.map(({ falsePositiveRate }) => falsePositiveRate),
        truePositiveRate: corners.map(({ truePositiveRate }) => truePositiveRate),
      };
    }),
    band: bandOf(curves),
  };
}

type FlatRow = { group: RocGroup; run: RocGroup["runs"][number] };

function rocTable(groups: readonly RocGroup[]): AnalysisTable {
  return tableOf<FlatRow>(
    "Area under the ROC curve, run by run",
    [
      configurationColumn(({ group }) => group.group.configurationLabel),
      column("seed", "Seed", null, "Seed of all random draws", ({ group }) => group.group.seed),
      column("arm", "Arm", null, "How the run was executed", ({ group }) => group.arm),
      column("repeat", "Repeat", null, "Repeat, from 0", ({ run }) => run.repeat),
      column("auc", "AUC", "fraction", "Area under the ROC curve on the test split", ({ run }) => run.auc),
      column(
        "low",
        "AUC low",
        "fraction",
        "95 % interval for other test cases, lower end: by DeLong, or of other patients by Obuchowski (1997) where they are known",
        ({ run }) => run.aucInterval.low,
      ),
      column("high", "AUC high", "fraction", "Its upper end", ({ run }) => run.aucInterval.high),
    ],
    groups.flatMap((group) => group.runs.map((run) => ({ group, run }))),
  );
}

/**
 * ROC curves of every run on the test split, per configuration, seed and arm, with their mean by vertical averaging and
 * the range between runs; areas with DeLong's interval, which is about test cases, not about training again.
 */
export function rocAnalysis(input: AnalysisInput): RocAnalysis {
  const metric = describeMetric("testAuc", { metrics: input.metrics ?? [] });
  const sorted = sortRuns(input.runs, null, "apart");
  const groups = cellsOf(input.sweep.spec, sorted.used, metric.key).flatMap((cell) => {
    const samples = cell.deterministic ? [cell.deterministic, ...cell.others] : cell.others;
    return samples.flatMap((sample) => groupOf(cell, sample, input) ?? []);
  });
  const notes = [...runNotes({ sorted, metric }), ...questionNotes(input.predictions)];
  if (groups.length > 0)
    notes.push(
      `The band is the range between runs: training again. The interval of an area is about other ${groups[0]?.grouping ? groupWords(groups[0].grouping, 2) : "test cases"}, and neither contains the other.`,
    );
  return {
    analysis: "roc",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "mode"),
      method:
        "ROC curve of every run at its selected epoch; mean sensitivity over runs at 101 equally spaced false-positive rates (vertical averaging); 95 % intervals of the areas by DeLong, where patients are known by Obuchowski 1997 on the logit scale.",
      correction: "Descriptive: no test is made, and intervals are not corrected for multiplicity.",
    }),
    verdicts: leadingVerdicts(sorted),
    notes,
    table: rocTable(groups),
    groups,
  };
}
