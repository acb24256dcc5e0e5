import {
  decodeNumber,
  type InstabilityAnalysis,
  type InstabilityRow,
  type Verdict,
  type WireNumber,
} from "@reprise/contracts";
import { caseInstability, disagreementAndError, mean, modelVariance } from "@reprise/statistics";
import { known } from "../cells.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import type { AnalysisInput } from "../input.js";
import { column, tableOf } from "../table.js";
import { aboutConfiguration, allOf, counted } from "../words.js";
import { leadingRows, type Scope, scopeColumns, scopeName, scopesOf } from "./scopes.js";

/** Cases that are listed. */
const mostCases = 500;

function rowOf({ about, aligned }: Scope): InstabilityRow | null {
  const { ids, labels, positiveClass, classes, grouping, runs } = aligned;
  if (runs.length < 2) return null;
  const decided = runs.map((run) => run.decided);
  const right = decided.map((own) => labels.map((label, i) => (own[i] === label ? 1 : 0)));
  const split = modelVariance(right, grouping?.clusters ?? null);
  const { disagreement, error } = disagreementAndError(decided, labels);
  const cases = ids.map((caseId, i) => {
    const label = labels[i] ?? 0;
    const scores = runs.map((run) => run.scores[i]?.[positiveClass ?? label] ?? Number.NaN);
    const { difference, classification } = caseInstability(
      scores,
      decided.map((own) => own[i] ?? -1),
    );
    return {
      caseId,
      trueClass: classes[label] ?? String(label),
      meanScore: known(mean(scores)),
      minScore: known(Math.min(...scores)),
      maxScore: known(Math.max(...scores)),
      difference: known(difference),
      classification: known(classification),
    };
  });
  const of = (key: "difference" | "classification") => cases.map((one) => number(one[key]));
  const root = (variance: number) => (variance >= 0 ? known(Math.sqrt(variance)) : null);
  const [low, high] = split.interval;
  return {
    scope: about,
    accuracy: {
      mean: known(mean(right.map((own) => mean(own)))),
      observedSd: root(split.observed),
      testSetSd: root(split.testSet),
      modelSd: root(split.model),
      modelVariance: known(split.model),
      modelSdInterval: { low: known(Math.sqrt(Math.max(0, low))), high: known(Math.sqrt(Math.max(0, high))) },
      reason:
        split.reason ??
        (split.model < 0
          ? "The observed variance is below what the test set alone produces: no difference between models is seen."
          : null),
    },
    disagreement: known(disagreement),
    error: known(error),
    meanDifference: known(mean(of("difference"))),
    meanClassification: known(mean(of("classification"))),
    unstableCases: of("classification").filter((value) => value > 0).length,
    cases: cases
      .toSorted(
        (a, b) =>
          number(b.classification) - number(a.classification) || number(b.difference) - number(a.difference),
      )
      .slice(0, mostCases),
  };
}

const number = (value: WireNumber | null) => (value === null ? Number.NaN : decodeNumber(value));
const pp = (value: WireNumber | null) => (100 * number(value)).toFixed(2);

