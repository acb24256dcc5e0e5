import type { AnalysisTable, Predictions, RocAnalysis, RocGroup } from "@reprise/contracts";
import {
  aucInfluence,
  aucInterval,
  delong,
  mean,
  type RocPoint,
  rocCorners,
  rocPoints,
  truePositiveRatesAt,
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
import { caseDesignOf } from "./case-design.js";
import { type Grouping, groupingOf, groupWords } from "./case-groups.js";
import { columnOf, type Scores, scoresOf } from "./scores.js";

/** Steps of the common axis on which curves are averaged. */
const steps = 100;

type Curve = {
  run: Sample["runs"][number];
  labels: readonly number[];
  positiveClass: number;
  scores: Scores;
  points: RocPoint[];
};

/** The curve of a run; null without test predictions of two classes, one of each at least, with finite scores. */
function curveOf(run: Curve["run"], predictions: Predictions | undefined): Curve | null {
  if (predictions?.split !== "test" || predictions.positiveClass === null) return null;
  if (predictions.classes.length !== 2) return null;
  const { labels, positiveClass } = predictions;
  const scores = scoresOf(predictions);
  const column = columnOf(scores, positiveClass);
  if (new Set(labels.map((label) => label === positiveClass)).size < 2 || column.some(Number.isNaN))
    return null;
  return { run, labels, positiveClass, scores, points: rocPoints(labels, column, positiveClass) };
}

function bandOf(curves: readonly Curve[]): RocGroup["band"] {
  const rates = Array.from({ length: steps + 1 }, (_, step) => step / steps);
  const each = curves.map(({ points }) => truePositiveRatesAt(points, rates));
  const reached = rates.map((_, at) => each.map((own) => own[at] ?? Number.NaN));
  return {
    falsePositiveRate: rates,
    mean: reached.map(mean),
    min: reached.map((values) => Math.min(...values)),
    max: reached.map((values) => Math.max(...values)),
  };
}

/** The area with its interval for other cases: of other patients where they are known. */
function areaOf({ labels, positiveClass, scores }: Curve, grouping: Grouping | null) {
  const { areas, placementsOf } = caseDesignOf({ labels, positiveClass, grouping });
  if (!grouping || !areas) {
    const binary = labels.map((label) => (label === positiveClass ? 1 : 0));
    const { aucA, ciA } = delong(binary, columnOf(scores, positiveClass));
    return { auc: aucA, interval: ciA };
  }
  const influence = aucInfluence(areas.grouped, [placementsOf(scores)]);
  return { auc: influence.auc, interval: aucInterval(areas.grouped, influence).interval };
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
  const positives = first.labels.filter((label) => label === first.positiveClass).length;
  return {
    group: cell.group,
    arm: sample.arm,
    grouping: groupingOf(sweep.spec, described)?.name ?? null,
    positiveClass: described.classes[described.positiveClass] ?? "",
    positives,
    negatives: first.labels.length - positives,
    runs: curves.map((curve) => {
      const { run, points } = curve;
      const { auc, interval } = areaOf(curve, groupingOf(sweep.spec, predictions?.get(run.id) ?? null));
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
      `The band is the range between runs, which is what training again changes. The interval of an area is about other ${groups[0]?.grouping ? groupWords(groups[0].grouping, 2) : "test cases"}, and neither contains the other.`,
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
