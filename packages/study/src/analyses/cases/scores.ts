import { decodeNumber, type Predictions } from "@reprise/contracts";

export type Scores = readonly (readonly number[])[];

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

const columns = new WeakMap<Scores, { of: number; column: Float64Array }>();

/** The scores of one class, NaN where a case has none. Of the last class that was asked for it is kept as long as the scores. */
export function columnOf(scores: Scores, of: number): Float64Array {
  const found = columns.get(scores);
  if (found?.of === of) return found.column;
  const column = new Float64Array(scores.length);
  for (let i = 0; i < scores.length; i++) column[i] = scores[i]?.[of] ?? Number.NaN;
  columns.set(scores, { of, column });
  return column;
}
