import { confusionCountsFromScores, predictedClass } from "@reprise/statistics";
import { measureClasses, measurePositive } from "../metric-table.js";
import { questionMetrics } from "./metrics.js";

/** A zero-shot question over evaluated features: which texts make up each class. */
export type QuestionPrompts = {
  name: string;
  classes: string[];
  positiveClass: number | null;
  /** Per class, rows of the evaluated texts: every template with every label. */
  prompts: number[][];
};

/** One unit vector per class: the mean of its prompts' unit vectors, made a unit vector again. */
export function classVectors(
  { prompts }: Pick<QuestionPrompts, "prompts">,
  texts: Float32Array,
  embedDim: number,
): Float64Array[] {
  return prompts.map((rows) => {
    const mean = new Float64Array(embedDim);
    for (const row of rows)
      for (let d = 0; d < embedDim; d++)
        mean[d] = (mean[d] as number) + (texts[row * embedDim + d] as number);
    const length = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
    return mean.map((value) => value / length);
  });
}

/**
 * Scores of pictures for every class. More than two classes: cosines. Two classes: the score of the positive one is
 * 1/2 + (its cosine - the other cosine) / 4, which lies between 0 and 1 and reaches 1/2 where the cosines are equal; the
 * other class has the rest.
 */
export function zeroShotScores(
  prompts: QuestionPrompts,
  given: { images: Float32Array; rows: readonly number[]; texts: Float32Array; embedDim: number },
): number[][] {
  const { images, rows, texts, embedDim } = given;
  const vectors = classVectors(prompts, texts, embedDim);
  const { positiveClass } = prompts;
  return rows.map((row) => {
    const cosines = vectors.map((vector) => {
      let cosine = 0;
      for (let d = 0; d < embedDim; d++)
        cosine += (images[row * embedDim + d] as number) * (vector[d] as number);
      return cosine;
    });
    if (positiveClass === null || cosines.length !== 2) return cosines;
    const [own = Number.NaN, other = Number.NaN] = [cosines[positiveClass], cosines[1 - positiveClass]];
    const score = 0.5 + (own - other) / 4;
    return positiveClass === 0 ? [score, 1 - score] : [1 - score, score];
  });
}

/** Metrics of one question on one split, without the split's and the question's name. */
export function zeroShotMetrics(
  { positiveClass }: Pick<QuestionPrompts, "positiveClass">,
  labels: Int32Array,
  scores: number[][],
): [name: string, value: number][] {
  const rows = questionMetrics(positiveClass !== null);
  if (positiveClass === null)
    return measureClasses(rows, { labels, scores, predictions: scores.map(predictedClass) });
  const positive = Float64Array.from(scores, (row) => row[positiveClass] ?? Number.NaN);
  const counts = confusionCountsFromScores(labels, positive, { threshold: 0.5, positiveClass });
  return measurePositive(rows, { labels, scores, positiveClass, positive, counts });
}
