import { invalidInput } from "../errors.js";
import { because } from "../means/t-tests.js";

/** A predicted class: an index or a name. */
export type ClassLabel = number | string | boolean;

export type PredictionAgreement = {
  /** Mean over pairs of runs of the share of cases on which they agree, 0..1. */
  meanPairwiseAgreement: number;
  minPairwiseAgreement: number;
  /** 1 - meanPairwiseAgreement: the share of cases that flip between two runs. */
  meanChurn: number;
  /** Share of cases on which all runs agree. */
  unanimousFraction: number;
  /** Agreement of all runs beyond chance. */
  fleissKappa: number;
  /** Cohen's kappa of the first two runs. */
  kappa01: number;
  reason?: string;
};

/**
 * Do runs classify identically, case by case? `predictions[run][case]` are class labels. Two runs of equal accuracy can disagree on
 * many patients. Pitfall: kappas fall as one class dominates; they are NaN when every prediction is the same class.
 * Source: Fleiss (1971), Cohen (1960); churn: Milani Fard et al. (2016).
 */
export function predictionAgreement(predictions: ArrayLike<ArrayLike<ClassLabel>>): PredictionAgreement {
  const runs = Array.from(predictions, (run) => Array.from(run));
  const cases = runs[0]?.length ?? 0;
  runs.forEach((run, i) => {
    if (run.length === cases) return;
    throw invalidInput(
      `predictions[${i}]`,
      run.length,
      `must have ${cases} cases, as predictions[0] has`,
      "Predict the same cases.",
    );
  });
  const reason =
    runs.length < 2
      ? "n too small: agreement needs two runs."
      : cases === 0
        ? "There are no cases."
        : undefined;
  if (reason !== undefined) {
    const nan = Number.NaN;
    return {
      meanPairwiseAgreement: nan,
      minPairwiseAgreement: nan,
      meanChurn: nan,
      unanimousFraction: nan,
      fleissKappa: nan,
      kappa01: nan,
      reason,
    };
  }
  const { agreeingPairs, unanimous, totals } = tally(runs, cases);
  const pairs = (runs.length * (runs.length - 1)) / 2;
  const meanPairwiseAgreement = agreeingPairs / (pairs * cases);
  const expected = [...totals.values()].reduce((sum, count) => sum + (count / (runs.length * cases)) ** 2, 0);
  const oneClass =
    totals.size === 1
      ? "Every prediction is the same class: agreement beyond chance is undefined."
      : undefined;
  return {
    meanPairwiseAgreement,
    minPairwiseAgreement: minimumAgreement(runs, cases),
    meanChurn: 1 - meanPairwiseAgreement,
    unanimousFraction: unanimous / cases,
    fleissKappa: oneClass ? Number.NaN : (meanPairwiseAgreement - expected) / (1 - expected),
    kappa01: cohenKappa(runs[0] ?? [], runs[1] ?? []),
    ...because(oneClass),
  };
}

/** Cohen's kappa of two label lists: (po - pe) / (1 - pe). NaN when both hold one and the same class only. */
export function cohenKappa(a: ArrayLike<ClassLabel>, b: ArrayLike<ClassLabel>): number {
  if (a.length !== b.length)
    throw invalidInput("b", b.length, `must have ${a.length} labels`, "Label the same cases.");
  const n = a.length;
  const countsA = counts(Array.from(a));
  const countsB = counts(Array.from(b));
  let observed = 0;
  for (let i = 0; i < n; i++) if (a[i] === b[i]) observed += 1;
  let expected = 0;
  for (const [label, count] of countsA) expected += count * (countsB.get(label) ?? 0);
  // As whole numbers, so that "all the same class" is 0 / 0 and not a rounding error over another.
  return (observed * n - expected) / (n * n - expected);
}

/** Share of cases whose predicted class differs between two runs, 0..1. */
export function churn(a: ArrayLike<ClassLabel>, b: ArrayLike<ClassLabel>): number {
  return predictionAgreement([a, b]).meanChurn;
}

function tally(runs: ClassLabel[][], cases: number) {
  const totals = new Map<ClassLabel, number>();
  let agreeingPairs = 0;
  let unanimous = 0;
  for (let i = 0; i < cases; i++) {
    const votes = counts(runs.map((run) => run[i] ?? ""));
    if (votes.size === 1) unanimous += 1;
    for (const [label, count] of votes) {
      agreeingPairs += (count * (count - 1)) / 2;
      totals.set(label, (totals.get(label) ?? 0) + count);
    }
  }
  return { agreeingPairs, unanimous, totals };
}

function minimumAgreement(runs: ClassLabel[][], cases: number): number {
  let least = cases;
  for (let i = 0; i < runs.length; i++) {
    for (let j = i + 1; j < runs.length; j++) {
      let same = 0;
      for (let k = 0; k < cases; k++) if (runs[i]?.[k] === runs[j]?.[k]) same += 1;
      least = Math.min(least, same);
    }
  }
  return least / cases;
}

function counts(labels: ClassLabel[]): Map<ClassLabel, number> {
  const found = new Map<ClassLabel, number>();
  for (const label of labels) found.set(label, (found.get(label) ?? 0) + 1);
  return found;
}
