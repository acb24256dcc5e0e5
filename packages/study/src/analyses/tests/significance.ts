import {
  type AnalysisTable,
  armsOf,
  lossBeside,
  modeOf,
  referenceArm,
  type SignificanceAnalysis,
  type SignificanceRow,
  type SweepSpec,
} from "@reprise/contracts";
import type { RelabelingOptions } from "@reprise/statistics";
import { agreementOf, figuresOf } from "../cases/classification-runs.js";
import { cellsOf } from "../cells.js";
import { leadingVerdicts, provisional, singleRunVerdicts } from "../general-verdicts.js";
import {
  type AnalysisInput,
  chooseMetric,
  describeMetric,
  isPlanned,
  provenanceOf,
  runNotes,
  sortRuns,
} from "../input.js";
import type { MetricWords } from "../metric-words.js";
import { column, configurationColumn, tableOf } from "../table.js";
import { correctionNames, counted } from "../words.js";
import { familyBasis } from "./permutation-words.js";
import { type PooledTests, pooledRow, pooledTests, seedTests } from "./pooled-tests.js";
import { dispersionVerdicts, equivalenceVerdicts, shiftVerdict } from "./pooled-verdicts.js";
import { significanceSummary } from "./significance-summary.js";
import { comparisonsOf, settingsOf, type TestSettings, testRows } from "./significance-tests.js";
import { type RowContext, rowVerdicts, summaryVerdicts } from "./significance-verdicts.js";

function significanceTable(rows: readonly SignificanceRow[], metric: MetricWords): AnalysisTable {
  const unit = metric.unit || null;
  return tableOf<SignificanceRow>(
    `Deterministic run against repeats, seed by seed: ${metric.label}`,
    [
      configurationColumn((row) => row.group.configurationLabel),
      column("seed", "Seed", null, "Seed of all random draws", (row) => row.group.seed),
      column("arm", "Arm", null, "Executions compared with the deterministic run", (row) => row.arm),
      column("n", "n", null, "Executions of that arm", (row) => row.n),
      column(
        "deterministic",
        "Det.",
        unit,
        "Value of the deterministic run",
        (row) => row.deterministicValue,
      ),
      column("mean", "Mean", unit, "Mean of the repeats", (row) => row.mean),
      column("sd", "SD", unit, "Their standard deviation (n - 1)", (row) => row.sd),
      column(
        "predictionLow",
        "PI low",
        unit,
        "95 % prediction interval of one more run, lower end",
        (row) => row.newObservation.predictionInterval.low,
      ),
      column(
        "predictionHigh",
        "PI high",
        unit,
        "Its upper end",
        (row) => row.newObservation.predictionInterval.high,
      ),
      column(
        "permutationP",
        "p (perm.)",
        null,
        "Share of permutations with the repeats of the seed in which a run lies as far out",
        (row) => row.permutation.p,
      ),
      column(
        "permutationAdjustedP",
        "adj. p (perm.)",
        null,
        "Adjusted within the family of the study",
        (row) => row.permutation.adjustedP,
      ),
      column(
        "newObservationT",
        "t (new obs.)",
        null,
        "New-observation t statistic",
        (row) => row.newObservation.statistic,
      ),
      column("df", "df", null, "Degrees of freedom of both tests", (row) => row.newObservation.df),
      column("newObservationP", "p (new obs.)", null, "Its p-value", (row) => row.newObservation.p),
      column(
        "newObservationAdjustedP",
        "adj. p (new obs.)",
        null,
        "Its p-value, corrected over these tests",
        (row) => row.newObservation.adjustedP,
      ),
      column(
        "oneSampleT",
        "t (one-sample)",
        null,
        "One-sample t statistic, the test of the paper",
        (row) => row.oneSample.statistic,
      ),
      column("oneSampleP", "p (one-sample)", null, "Its p-value", (row) => row.oneSample.p),
      column(
        "oneSampleAdjustedP",
        "adj. p (one-sample)",
        null,
        "Its p-value, corrected over these tests",
        (row) => row.oneSample.adjustedP,
      ),
      column(
        "falsePositiveRate",
        "FPR",
        null,
        "How often the one-sample test rejects when the deterministic run is just another draw",
        (row) => row.oneSample.falsePositiveRate,
      ),
      column(
        "minimumDetectableShift",
        "MDS",
        unit,
        "Shift that the new-observation test finds with 80 % power",
        (row) => row.minimumDetectableShift,
      ),
      column("reason", "Remark", null, "Why no test was made", (row) => row.reason),
    ],
    rows,
  );
}

/** Mean churn over the seeds of an arm, where predictions are there. */
function churnOf(tests: PooledTests, predictions: AnalysisInput["predictions"]): number | null {
  const churns = tests.seeds.flatMap(({ sample }) => {
    const agreement = agreementOf(sample.runs.map((run) => figuresOf(run, predictions?.get(run.id))));
    return agreement ? [agreement.churn] : [];
  });
  return churns.length === 0 ? null : churns.reduce((sum, churn) => sum + churn, 0) / churns.length;
}

