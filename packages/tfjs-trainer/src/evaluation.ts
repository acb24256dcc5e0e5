import {
  accuracy,
  accuracyOfCounts,
  areaUnderRoc,
  balancedAccuracy,
  confusionCountsFromScores,
  f1Score,
  logLoss,
  macroAreaUnderRoc,
  macroF1,
  macroRecall,
  predictedClass,
  sensitivity,
  specificity,
  thresholdAtSensitivity,
  youdenThreshold,
} from "@reprise/statistics";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { floatView, sizeOf } from "./kernels/wasm-context.js";
import type { Memory } from "./memory.js";
import { buildModel } from "./models/build-model.js";
import { softmax } from "./ops/softmax-cross-entropy.js";
import { evaluationPass } from "./passes.js";
import type { RunPlan } from "./plan.js";
import { createTape } from "./tape.js";
import type { Weights } from "./weights.js";

/** Cases of one forward pass in evaluation; fixed, so that results do not depend on memory or threads. */
const chunkSize = 256;

/** Class probabilities of a fixed list of cases under the loaded weights: one row per case, one column per class. */
export type Scorer = () => number[][];

export function createScorer(
  plan: RunPlan,
  memory: Memory,
  { backend, weights, ids }: { backend: BackendWasm; weights: Weights; ids: Int32Array },
): Scorer {
  const { hyper, inputShape } = plan;
  const classes = plan.classes.length;
  const model = buildModel(hyper, inputShape, classes);
  const width = sizeOf(inputShape);
  const chunks: TensorInfo[] = [];
  for (let start = 0; start < ids.length; start += chunkSize) {
    const part = ids.subarray(start, start + chunkSize);
    const values = new Float32Array(part.length * width);
    for (const [row, id] of part.entries()) {
      values.set(memory.features.subarray(id * width, (id + 1) * width), row * width);
    }
    chunks.push(backend.makeOutput([part.length, ...inputShape], "float32", undefined, values));
  }
  return () =>
    chunks.flatMap((chunk) => {
      const tape = createTape(backend);
      const pass = evaluationPass(tape, weights, { epsilon: hyper.batchNormEpsilon });
      const probabilities = floatView(
        backend,
        tape.own(softmax(tape, model.forward(tape.constant(chunk), pass))),
      );
      const rows = Array.from({ length: chunk.shape[0] ?? 0 }, (_, row) =>
        Array.from(probabilities.subarray(row * classes, (row + 1) * classes)),
      );
      tape.release();
      return rows;
    });
}

/** Scores of one split with their labels. */
export interface Scored {
  labels: Int32Array;
  scores: number[][];
}

function positiveScores(scores: number[][], positiveClass: number): Float64Array {
  const positive = new Float64Array(scores.length);
  for (const [i, row] of scores.entries()) positive[i] = row[positiveClass] ?? Number.NaN;
  return positive;
}

/**
 * The threshold on the positive class's score, by the declared rule; never from test data. Null for more than two
 * classes, and where validation scores are not numbers (a diverged run).
 */
export function chooseThreshold(plan: RunPlan, validation: Scored): number | null {
  const { positiveClass, threshold } = plan;
  if (positiveClass === null) return null;
  if (threshold.rule === "fixed") return threshold.value;
  const scores = positiveScores(validation.scores, positiveClass);
  if (scores.some(Number.isNaN)) return null;
  const chosen =
    threshold.rule === "youdenOnValidation"
      ? youdenThreshold(validation.labels, scores, positiveClass)
      : thresholdAtSensitivity(validation.labels, scores, { positiveClass, target: threshold.value });
  return Number.isNaN(chosen) ? null : chosen;
}

/**
 * Metrics of one split, without the split's name. Binary sets: at the threshold, for the declared positive class.
 * Otherwise: most probable class, macro one-vs-rest AUC, macro F1, no sensitivity and specificity.
 */
export function classificationMetrics(
  { labels, scores }: Scored,
  { positiveClass, threshold }: { positiveClass: number | null; threshold: number | null },
): Record<string, number> {
  const Loss = logLoss(labels, scores);
  if (positiveClass === null) {
    const predictions = scores.map(predictedClass);
    return {
      Loss,
      Accuracy: accuracy(labels, predictions),
      BalancedAccuracy: macroRecall(labels, predictions),
      Auc: macroAreaUnderRoc(labels, scores),
      F1: macroF1(labels, predictions),
    };
  }
  const positive = positiveScores(scores, positiveClass);
  const Auc = areaUnderRoc(labels, positive, positiveClass);
  if (threshold === null) {
    const undefinedRates = { Accuracy: Number.NaN, BalancedAccuracy: Number.NaN, F1: Number.NaN };
    return { Loss, Auc, ...undefinedRates, Sensitivity: Number.NaN, Specificity: Number.NaN };
  }
  const counts = confusionCountsFromScores(labels, positive, { threshold, positiveClass });
  return {
    Loss,
    Accuracy: accuracyOfCounts(counts),
    BalancedAccuracy: balancedAccuracy(counts),
    Auc,
    F1: f1Score(counts),
    Sensitivity: sensitivity(counts),
    Specificity: specificity(counts),
  };
}
