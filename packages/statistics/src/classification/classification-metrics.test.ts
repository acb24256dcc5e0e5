import { describe, expect, it } from "vitest";
import {
  accuracy,
  accuracyOfCounts,
  balancedAccuracy,
  binaryLogLoss,
  confusionCounts,
  confusionCountsFromScores,
  confusionMatrix,
  correctedForChance,
  f1Score,
  logLoss,
  macroF1,
  macroRecall,
  predictedClass,
  sensitivity,
  specificity,
} from "./classification-metrics.js";

const labels = [1, 0, 1, 1, 0, 0, 1, 0];
const scores = [0.9, 0.4, 0.6, 0.4, 0.1, 0.7, 0.8, 0.2];

describe("confusion counts", () => {
  it("counts scores at or above the threshold as positive", () => {
    const counts = confusionCountsFromScores(labels, scores, { threshold: 0.6, positiveClass: 1 });
    expect(counts).toEqual({ tp: 3, fp: 1, fn: 1, tn: 3 });
    expect(sensitivity(counts)).toBe(0.75);
    expect(specificity(counts)).toBe(0.75);
    expect(balancedAccuracy(counts)).toBe(0.75);
    expect(accuracyOfCounts(counts)).toBe(0.75);
    expect(f1Score(counts)).toBe(0.75);
  });

  it("takes the declared class as positive, all others as negative", () => {
    expect(confusionCounts([0, 1, 2, 2], [0, 2, 2, 1], 2)).toEqual({ tp: 1, fp: 1, fn: 1, tn: 1 });
  });

  it("counts a NaN score as the wrong answer for either label", () => {
    const counts = confusionCountsFromScores([1, 0], [Number.NaN, Number.NaN], {
      threshold: 0.5,
      positiveClass: 1,
    });
    expect(counts).toEqual({ tp: 0, fp: 1, fn: 1, tn: 0 });
  });

  it("has no rate for an empty class", () => {
    const counts = { tp: 0, fp: 3, fn: 0, tn: 7 };
    expect(sensitivity(counts)).toBeNaN();
    expect(balancedAccuracy(counts)).toBeNaN();
    expect(f1Score({ tp: 0, fp: 0, fn: 0, tn: 9 })).toBeNaN();
  });

  it("refuses arrays of different lengths, naming the field", () => {
    expect(() => confusionCounts([0, 1], [0], 1)).toThrow(/predictions: must have 2 entries/);
  });
});

describe("several classes", () => {
  const truth = [0, 1, 2, 0, 1, 2, 2];
  const said = [0, 2, 2, 0, 0, 1, 2];

  it("averages F1 and recall without weights", () => {
    // scikit-learn 1.9.1: f1_score(average="macro"), balanced_accuracy_score
    expect(macroF1(truth, said)).toBeCloseTo(0.4888888888888889, 15);
    expect(macroRecall(truth, said)).toBeCloseTo(0.5555555555555555, 15);
    expect(accuracy(truth, said)).toBe(4 / 7);
  });

  it("tabulates labels in rows and leaves unclassified cases out", () => {
    expect(confusionMatrix([0, 0, 1, 1], [0, 1, 1, -1], 2)).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(() => confusionMatrix([5], [0], 2)).toThrow(/Use 0 to 1/);
  });

  it("predicts the largest score, the lowest index on ties, none with NaN", () => {
    expect(predictedClass([0.2, 0.5, 0.3])).toBe(1);
    expect(predictedClass([0.5, 0.5])).toBe(0);
    expect(predictedClass([0.5, Number.NaN])).toBe(-1);
  });
});

describe("log-loss", () => {
  it("is the mean negative log-likelihood, clipped", () => {
    expect(binaryLogLoss([1, 0], [0.8, 0.4], 1)).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 15);
    expect(binaryLogLoss([1], [0], 1)).toBeCloseTo(52 * Math.LN2, 10);
    expect(
      logLoss(
        [1, 0],
        [
          [0.2, 0.8],
          [0.6, 0.4],
        ],
      ),
    ).toBeCloseTo(binaryLogLoss([1, 0], [0.8, 0.4], 1), 15);
    expect(binaryLogLoss([1], [Number.NaN], 1)).toBeNaN();
    expect(() => logLoss([2], [[0.5, 0.5]])).toThrow(/one column per class/);
  });

  it("corrects scores for chance", () => {
    expect(correctedForChance(0.75, 0.5)).toBe(0.5);
    expect(correctedForChance(0.4, 0.5)).toBeCloseTo(-0.2, 15);
  });
});
