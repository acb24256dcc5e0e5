import type { HostBackend } from "../kernels/wasm-context.js";
import type { Evaluation } from "../training.js";
import type { Weights } from "../weights.js";
import type { ClassificationMemory } from "./memory.js";
import { chooseThreshold, classificationMetrics } from "./metrics.js";
import type { ClassificationPlan } from "./plan.js";
import { createScorer } from "./scorer.js";

/** Scores of validation and test cases after every epoch, with their metrics and, in the end, the predictions. */
export function createClassificationEvaluation(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  { backend, weights }: { backend: HostBackend; weights: Weights },
): Evaluation {
  const splits = (["validation", "test"] as const).map((split) => {
    const ids = plan.splitIds[split];
    const labels = ids.map((id) => memory.labels[id] as number);
    return { split, ids, labels, score: createScorer(plan, memory, { backend, weights, ids }) };
  });
  const validationLabels = splits[0]?.labels ?? new Int32Array();
  const { positiveClass } = plan;
  const thresholdFor = (validation: number[][]) =>
    chooseThreshold(plan, { labels: validationLabels, scores: validation });
  return {
    async measure() {
      weights.load();
      const scores = Object.fromEntries(splits.map(({ split, score }) => [split, score()]));
      const threshold = thresholdFor(scores.validation ?? []);
      const metrics: [string, number][] = [];
      for (const { split, labels } of splits) {
        if (labels.length === 0) continue;
        const scored = { labels, scores: scores[split] ?? [] };
        const values = classificationMetrics(scored, { positiveClass, threshold });
        for (const [name, value] of Object.entries(values)) metrics.push([`${split}${name}`, value]);
      }
      return { metrics, scores };
    },
    predictions(epoch, scores) {
      const threshold = thresholdFor(scores.validation ?? []);
      return splits
        .filter(({ labels }) => labels.length > 0)
        .map(({ split, ids, labels }) => ({
          split,
          epoch,
          ids: Array.from(ids, (id) => plan.caseNames?.[id] ?? String(id)),
          labels,
          scores: scores[split] ?? [],
          threshold: threshold !== null && Number.isFinite(threshold) ? threshold : null,
        }));
    },
  };
}
