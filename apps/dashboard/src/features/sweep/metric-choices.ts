import type { AnnouncedTrainer, Run, SweepSpec } from "@reprise/contracts";
import type { MetricChoice } from "../../shared/format/run-metrics.js";

export { directionWords, type MetricChoice } from "../../shared/format/run-metrics.js";

const splitRank = { test: 0, validation: 1, train: 2, other: 3 };

/**
 * Metrics to choose from: those that the runs reported, else those that the trainer announces. Test metrics first,
 * because they are what is reported; labels and units as announced.
 */
export function metricChoices(
  trainers: readonly AnnouncedTrainer[],
  spec: SweepSpec,
  runs: readonly Run[],
): MetricChoice[] {
  const announced = trainers.find((trainer) => trainer.capabilities.name === spec.trainer)?.capabilities
    .metrics;
  const reported = new Set(runs.flatMap((run) => Object.keys(run.summary)));
  const keys = reported.size > 0 ? [...reported] : (announced ?? []).map((metric) => metric.key);
  return keys
    .map(
      (key): MetricChoice =>
        announced?.find((metric) => metric.key === key) ?? {
          key,
          label: key,
          unit: "",
          direction: null,
          split: null,
        },
    )
    .sort(
      (a, b) =>
        splitRank[a.split ?? "other"] - splitRank[b.split ?? "other"] || a.label.localeCompare(b.label, "en"),
    );
}
