/** A stretch of one series; `values` may hold NaN and ±Infinity. All three arrays have the same length. */
export type Points = { steps: readonly number[]; values: readonly number[] };
export type Direction = "maximize" | "minimize";

/**
 * What is known of a whole series without reading it. `first` and `last` go by the order of reporting. `min`, `max`
 * and `best` leave NaN out (null when there is nothing else) and, among equals, name the earliest step.
 */
export type Summary = {
  count: number;
  first: number;
  last: number;
  lastStep: number;
  min: number | null;
  minStep: number | null;
  max: number | null;
  maxStep: number | null;
  best: number | null;
  bestStep: number | null;
  direction: Direction | null;
};

/** The summary of a series that is `before` followed by `points`; null for a series without points. */
export function extendSummary(
  before: Summary | null,
  points: Points,
  direction: Direction | null,
): Summary | null {
  const first = points.values[0];
  if (first === undefined) return before;
  const summary: Summary = before
    ? { ...before }
    : {
        count: 0,
        first,
        last: first,
        lastStep: 0,
        min: null,
        minStep: null,
        max: null,
        maxStep: null,
        best: null,
        bestStep: null,
        direction,
      };
  for (const [index, value] of points.values.entries()) {
    const step = points.steps[index] ?? 0;
    summary.count += 1;
    summary.last = value;
    summary.lastStep = step;
    if (Number.isNaN(value)) continue;
    if (summary.min === null || value < summary.min) {
      summary.min = value;
      summary.minStep = step;
    }
    if (summary.max === null || value > summary.max) {
      summary.max = value;
      summary.maxStep = step;
    }
  }
  summary.direction ??= direction;
  if (summary.direction !== null) {
    const high = summary.direction === "maximize";
    summary.best = high ? summary.max : summary.min;
    summary.bestStep = high ? summary.maxStep : summary.minStep;
  }
  return summary;
}
