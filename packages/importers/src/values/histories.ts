import type { ForeignRun, ForeignSeries } from "@reprise/contracts";

/** Points of one metric in the order of logging. `times` are milliseconds since 1970, NaN where none is held. */
export type History = {
  steps: number[];
  values: number[];
  times: number[];
  /** Places of points that the source itself discards. */
  discarded?: Set<number>;
};

/** Histories of one run by metric. */
export type Histories = Map<string, History>;

function historyOf(histories: Histories, name: string): History {
  const known = histories.get(name);
  if (known !== undefined) return known;
  const history: History = { steps: [], values: [], times: [] };
  histories.set(name, history);
  return history;
}

export function addPoint(histories: Histories, name: string, step: number, value: number, time = Number.NaN) {
  const history = historyOf(histories, name);
  history.steps.push(step);
  history.values.push(value);
  history.times.push(time);
}

/** Places of points that a later one of the same step stands in for. */
export function supersededIn(steps: readonly number[], discarded: ReadonlySet<number> = new Set()): number[] {
  let rises = true;
  for (let index = 1; index < steps.length && rises; index += 1)
    rises = (steps[index] as number) > (steps[index - 1] as number);
  if (rises && discarded.size === 0) return [];
  const last = new Map<number, number>();
  for (const [index, step] of steps.entries()) if (!discarded.has(index)) last.set(step, index);
  return steps.flatMap((step, index) => (last.get(step) === index ? [] : [index]));
}

const sameNumbers = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((value, index) => Object.is(value, b[index]));

/**
 * Histories as the contract holds them. Metrics that were logged together share their lists of steps and times: of ten thousand
 * runs these are most of the memory.
 * @param start Milliseconds since 1970 from which times count; without one, the earliest point's.
 */
export function heldMetrics(
  histories: Histories,
  precision: ForeignSeries["precision"],
  start: number | null = null,
): ForeignRun["metrics"] {
  let from = start;
  if (from === null) {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { times } of histories.values())
      for (const time of times) if (time < earliest) earliest = time;
    from = earliest;
  }
  const origin = from;
  const known: { steps: number[]; raw: number[]; times: number[] }[] = [];
  return Object.fromEntries(
    [...histories].map(([name, { steps, values, times, discarded }]) => {
      const shared = known.find((entry) => sameNumbers(entry.steps, steps) && sameNumbers(entry.raw, times));
      const isTimed = times.every((time) => !Number.isNaN(time));
      const entry = shared ?? {
        steps,
        raw: times,
        times: isTimed ? times.map((time) => Math.round(time - origin) / 1000) : [],
      };
      if (shared === undefined && known.length < 8) known.push(entry);
      const superseded = supersededIn(steps, discarded);
      const series: ForeignSeries = { steps: entry.steps, values, precision };
      if (isTimed && times.length > 0) series.times = entry.times;
      if (superseded.length > 0) series.superseded = superseded;
      return [name, series];
    }),
  );
}