/** What the split of the variance says: the interval decides whether a difference of models is claimed. */
function verdictOf({ scope, accuracy, disagreement, error, unstableCases }: InstabilityRow): Verdict {
  const { observedSd, testSetSd, modelSd, modelSdInterval } = accuracy;
  const name = scopeName(scope);
  const shown = number(modelSdInterval.low) > 0;
  const split =
    number(observedSd) === 0
      ? `${scope.runs} runs have the same test accuracy`
      : `test accuracy has SD ${pp(observedSd)} pp over ${counted(scope.runs, "run")}; the finite test set alone accounts for ${pp(testSetSd)} pp, and ${
          modelSd === null
            ? `no difference between models is seen (SD at most ${pp(modelSdInterval.high)} pp)`
            : `the SD between models is ${pp(modelSd)} pp (95 % interval ${pp(modelSdInterval.low)} to ${pp(modelSdInterval.high)})`
        }`;
  return {
    kind: "spread",
    tone: shown ? "attention" : "neutral",
    ...aboutConfiguration(
      scope.configurationLabel,
      `${name}: ${split}. ${unstableCases} of ${scope.cases} cases ${unstableCases === 1 ? "is" : "are"} not classified identically by ${allOf(scope.runs)} runs; on average, two of them disagree on ${(100 * number(disagreement)).toFixed(1)} % of cases, and each misclassifies ${(100 * number(error)).toFixed(1)} %.`,
      { joint: ", " },
    ),
    basis: [
      "Variance between runs − n⁻² Σ s² over cases (Jordan 2023), where s² is the unbiased variance of a case over runs, or of the sum over a patient's cases where patients are known. Interval by χ² over runs.",
      "Disagreement equals error where runs, taken together, are calibrated (Jiang et al. 2022); less disagreement than error means that runs share mistakes.",
    ],
  };
}

/**
 * How far runs differ about single cases, and what of the spread between them is real: instability per case (Riley & Collins 2023), the
 * variance of accuracy split into finite test set and difference of models (Jordan 2023), disagreement beside error (Jiang 2022).
 */
export function instabilityAnalysis(input: AnalysisInput): InstabilityAnalysis {
  const { scopes, shared, sorted } = scopesOf(input, {
    method:
      "Per case the mean absolute difference of two runs' scores, and the share of pairs of runs that classify it differently (Riley and Collins 2023, every run in turn the model); variance of accuracy between runs less n⁻² Σ s² (Jordan 2023), 95 % interval by χ².",
    correction: "Descriptive: no test is made, and intervals are not corrected for multiplicity.",
  });
  const rows = scopes.flatMap((scope) => rowOf(scope) ?? []);
  const notes = [...shared.notes];
  if (rows.some(({ scope }) => scope.runs < 5))
    notes.push(
      "With fewer than five runs the interval of a variance is very wide, and the instability of a case takes few distinct values.",
    );
  return {
    analysis: "instability",
    ...shared,
    verdicts: [...leadingVerdicts(sorted), ...provisional(leadingRows(rows).map(verdictOf), sorted)],
    notes,
    table: tableOf<InstabilityRow>(
      "Instability, and what of the spread is real",
      [
        ...scopeColumns<InstabilityRow>(({ scope }) => scope),
        column("accuracyMean", "Acc.", "fraction", "Mean test accuracy", (row) => row.accuracy.mean),
        column(
          "accuracySd",
          "SD Acc.",
          "fraction",
          "Standard deviation between runs",
          (row) => row.accuracy.observedSd,
        ),
        column(
          "testSetSd",
          "SD by test set",
          "fraction",
          "SD that the finite test set makes by itself",
          (row) => row.accuracy.testSetSd,
        ),
        column(
          "modelSd",
          "SD of models",
          "fraction",
          "SD by which models differ; empty where its variance is estimated below 0",
          (row) => row.accuracy.modelSd,
        ),
        column(
          "modelLow",
          "low",
          "fraction",
          "Its 95 % interval, lower end",
          (row) => row.accuracy.modelSdInterval.low,
        ),
        column("modelHigh", "high", "fraction", "Its upper end", (row) => row.accuracy.modelSdInterval.high),
        column(
          "disagreement",
          "Disagree",
          "fraction",
          "Share of cases that two runs decide differently",
          (row) => row.disagreement,
        ),
        column("error", "Error", "fraction", "Share of cases that a run has wrong", (row) => row.error),
        column(
          "meanDifference",
          "Instability",
          null,
          "Mean absolute difference of two runs' scores, mean over cases",
          (row) => row.meanDifference,
        ),
        column(
          "unstableCases",
          "Unstable",
          "cases",
          "Cases that not all runs classify alike",
          (row) => row.unstableCases,
        ),
      ],
      rows,
    ),
    rows,
  };
}
