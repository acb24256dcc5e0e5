import type { ForeignRun, ForeignSeries } from "@reprise/contracts";

/**
 * Points of one metric in the order of logging. `times` are milliseconds since 1970, NaN where none is held. `steps` and `times` may be
 * the lists of a metric that was logged together with this one and has more points by now: `values` says how many there are.
 */
export type History = {
  steps: number[];
  values: number[];
  times: number[];
  /** Whether the lists of steps and times are another metric's. */
  follows: boolean;
  /** Places of points that the source itself discards. */
  discarded?: Set<number>;
};

/** Histories of one run by metric. */
export type Histories = Map<string, History>;

/** Metrics whose lists of steps a further metric of a run may share. */
const mostLeaders = 8;

const isPointOf = ({ steps, times }: History, at: number, step: number, time: number) =>
  at < steps.length && steps[at] === step && Object.is(times[at], time);

/** Whether the first points of a history are those of another one as well. */
function beginsAs(leader: History, { steps, times }: History, length: number): boolean {
  for (let index = 0; index < length; index += 1)
    if (!isPointOf(leader, index, steps[index] as number, times[index] as number)) return false;
  return true;
}

/** Lets a history follow one that has its points and this one; else it goes on with lists of its own. */
function placed(histories: Histories, history: History, step: number, time: number): void {
  const at = history.values.length;
  let tried = 0;
  for (const leader of histories.values()) {
    if (leader.follows || leader === history) continue;
    if (tried++ === mostLeaders) break;
    if (!isPointOf(leader, at, step, time) || !beginsAs(leader, history, at)) continue;
    history.follows = true;
    history.steps = leader.steps;
    history.times = leader.times;
    return;
  }
  history.follows = false;
  history.steps = history.steps.slice(0, at);
  history.times = history.times.slice(0, at);
  history.steps.push(step);
  history.times.push(time);
}

/**
 * Adds a point. A metric that was logged together with another one shares its lists of steps and times from the beginning: of ten
 * thousand runs these are most of the memory.
 */
export function addPoint(histories: Histories, name: string, step: number, value: number, time = Number.NaN) {
  let history = histories.get(name);
  if (history === undefined) {
    history = { steps: [], values: [], times: [], follows: false };
    placed(histories, history, step, time);
    histories.set(name, history);
  } else if (!history.follows) {
    history.steps.push(step);
    history.times.push(time);
  } else if (!isPointOf(history, history.values.length, step, time)) placed(histories, history, step, time);
  history.values.push(value);
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
  a === b || (a.length === b.length && a.every((value, index) => Object.is(value, b[index])));

/** The first so many of a list; itself where it has no more. */
const first = (list: number[], length: number) => (list.length === length ? list : list.slice(0, length));

/**
 * Histories as the contract holds them. Metrics that were logged together share their lists of steps and times.
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
    for (const { times, follows } of histories.values())
      if (!follows) for (const time of times) if (time < earliest) earliest = time;
    from = earliest;
  }
  const origin = from;
  const known: { steps: number[]; raw: number[]; times: number[] | null; superseded: number[] }[] = [];
  const seriesOf = (history: History): ForeignSeries => {
    const { values, discarded } = history;
    const steps = first(history.steps, values.length);
    const raw = first(history.times, values.length);
    let entry = known.find((other) => sameNumbers(other.steps, steps) && sameNumbers(other.raw, raw));
    if (entry === undefined) {
      const isTimed = raw.length > 0 && !raw.some(Number.isNaN);
      const times = isTimed ? raw.map((time) => Math.round(time - origin) / 1000) : null;
      entry = { steps, raw, times, superseded: supersededIn(steps) };
      if (known.length < mostLeaders) known.push(entry);
    }
    const superseded = discarded === undefined ? entry.superseded : supersededIn(steps, discarded);
    const series: ForeignSeries = { steps: entry.steps, values, precision };
    if (entry.times !== null) series.times = entry.times;
    if (superseded.length > 0) series.superseded = superseded;
    return series;
  };
  return Object.fromEntries([...histories].map(([name, history]) => [name, seriesOf(history)]));
}
