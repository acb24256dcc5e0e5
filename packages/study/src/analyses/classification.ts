import type { AnalysisTable, ClassificationAnalysis, ClassificationRow } from "@reprise/contracts";
import { summarize } from "@reprise/statistics";
import { type Cell, cellsOf, known } from "./cells.js";
import { agreementOf, figuresOf, type RunFigures, samplingIntervals } from "./classification-runs.js";
import { classificationNotes, classificationVerdicts } from "./classification-words.js";
import { pendingVerdicts, provisional, singleRunVerdicts } from "./general-verdicts.js";
import { type AnalysisInput, describeMetric, isPlanned, provenanceOf, runNotes, sortRuns } from "./input.js";
import { column, tableOf } from "./table.js";

type Rate = "accuracy" | "sensitivity" | "specificity" | "auc" | "f1";

function spreadOf(figures: readonly RunFigures[], rate: Rate): ClassificationRow[Rate] {
  const values = figures.map((figure) => figure[rate]).filter((value) => value !== null);
  if (values.length === 0) return { mean: null, sd: null, min: null, max: null };
  const { mean, sd, min, max, n } = summarize(values);
  return { mean: known(mean), sd: n < 2 ? null : known(sd), min: known(min), max: known(max) };
}

/** One sample of a cell with its figures: what a row and its sentence are made of. */
export type ClassifiedSample = { row: ClassificationRow; figures: RunFigures[]; isReference: boolean };

function classify(cell: Cell, predictions: AnalysisInput["predictions"]): ClassifiedSample[] {
  const samples = cell.deterministic ? [cell.deterministic, ...cell.others] : cell.others;
  return samples.map((sample) => {
    const figures = sample.runs.map((run) => figuresOf(run, predictions?.get(run.id)));
    const agreement = agreementOf(figures);
    const described = figures.find((figure) => figure.predictions)?.predictions;
    const row: ClassificationRow = {
      group: cell.group,
      arm: sample.arm,
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
      samplingIntervals: samplingIntervals(figures[0]),
      churn: known(agreement?.churn),
      flippedCases: agreement?.flippedCases ?? null,
      testCases: described?.ids.length ?? null,
      runs: figures.map(({ run, confusion, ...rates }) => ({
        runId: run.id,
        repeat: run.repeat,
        accuracy: known(rates.accuracy),
        sensitivity: known(rates.sensitivity),
        specificity: known(rates.specificity),
        auc: known(rates.auc),
        confusion,
      })),
    };
    return { row, figures, isReference: sample === cell.deterministic };
  });
}

function classificationTable(rows: readonly ClassificationRow[]): AnalysisTable {
  const rates = [
    ["accuracy", "Acc."],
    ["sensitivity", "Sens."],
    ["specificity", "Spec."],
    ["auc", "AUC"],
    ["f1", "F1"],
  ] as const;
  const positive = rows.find(({ positiveClass }) => positiveClass !== null)?.positiveClass;
  return tableOf<ClassificationRow>(
    `Test split${positive ? `, positive class ${positive}` : ""}`,
    [
      column(
        "configuration",
        "Configuration",
        null,
        "What varies between configurations",
        (row) => row.group.configurationLabel,
      ),
      column("seed", "Seed", null, "Seed of all random draws", (row) => row.group.seed),
      column("arm", "Arm", null, "How the runs were executed", (row) => row.arm),
      column("n", "n", null, "Executions", (row) => row.n),
      ...rates.flatMap(([rate, label]) => [
        column<ClassificationRow>(
          `${rate}Mean`,
          label,
          "fraction",
          `Mean ${rate} over executions`,
          (row) => row[rate].mean,
        ),
        column<ClassificationRow>(
          `${rate}Sd`,
          `SD ${label}`,
          "fraction",
          `Standard deviation of ${rate} between executions (n - 1)`,
          (row) => row[rate].sd,
        ),
      ]),
      column(
        "sensitivityLow",
        "Sens. low",
        "fraction",
        "95 % Wilson interval of the first run's sensitivity, lower end",
        (row) => row.samplingIntervals?.sensitivity?.low ?? null,
      ),
      column(
        "sensitivityHigh",
        "Sens. high",
        "fraction",
        "Its upper end",
        (row) => row.samplingIntervals?.sensitivity?.high ?? null,
      ),
      column(
        "specificityLow",
        "Spec. low",
        "fraction",
        "95 % Wilson interval of the first run's specificity, lower end",
        (row) => row.samplingIntervals?.specificity?.low ?? null,
      ),
      column(
        "specificityHigh",
        "Spec. high",
        "fraction",
        "Its upper end",
        (row) => row.samplingIntervals?.specificity?.high ?? null,
      ),
      column(
        "churn",
        "Churn",
        "fraction",
        "Share of test cases on which two executions disagree, mean over pairs",
        (row) => row.churn,
      ),
      column(
        "flippedCases",
        "Flipped",
        "cases",
        "Test cases whose prediction is not the same in all executions",
        (row) => row.flippedCases,
      ),
      column("testCases", "Cases", "cases", "Cases of the test split", (row) => row.testCases),
    ],
    rows,
  );
}

/**
 * Sensitivity, specificity, accuracy, AUC and F1 on the test split per configuration, seed and arm: their spread between
 * executions, and beside it what the size of the test split leaves open; churn and flipped cases from predictions.
 */
export function classificationAnalysis(input: AnalysisInput): ClassificationAnalysis {
  const { spec } = input.sweep;
  const sorted = sortRuns(input.runs, null);
  const cells = cellsOf(spec, sorted.used, "testAccuracy");
  const samples = cells.flatMap((cell) => classify(cell, input.predictions));
  const rows = samples.map(({ row }) => row);
  const binary = rows.some(({ sensitivity }) => sensitivity.mean !== null);
  const metric = describeMetric(binary ? "testSensitivity" : "testAccuracy", input.metrics);
  return {
    analysis: "classification",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "mode"),
      method:
        "Rates at the selected epoch and the declared threshold; mean and SD (n − 1) between executions; 95% Wilson intervals for one run's test cases; churn as the mean share of cases on which two executions disagree.",
      correction: "Descriptive: no test is made, and intervals are not corrected for multiplicity.",
    }),
    verdicts: [
      ...pendingVerdicts(sorted),
      ...provisional([...singleRunVerdicts(cells), ...classificationVerdicts(samples, spec)], sorted),
    ],
    notes: [...runNotes({ sorted, metric }), ...classificationNotes(samples, spec)],
    table: classificationTable(rows),
    rows,
  };
}
