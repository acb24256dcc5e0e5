import { type AnnouncedTrainer, metricsOfStudy, type Run, type Sweep } from "@reprise/contracts";
import { declaredMetric, type MetricChoice } from "../../shared/format/run-metrics.js";

export { directionWords, type MetricChoice } from "../../shared/format/run-metrics.js";

const splitRank = { test: 0, validation: 1, train: 2, other: 3 };

/**
 * Metrics to choose from: those that the runs reported, else those that the trainer announces. Test metrics first,
 * because they are what is reported; labels and units as declared.
 */
export function metricChoices(
  trainers: readonly AnnouncedTrainer[],
  sweep: Pick<Sweep, "spec" | "metrics">,
  runs: readonly Run[],
): MetricChoice[] {
  const trainer = trainers.find(({ capabilities }) => capabilities.name === sweep.spec.trainer);
  const announced = trainer?.capabilities.metrics ?? [];
  const declared = [...announced, ...metricsOfStudy(sweep)];
  const reported = new Set(runs.flatMap((run) => Object.keys(run.summary)));
  const keys = reported.size > 0 ? [...reported] : announced.map((metric) => metric.key);
  return keys
    .map((key) => declaredMetric(key, declared))
    .sort(
      (a, b) =>
        splitRank[a.split ?? "other"] - splitRank[b.split ?? "other"] || a.label.localeCompare(b.label, "en"),
    );
}
