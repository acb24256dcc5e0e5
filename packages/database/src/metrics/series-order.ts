/** Reports of one metric, or its series; `values` may hold NaN and ±Infinity. All three arrays have the same length. */
export type SeriesPoints = { steps: number[]; values: number[]; wallTimes: number[] };

/** A series as it is read, and the reports that a later one of the same step replaced. Both are ordered by step. */
export type OrderedSeries = { series: SeriesPoints; superseded: SeriesPoints };

export function isIncreasing(steps: readonly number[]): boolean {
  for (let at = 1; at < steps.length; at += 1) if (!(Number(steps[at]) > Number(steps[at - 1]))) return false;
  return true;
}

function pick(points: SeriesPoints, indices: readonly number[]): SeriesPoints {
  return {
    steps: indices.map((index) => points.steps[index] ?? 0),
    values: indices.map((index) => points.values[index] ?? Number.NaN),
    wallTimes: indices.map((index) => points.wallTimes[index] ?? 0),
  };
}

/**
 * The series that reports make up: ordered by step, one value per step, of several reports of a step the latest. When
 * they arrived matters for nothing else.
 *
 * @param reports in the order in which they were made
 */
export function orderSeries(reports: SeriesPoints): OrderedSeries {
  const { steps } = reports;
  if (isIncreasing(steps)) return { series: reports, superseded: { steps: [], values: [], wallTimes: [] } };
  const latest = new Map(steps.map((step, index) => [step, index]));
  // Sorting is stable: reports of one step stay in the order in which they were made.
  const byStep = [...steps.keys()].sort((a, b) => (steps[a] ?? 0) - (steps[b] ?? 0));
  const counts = (index: number) => latest.get(steps[index] ?? 0) === index;
  return {
    series: pick(reports, byStep.filter(counts)),
    superseded: pick(
      reports,
      byStep.filter((index) => !counts(index)),
    ),
  };
}
