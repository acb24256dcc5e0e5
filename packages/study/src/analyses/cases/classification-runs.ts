import type { Predictions, Run } from "@reprise/contracts";
import {
  accuracy,
  areaUnderRoc,
  type ConfusionCounts,
  confusionCounts,
  confusionMetrics,
  macroAreaUnderRoc,
  macroF1,
  predictedClass,
  predictionAgreement,
} from "@reprise/statistics";
import { metricOf } from "../input.js";
import { scoresOf } from "./scores.js";

/** The figures of one run on the test split, from its predictions where they are there, else from its metrics. */
export type RunFigures = {
  run: Run;
  predictions: Predictions | null;
  /** Predicted class per case at the declared threshold, -1 where scores are not numbers. */
  decided: number[] | null;
  confusion: ConfusionCounts | null;
  accuracy: number | null;
  sensitivity: number | null;
  specificity: number | null;
  auc: number | null;
  f1: number | null;
};

/** Two classes: the positive one from the threshold on; more: the class of the largest score. */
function decide(predictions: Predictions): number[] {
  const { positiveClass, threshold, classes } = predictions;
  return scoresOf(predictions).map((values) => {
    if (positiveClass === null || classes.length !== 2) return predictedClass(values);
    const score = values[positiveClass] ?? Number.NaN;
    if (Number.isNaN(score)) return -1;
    return score >= (threshold ?? 0.5) ? positiveClass : 1 - positiveClass;
  });
}

/** A prediction of no class (-1) counts as wrong, whatever the label: here as the class that the case does not have. */
function countsOf(
  labels: readonly number[],
  decided: readonly number[],
  positiveClass: number,
): ConfusionCounts {
  const settled = decided.map((value, i) => (value === -1 ? 1 - (labels[i] ?? 0) : value));
  return confusionCounts(labels, settled, positiveClass);
}

/** A rate as it was logged; null where it is none, because it does not lie between 0 and 1. */
function loggedShare(run: Run, key: string): number | null {
  const value = metricOf(run, key);
  return value !== null && (value < 0 || value > 1) ? null : value;
}

/** How many rates of runs without predictions do not lie between 0 and 1, and what is made of them. */
export function offScaleNotes(
  runs: readonly Run[],
  predictions: ReadonlyMap<string, Predictions> | undefined,
): string[] {
  const logged = runs.filter(({ id }) => predictions?.get(id)?.split !== "test");
  return ["testAccuracy", "testSensitivity", "testSpecificity", "testAuc", "testF1"].flatMap((key) => {
    const off = logged.flatMap((run) => {
      const value = metricOf(run, key);
      return value !== null && Number.isFinite(value) && loggedShare(run, key) === null ? [value] : [];
    });
    if (off.length === 0) return [];
    return [
      `${off.length === 1 ? "1 run has" : `${off.length} runs have`} ${key} outside 0 to 1 (as ${Number((off[0] ?? 0).toPrecision(4))}) and no predictions; left out here, because all rates are fractions.`,
    ];
  });
}

/** Of one run as it was read, by what it predicted: a page asks for many analyses of one study, which share both. */
const known = new WeakMap<Run, { predictions: Predictions | undefined; figures: RunFigures }>();

/** The same run with the same predictions has figures that are made once. */
export function figuresOf(run: Run, predictions: Predictions | undefined): RunFigures {
  const found = known.get(run);
  if (found && found.predictions === predictions) return found.figures;
  const figures = newFigures(run, predictions);
  known.set(run, { predictions, figures });
  return figures;
}

function newFigures(run: Run, predictions: Predictions | undefined): RunFigures {
  if (predictions?.split !== "test") {
    return {
      run,
      predictions: null,
      decided: null,
      confusion: null,
      accuracy: loggedShare(run, "testAccuracy"),
      sensitivity: loggedShare(run, "testSensitivity"),
      specificity: loggedShare(run, "testSpecificity"),
      auc: loggedShare(run, "testAuc"),
      f1: loggedShare(run, "testF1"),
    };
  }
  const { labels, positiveClass, classes } = predictions;
  const decided = decide(predictions);
  const numbers = scoresOf(predictions);
  if (positiveClass === null || classes.length !== 2) {
    return {
      run,
      predictions,
      decided,
      confusion: null,
      accuracy: accuracy(labels, decided),
      sensitivity: null,
      specificity: null,
      auc: macroAreaUnderRoc(labels, numbers),
      f1: macroF1(labels, decided),
    };
  }
  const confusion = countsOf(labels, decided, positiveClass);
  const rates = confusionMetrics(confusion);
  const positiveScores = numbers.map((row) => row[positiveClass] ?? Number.NaN);
  return {
    run,
    predictions,
    decided,
    confusion,
    accuracy: rates.accuracy,
    sensitivity: rates.sensitivity,
    specificity: rates.specificity,
    auc: areaUnderRoc(labels, positiveScores, positiveClass),
    f1: rates.f1,
  };
}

/** What a run decided on cases, in their order; null where it has no predictions, or predicted other cases. */
export function decisionsOn(
  ids: readonly string[],
  { predictions, decided }: RunFigures,
): readonly number[] | null {
  if (!predictions || !decided || predictions.ids.length !== ids.length) return null;
  // Runs of a study are read with one list of their cases where these are equal.
  if (predictions.ids === ids) return decided;
  const byId = new Map(predictions.ids.map((id, i) => [id, decided[i] ?? -1]));
  return ids.every((id) => byId.has(id)) ? ids.map((id) => byId.get(id) ?? -1) : null;
}

type Agreement = { churn: number; flippedCases: number; testCases: number };

/** By the first of the runs: several analyses of a study ask for the same samples. */
const agreements = new WeakMap<RunFigures, { figures: readonly RunFigures[]; agreement: Agreement | null }>();

/** Do runs classify identically, case by case? Null when fewer than two have predictions, or not of the same cases. */
export function agreementOf(figures: readonly RunFigures[]): Agreement | null {
  const [leading] = figures;
  if (!leading) return null;
  const found = agreements.get(leading);
  if (found?.figures.length === figures.length && figures.every((own, at) => own === found.figures[at]))
    return found.agreement;
  const agreement = newAgreement(figures);
  agreements.set(leading, { figures, agreement });
  return agreement;
}

function newAgreement(figures: readonly RunFigures[]): Agreement | null {
  const first = figures[0]?.predictions;
  if (!first || first.ids.length === 0 || figures.length < 2) return null;
  const columns = figures.map((own) => decisionsOn(first.ids, own));
  const comparable = columns.filter((column) => column !== null);
  if (comparable.length < columns.length) return null;
  const { meanChurn, unanimousFraction } = predictionAgreement(comparable);
  return {
    churn: meanChurn,
    flippedCases: Math.round((1 - unanimousFraction) * first.ids.length),
    testCases: first.ids.length,
  };
}
