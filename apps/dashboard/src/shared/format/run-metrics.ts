import {
  type AnnouncedTrainer,
  type DeclaredMetric,
  type MetricInfo,
  metricFacts,
  type Run,
  type RunValue,
} from "@reprise/contracts";

/** A metric with what is needed to show it; unannounced ones have their key as label. */
export type MetricChoice = Pick<MetricInfo, "key" | "label" | "unit" | "direction" | "split">;

/**
 * A metric as it was declared. What is guessed from its name only the server holds against the values, so that here it is
 * left out, the part of the data excepted.
 */
export function declaredMetric(key: string, declared: readonly DeclaredMetric[]): MetricChoice {
  const { label, unit, direction, split, by } = metricFacts(key, declared);
  const isNamed = declared.some((metric) => metric.key === key && metric.label);
  return {
    ...{ key, split, label: isNamed ? label : key },
    unit: by.unit === "guess" ? "" : unit,
    direction: by.direction === "guess" ? null : direction,
  };
}

const splitRank = { test: 0, validation: 1, train: 2, other: 3 };

/** Metrics that trainers announce and runs reported; those of the test split first, because they are what is reported. */
export function knownMetrics(trainers: readonly AnnouncedTrainer[], runs: readonly Run[]): MetricChoice[] {
  const announced = new Map(
    trainers.flatMap(({ capabilities }) =>
      capabilities.metrics.map((metric) => [metric.key, metric] as const),
    ),
  );
  const keys = new Set([...announced.keys(), ...runs.flatMap((run) => Object.keys(run.summary))]);
  return [...keys]
    .map((key): MetricChoice => announced.get(key) ?? declaredMetric(key, []))
    .sort(
      (a, b) =>
        splitRank[a.split ?? "other"] - splitRank[b.split ?? "other"] || a.label.localeCompare(b.label, "en"),
    );
}

/** The value of a metric that stands for a run; at the selected epoch the latest one until it has been selected. */
export function metricOf(run: Run, metric: string, value: RunValue) {
  const summary = run.summary[metric];
  if (!summary) return null;
  return value === "selected" ? (summary.selected ?? summary.last) : summary[value];
}

export const valueWords: Record<RunValue, string> = {
  selected: "at the selected epoch",
  last: "last value",
  best: "best value",
  min: "smallest value",
  max: "largest value",
};

export function directionWords(direction: MetricChoice["direction"] | undefined): string | null {
  if (direction === "maximize") return "higher is better";
  return direction === "minimize" ? "lower is better" : null;
}