function correctionText(settings: TestSettings, family: number, groups: number, rows: number): string {
  if (family + rows === 0) return "No test could be made.";
  const papers =
    rows === 0
      ? ""
      : ` Also reported, as in the papers: ${counted(rows, "new-observation t-test")} and as many one-sample t-tests, ${settings.correction === "none" ? "not corrected" : `each kind by ${correctionNames[settings.correction]}`}; t and F over seeds, not corrected.`;
  return `${family === 0 ? "There are too few relabelings for any claim." : familyBasis(settings, family, groups)}${papers} Intervals and equivalence are not corrected.`;
}

/** What a difference between the deterministic arm and another one can mean, from what the arms leave free. */
function estimandNotes(spec: SweepSpec): string[] {
  const reference = referenceArm(spec);
  if (!reference) return [];
  return armsOf(spec).flatMap(({ name, execution }) => {
    if (name === reference.name) return [];
    if (execution.order === "permuted" && modeOf(execution) === "deterministic") {
      return [
        `Arm ${name} differs from ${reference.name} only in its fixed order of summation: no order is better, so any significant difference between them is a false positive.`,
      ];
    }
    const { algorithms, autotune, tf32 } = reference.execution;
    const sameMethods =
      execution.algorithms === algorithms && execution.autotune === autotune && execution.tf32 === tf32;
    return sameMethods
      ? []
      : [
          `Arm ${name} may also use different algorithms from ${reference.name}. If the backend offers that choice, a difference is the combined effect of algorithms and order.`,
        ];
  });
}

/**
 * Table V of the CUDA-randomness paper and its repair. Over seeds: is there a mean shift, is it within the margin, do
 * deterministic runs scatter like repeats? One family of permutation tests within seeds. Seed by seed: the same, the prediction interval, and the
 * paper's one-sample test with its false-positive rate.
 *
 * @param relabeling how many relabelings are enumerated or drawn, where a simulation can spare some
 */
export function significanceAnalysis(
  input: AnalysisInput,
  relabeling: RelabelingOptions = {},
): SignificanceAnalysis {
  const { spec } = input.sweep;
  const metric = describeMetric(chooseMetric(input), input);
  const sorted = sortRuns(input.runs, metric);
  const settings = settingsOf(spec);
  const inPlan = isPlanned(input, metric.key, "mode");
  const margin = inPlan ? (spec.analysisPlan?.margin[metric.key] ?? null) : null;
  const cells = cellsOf(spec, sorted.used, metric.key);
  const comparisons = comparisonsOf(cells, metric);
  const { tests: pooled, family } = pooledTests(comparisons, metric, { ...settings, margin, relabeling });
  const bare = testRows(comparisons, seedTests(pooled), {
    ...settings,
    order: spec.order,
    ...(metric.check ? { check: metric.check } : {}),
  });
  const ofPapers = bare.filter(({ reason }) => reason === null).length;
  const groups = pooled.filter(({ permutation }) => permutation !== null).length;
  const lossKey = lossBeside(metric.key, input.metrics ?? []);
  const loss = lossKey === null ? null : describeMetric(lossKey, input);
  const context: RowContext = { spec, metric, loss, settings, family, groups, isPlanned: inPlan };
  const rows = bare.map((row, index): SignificanceRow => {
    const comparison = comparisons[index];
    const verdicts = comparison ? rowVerdicts(row, comparison, ofPapers, context) : [];
    return { ...row, verdicts: provisional(verdicts, sorted) };
  });
  const shifts = pooled.map((tests) => shiftVerdict(tests, context));
  const pooledRows = pooled.flatMap((tests, index) => {
    const [verdict] = provisional(shifts.slice(index, index + 1), sorted);
    return verdict ? [pooledRow(tests, verdict)] : [];
  });
  const notes = runNotes({ sorted, metric });
  if (cells.some(({ deterministic }) => (deterministic?.runs.length ?? 0) > 1)) {
    notes.push(
      "Deterministic repeats show whether executions are identical; they enter every test as one observation.",
    );
  }
  notes.push(...estimandNotes(spec));
  if (comparisons.some(({ reference }) => reference === null)) {
    notes.push("Some configurations and seeds have no deterministic run yet; they are not tested.");
  }
  return {
    analysis: "significance",
    provenance: provenanceOf(input, metric, sorted, {
      planned: inPlan,
      method:
        "Over seeds: mean difference between deterministic run and mean of repeats, and their dispersion, by permutation within seeds; the 95 % interval holds the shifts that the test does not reject. Seed by seed: the same, with a 95 % prediction interval; beside it the papers' t-tests.",
      correction: correctionText(settings, family, groups, ofPapers),
    }),
    verdicts: [
      ...leadingVerdicts(sorted),
      ...provisional(
        [
          ...singleRunVerdicts(cells),
          ...pooled.flatMap((tests, index) => {
            const shift = shifts[index];
            const churn = churnOf(tests, input.predictions);
            return [
              ...(shift ? [shift] : []),
              ...equivalenceVerdicts(tests, context, churn),
              ...dispersionVerdicts(tests, context),
            ];
          }),
          ...summaryVerdicts(rows, context),
        ],
        sorted,
      ),
    ],
    notes,
    summary: significanceSummary(rows, pooledRows, { metric, alpha: settings.alpha }),
    table: significanceTable(rows, metric),
    alpha: settings.alpha,
    family,
    rows,
    pooled: pooledRows,
  };
}
