import type { CalibrationAnalysis, CalibrationRow, Verdict } from "@reprise/contracts";
import { calibration, calibrationCurve } from "@reprise/statistics";
import { known } from "../cells.js";
import { leadingVerdicts, provisional } from "../general-verdicts.js";
import type { AnalysisInput } from "../input.js";
import { column, tableOf } from "../table.js";
import { aboutConfiguration } from "../words.js";
import {
  bandOf,
  leadingRows,
  overRunsOf,
  probabilitiesOf,
  type Scope,
  scopeColumns,
  scopeName,
  scopesOf,
} from "./scopes.js";

/** Scores at which the curve is given, and classes of scores that are counted. */
const grid = Array.from({ length: 49 }, (_, at) => (at + 1) / 50);
const bins = 20;

function rowOf({ about, aligned }: Scope): CalibrationRow | null {
  const given = probabilitiesOf(aligned);
  if (!given) return null;
  const { labels, scores, positive } = given;
  const clusters = aligned.grouping?.clusters ?? null;
  const found = scores.map((own) => calibration(labels, own, clusters));
  const curves = scores.flatMap((own) => {
    const curve = calibrationCurve(labels, own, grid);
    return curve ? [curve] : [];
  });
  const counts = new Array<number>(bins).fill(0);
  for (const own of scores)
    for (const score of own) {
      const bin = Math.min(bins - 1, Math.floor(score * bins));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  return {
    scope: about,
    positiveClass: positive,
    prevalence: known(found[0]?.prevalence),
    brier: overRunsOf(found.map(({ brier }) => brier)),
    intercept: overRunsOf(found.map(({ intercept }) => intercept)),
    slope: overRunsOf(found.map(({ slope }) => slope)),
    runs: found.map((own, i) => ({
      runId: aligned.runs[i]?.figures.run.id ?? "",
      brier: known(own.brier),
      intercept: known(own.intercept),
      interceptInterval: { low: known(own.interceptInterval[0]), high: known(own.interceptInterval[1]) },
      slope: known(own.slope),
      slopeInterval: { low: known(own.slopeInterval[0]), high: known(own.slopeInterval[1]) },
      reason: own.reason ?? null,
    })),
    curve: { score: grid, ...(curves.length > 0 ? bandOf(curves) : bandOf([grid.map(() => Number.NaN)])) },
    scores: counts,
  };
}

/** What the slopes of all runs of a scope say together; nothing where they do not agree. */
function verdictOf(row: CalibrationRow): Verdict[] {
  const intervals = row.runs.map(({ slopeInterval }) => slopeInterval);
  const all = (holds: (interval: (typeof intervals)[number]) => boolean) =>
    intervals.length > 0 && intervals.every((own) => typeof own.low === "number" && holds(own));
  const extreme = all(({ high }) => Number(high) < 1);
  const timid = all(({ low }) => Number(low) > 1);
  const figures = row.runs.flatMap(({ slope }) => (typeof slope === "number" ? [slope] : []));
  if (figures.length === 0) return [];
  const [low, high] = [Math.min(...figures), Math.max(...figures)];
  const range =
    figures.length === 1
      ? low.toFixed(2)
      : `${low.toFixed(2)} to ${high.toFixed(2)} over ${figures.length} runs`;
  const says = extreme
    ? "in every run, scores are too extreme: high ones are too high and low ones too low"
    : timid
      ? "in every run, scores are not extreme enough: risks differ more between cases than the scores say"
      : "no miscalibration common to all runs is shown";
  const units = row.scope.grouping ? `patients or other groups (${row.scope.clusters})` : "cases";
  return [
    {
      kind: "spread",
      tone: extreme || timid ? "attention" : "neutral",
      ...aboutConfiguration(
        row.scope.configurationLabel,
        `${scopeName(row.scope)}: calibration slope ${range}; ${says}.`,
        { joint: ", " },
      ),
      basis: [
        `95 % interval of each run's slope over ${units}, compared with 1; not corrected for the number of runs.`,
      ],
    },
  ];
}

/**
 * How far scores are probabilities, per configuration and arm: Brier score, calibration intercept and slope with their SD over runs,
 * and a smooth calibration curve with the range between runs. Needs two classes of which one is positive.
 */
export function calibrationAnalysis(input: AnalysisInput): CalibrationAnalysis {
  const { scopes, shared, sorted } = scopesOf(input, {
    method:
      "Brier score; calibration intercept (logit of the score as offset) and slope (Cox 1958; Van Calster et al. 2016), intervals robust against cases that share a group; curve by logistic regression on a restricted cubic spline of the logit, three knots (Harrell 2015), mean and range over runs.",
    correction: "Descriptive: no test is made, and intervals are not corrected for multiplicity.",
  });
  const rows = scopes.flatMap((scope) => rowOf(scope) ?? []);
  const notes = [...shared.notes];
  if (scopes.length > rows.length)
    notes.push(
      "Calibration needs scores from 0 to 1 for two classes, one of them positive; other runs are left out.",
    );
  if (rows.length > 0)
    notes.push(
      "Scores of a network are not probabilities by themselves. Calibration on this test set holds for its prevalence and case mix.",
    );
  return {
    analysis: "calibration",
    ...shared,
    verdicts: [...leadingVerdicts(sorted), ...provisional(leadingRows(rows).flatMap(verdictOf), sorted)],
    notes,
    table: tableOf<CalibrationRow>(
      "Calibration on the test split",
      [
        ...scopeColumns<CalibrationRow>(({ scope }) => scope),
        column("cases", "Cases", null, "Test cases", ({ scope }) => scope.cases),
        column(
          "clusters",
          "Clusters",
          null,
          "Patients or other groups of the cases",
          ({ scope }) => scope.clusters,
        ),
        column(
          "brierMean",
          "Brier",
          null,
          "Mean squared difference of score and outcome, mean over runs",
          (row) => row.brier.mean,
        ),
        column("brierSd", "SD Brier", null, "Standard deviation between runs", (row) => row.brier.sd),
        column(
          "interceptMean",
          "Intercept",
          null,
          "Calibration intercept, mean over runs; 0 is perfect",
          (row) => row.intercept.mean,
        ),
        column(
          "interceptSd",
          "SD Intercept",
          null,
          "Standard deviation between runs",
          (row) => row.intercept.sd,
        ),
        column(
          "slopeMean",
          "Slope",
          null,
          "Calibration slope, mean over runs; 1 is perfect",
          (row) => row.slope.mean,
        ),
        column("slopeSd", "SD Slope", null, "Standard deviation between runs", (row) => row.slope.sd),
      ],
      rows,
    ),
    rows,
  };
}
