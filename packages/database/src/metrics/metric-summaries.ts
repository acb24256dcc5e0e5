/** A stretch of one series; `values` may hold NaN and ±Infinity. All arrays have the same length. */
export type Points = { steps: readonly number[]; values: readonly number[] };
export type Direction = "maximize" | "minimize";

/**
 * What is known of a whole series without reading it. `first` and `last` are the values at its smallest and greatest step,
 * whenever they were reported; NaN is a value. `min`, `max` and `best` leave NaN out (null when there is nothing else) and,
 * among equals, name the earliest step.
 */
export type Summary = {
  /** Points of the series; 0 where there is only a final value, which then stands for first, last, min, max and best. */
  count: number;
  first: number;
  last: number;
  /** The greatest step; -1 where there is only a final value. */
  lastStep: number;
  /** Reports that a later one of the same step replaced. */
  superseded: number;
  /** A value that was told of the whole run, at no step. */
  final: number | null;
  min: number | null;
  minStep: number | null;
  max: number | null;
  maxStep: number | null;
  best: number | null;
  bestStep: number | null;
  direction: Direction | null;
  /** The smallest step whose value is NaN or infinite; null where only the final value is. */
  nonFiniteStep: number | null;
  /** That value; null where all are finite. */
  nonFiniteValue: number | null;
  /** From which step on no value is finite; null where the last one is. */
  nonFiniteSince: number | null;
};

const begun = (first: number, direction: Direction | null): Summary => ({
  count: 0,
  first,
  last: first,
  lastStep: -1,
  superseded: 0,
  final: null,
  min: null,
  minStep: null,
  max: null,
  maxStep: null,
  best: null,
  bestStep: null,
  direction,
  nonFiniteStep: null,
  nonFiniteValue: null,
  nonFiniteSince: null,
});

/**
 * The summary of a series that is `before` followed by `points`; null for a series without points.
 *
 * @param points beyond the greatest step of `before`, in strictly increasing order
 */
export function extendSummary(
  before: Summary | null,
  points: Points,
  direction: Direction | null,
): Summary | null {
  const first = points.values[0];
  if (first === undefined) return before;
  const known = before?.direction ?? direction;
  // What only a final value stood for is now told by a series.
  const summary: Summary =
    before && before.count > 0
      ? { ...before }
      : {
          ...begun(first, known),
          final: before?.final ?? null,
          nonFiniteValue: before?.nonFiniteValue ?? null,
        };
  for (const [index, value] of points.values.entries()) {
    const step = points.steps[index] ?? 0;
    summary.count += 1;
    summary.last = value;
    summary.lastStep = step;
    if (Number.isFinite(value)) summary.nonFiniteSince = null;
    else {
      if (summary.nonFiniteStep === null) {
        summary.nonFiniteStep = step;
        summary.nonFiniteValue = value;
      }
      summary.nonFiniteSince ??= step;
    }
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
  return withBest(summary);
}

/** The summary of a metric whose final value was told: the series stays what it is. */
export function withFinal(before: Summary | null, final: number, direction: Direction | null): Summary {
  const ofFinal = Number.isFinite(final) ? null : final;
  if (before && before.count > 0) {
    const nonFiniteValue = before.nonFiniteStep === null ? ofFinal : before.nonFiniteValue;
    return withBest({ ...before, final, nonFiniteValue, direction: before.direction ?? direction });
  }
  const extreme = Number.isNaN(final) ? null : final;
  const known = before?.direction ?? direction;
  return withBest({ ...begun(final, known), final, min: extreme, max: extreme, nonFiniteValue: ofFinal });
}

function withBest(summary: Summary): Summary {
  if (summary.direction === null) return summary;
  const high = summary.direction === "maximize";
  return {
    ...summary,
    best: high ? summary.max : summary.min,
    bestStep: high ? summary.maxStep : summary.minStep,
  };
}
