import {
  type AnnouncedTrainer,
  type DeclaredMetric,
  externalTrainer,
  type MetricInfo,
  metricFacts,
  metricsOfStudy,
  type Run,
  type RunValue,
  type Sweep,
} from "@reprise/contracts";

/** A metric with what is needed to show it; unannounced ones have their key as label. */
export type MetricChoice = Pick<MetricInfo, "key" | "label" | "unit" | "direction" | "split"> & {
  /** Shown for runs of any study: the unit is that of trainers, and says nothing of a run that was trained elsewhere. */
  ofAnyStudy?: boolean;
};

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

/**
 * Metrics that trainers announce and runs reported; those of the test split first, because they are what is reported. Of one
 * study units and labels are what its own trainer announces and it declares: other trainers have metrics of the same names.
 */
export function knownMetrics(
  trainers: readonly AnnouncedTrainer[],
  runs: readonly Run[],
  sweep?: Sweep,
): MetricChoice[] {
  const own = trainers.filter(({ capabilities }) => !sweep || capabilities.name === sweep.spec.trainer);
  const announced = own.flatMap(({ capabilities }) => capabilities.metrics);
  const declared = [...announced, ...(sweep ? metricsOfStudy(sweep) : [])];
  const keys = new Set([
    ...trainers.flatMap(({ capabilities }) => capabilities.metrics.map(({ key }) => key)),
    ...declared.map(({ key }) => key),
    ...runs.flatMap((run) => Object.keys(run.summary)),
  ]);
  return [...keys]
    .map((key): MetricChoice => ({ ...declaredMetric(key, declared), ofAnyStudy: !sweep }))
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

/** The unit in which a run has a metric, as far as it was declared. */
export const unitIn = (run: Run, { unit, ofAnyStudy = false }: MetricChoice) =>
  ofAnyStudy && run.trainer === externalTrainer ? "" : unit;

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
