import type { AnalysisTable, ClassificationAnalysis, ClassificationRow } from "@reprise/contracts";
import { cellsOf } from "../cells.js";
import { leadingVerdicts, provisional, singleRunVerdicts } from "../general-verdicts.js";
import { type AnalysisInput, describeMetric, isPlanned, provenanceOf, runNotes, sortRuns } from "../input.js";
import { column, configurationColumn, tableOf } from "../table.js";
import { classConfusionTable } from "./class-confusion.js";
import { offScaleNotes } from "./classification-runs.js";
import { classificationNotes, classificationVerdicts } from "./classification-words.js";
import { classify } from "./classified-samples.js";
import { zeroShotAnalysis } from "./zero-shot.js";

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
      configurationColumn((row) => row.group.configurationLabel),
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
        "95 % interval of the mean sensitivity of these runs for other test cases, lower end; of other patients where they are known",
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
        "95 % interval of the mean specificity of these runs for other test cases, lower end; of other patients where they are known",
        (row) => row.samplingIntervals?.specificity?.low ?? null,
      ),
      column(
        "specificityHigh",
        "Spec. high",
        "fraction",
        "Its upper end",
        (row) => row.samplingIntervals?.specificity?.high ?? null,
      ),
      ...(["accuracy", "auc"] as const).flatMap((rate) => [
        column<ClassificationRow>(
          `${rate}Low`,
          rate === "auc" ? "AUC low" : "Acc. low",
          "fraction",
          `95 % interval of the mean ${rate} of these runs for other test cases, lower end`,
          (row) => row.samplingIntervals?.[rate]?.low ?? null,
        ),
        column<ClassificationRow>(
          `${rate}High`,
          rate === "auc" ? "AUC high" : "Acc. high",
          "fraction",
          "Its upper end",
          (row) => row.samplingIntervals?.[rate]?.high ?? null,
        ),
      ]),
      column(
        "clusters",
        "Clusters",
        null,
        "Patients, slides or other groups that the test cases came from; empty where cases are treated as independent",
        (row) => row.samplingIntervals?.accuracy.clusters ?? null,
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
        "Test cases that the n runs of this row do not all classify identically",
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
  if (input.questions && input.questions.size > 0) return zeroShotAnalysis(input, input.questions);
  const sorted = sortRuns(input.runs, null, "apart");
  const cells = cellsOf(spec, sorted.used, "testAccuracy");
  const samples = cells.flatMap((cell) => classify(cell, input.predictions, spec));
  const rows = samples.map(({ row }) => row);
  const binary = rows.some(({ sensitivity }) => sensitivity.mean !== null);
  // Whatever is declared of it: these rates are counted here, as fractions.
  const words = describeMetric(binary ? "testSensitivity" : "testAccuracy", { metrics: input.metrics ?? [] });
  const metric = { ...words, unit: "fraction" };
  return {
    analysis: "classification",
    provenance: provenanceOf(input, metric, sorted, {
      planned: isPlanned(input, metric.key, "mode"),
      method:
        "Rates at the selected epoch and the declared threshold; mean and SD (n − 1) between executions; 95 % intervals of the mean rates for other test cases (Wilson; where patients or other groups are known, at the effective number of cases by Rao and Scott 1992, areas by Obuchowski 1997); churn as the mean share of cases on which two executions disagree.",
      correction: "Descriptive: no test is made, and intervals are not corrected for multiplicity.",
    }),
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional([...singleRunVerdicts(cells), ...classificationVerdicts(samples, spec)], sorted),
    ],
    notes: [
      ...runNotes({ sorted, metric }),
      ...offScaleNotes(sorted.used, input.predictions),
      ...classificationNotes(samples, spec),
    ],
    table: classificationTable(rows),
    rows,
    zeroShot: null,
    confusions: classConfusionTable(rows),
  };
}
