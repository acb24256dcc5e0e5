import { caseFactsOf } from "../../data/case-columns.js";
import type { Scores } from "../../loop/checkpoint.js";
import type { Assessment } from "../../loop/training.js";
import type { ClassificationMemory } from "./memory.js";
import { chooseThreshold, classificationMetrics } from "./metrics.js";
import type { ClassificationPlan } from "./plan.js";

/** Class probabilities of a fixed list of cases under the loaded parameters: one row per case, one column per class. */
export type Scorer = () => number[][] | Promise<number[][]>;

/** How a backend scores: `load` takes over the parameters as they are now. */
export type Scoring = {
  load(): void;
  createScorer(ids: Int32Array): Scorer;
  /** The same for the activations before the last layer, one row per case. */
  createProbe(ids: Int32Array): Scorer;
};

/** Scores of validation and test cases after every epoch, with their metrics and, in the end, the predictions. */
export function createClassificationAssessment(
  plan: ClassificationPlan,
  memory: ClassificationMemory,
  { load, createScorer, createProbe }: Scoring,
): Assessment {
  const splits = (["validation", "test"] as const).map((split) => {
    const ids = plan.splitIds[split];
    const labels = ids.map((id) => memory.labels[id] as number);
    return { split, ids, labels, score: createScorer(ids) };
  });
  const probe = plan.probeIds.length > 0 ? createProbe(plan.probeIds) : null;
  const validationLabels = splits[0]?.labels ?? new Int32Array();
  const { positiveClass } = plan;
  const thresholdFor = (validation: number[][]) =>
    chooseThreshold(plan, { labels: validationLabels, scores: validation });
  return {
    async measure() {
      load();
      const scores: Scores = {};
      for (const { split, score } of splits) scores[split] = await score();
      const threshold = thresholdFor(scores.validation ?? []);
      const metrics: [string, number][] = [];
      for (const { split, labels } of splits) {
        if (labels.length === 0) continue;
        const scored = { labels, scores: scores[split] ?? [] };
        const values = classificationMetrics(scored, { positiveClass, threshold });
        for (const [name, value] of values) metrics.push([`${split}${name}`, value]);
      }
      return probe ? { metrics, scores, probe: await probe() } : { metrics, scores };
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
          ...caseFactsOf(plan.caseColumns, ids),
        }));
    },
  };
}
