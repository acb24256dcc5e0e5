import type { HostBackend } from "../../arithmetic/kernels/wasm-context.js";
import type { Assessment } from "../../loop/training.js";
import { rankLoss } from "./info-nce.js";
import type { ContrastiveMemory } from "./memory.js";
import { zeroShotKey } from "./metrics.js";
import type { ContrastivePlan } from "./plan.js";
import { zeroShotMetrics, zeroShotScores } from "./zero-shot.js";

/** Validation loss and zero-shot questions after every epoch, and in the end the predictions for every question. */
export function createContrastiveAssessment(
  plan: ContrastivePlan,
  memory: ContrastiveMemory,
  given: {
    backend: HostBackend;
    /** Fills the evaluated features. */
    encodeAll: () => Promise<void>;
    /** What equal captions cost in the batches of the epoch. */
    duplicates: () => { floor: number; rate: number };
    logitScale: () => number;
  },
): Assessment {
  const { shape, questions, validationPairs } = plan;
  const { embedDim } = shape;
  const nameOf = ({ split, name }: { split: string; name: string }) => `${split}/${name}`;

  function lossOfPairs(): number {
    const rows = Math.min(validationPairs.images.length, plan.ranks * plan.rows);
    const take = (from: Float32Array, at: readonly number[]) => {
      const taken = new Float32Array(rows * embedDim);
      for (let i = 0; i < rows; i++) {
        const row = at[i] as number;
        taken.set(from.subarray(row * embedDim, (row + 1) * embedDim), i * embedDim);
      }
      return taken;
    };
    const images = take(memory.evaluatedImages, validationPairs.images);
    const texts = take(memory.evaluatedTexts, validationPairs.texts);
    const options = { ranks: 1, rows, embedDim, gatherWithGrad: true, localLoss: false, rank: 0 };
    const unused = {
      imageGradients: new Float32Array(images.length),
      textGradients: new Float32Array(texts.length),
    };
    return rankLoss(
      given.backend,
      { images, texts },
      { ...options, ...unused, logitScale: given.logitScale() },
    ).loss;
  }

  return {
    async measure() {
      await given.encodeAll();
      const { floor, rate } = given.duplicates();
      const metrics: [string, number][] = [
        ["trainLossFloor", floor],
        ["duplicateCaptionRate", rate],
        ["logitScale", Math.exp(given.logitScale())],
      ];
      if (validationPairs.images.length > 0) metrics.push(["validationLoss", lossOfPairs()]);
      const scores: Record<string, number[][]> = {};
      for (const question of questions) {
        const rows = zeroShotScores(question, {
          images: memory.evaluatedImages,
          rows: question.rows,
          texts: memory.evaluatedTexts,
          embedDim,
        });
        scores[nameOf(question)] = rows;
        for (const [name, value] of zeroShotMetrics(question, question.labels, rows))
          metrics.push([zeroShotKey(question.split, question.name, name), value]);
      }
      return { metrics, scores };
    },
    predictions: (epoch, scores) =>
      questions.map((question) => ({
        split: question.split,
        question: {
          name: question.name,
          classes: question.classes,
          positiveClass: question.positiveClass,
        },
        epoch,
        ids: question.names,
        labels: question.labels,
        scores: scores[nameOf(question)] ?? [],
        threshold: question.positiveClass === null ? null : 0.5,
        ...question.facts,
      })),
  };
}
