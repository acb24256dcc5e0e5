import { decodeNumber, type Predictions } from "@reprise/contracts";

type Scores = readonly (readonly number[])[];

/** Numbers of predictions, which every analysis of a study asks for again. */
const known = new WeakMap<Predictions, Scores>();

const areNumbers = (scores: Predictions["scores"]): scores is number[][] =>
  scores.every((row) => row.every((score) => typeof score === "number"));

/** The scores of predictions as numbers, [cases][classes]. */
export function scoresOf(predictions: Predictions): Scores {
  const found = known.get(predictions);
  if (found) return found;
  const { scores } = predictions;
  const numbers = areNumbers(scores) ? scores : scores.map((row) => row.map(decodeNumber));
  known.set(predictions, numbers);
  return numbers;
}
