import { type ForeignRun, type ForeignSeries, greatestStep } from "@reprise/contracts";

/**
 * A history as it is kept: in the order of reporting, so that of several values of a step the last counts. Metrics that were logged
 * together share their lists of steps and times.
 */
type KeptSeries = { key: string; steps: number[]; values: number[]; wallTimes: number[] };
export type KeptHistories = {
  series: KeptSeries[];
  finals: { key: string; value: number }[];
  remarks: string[];
};

/** Places of points that were discarded by a restart and that no later point of their step stands in for. */
function discarded(steps: readonly number[], superseded: readonly number[]): Set<number> {
  const last = new Map(steps.map((step, index) => [step, index]));
  const dropped = new Set(superseded);
  return new Set(superseded.filter((index) => dropped.has(last.get(steps[index] ?? 0) ?? -1)));
}

/** Steps by the run's own count, where the tracker's began anew when the run was resumed and that count is whole. */
const stepsOf = ({ steps, positions }: ForeignSeries): number[] =>
  positions?.every(Number.isInteger) ? positions : steps;

const isKept = (step: number) => Number.isInteger(step) && step >= 0 && step <= greatestStep;

/** A history without what a restart discarded and what has a step that cannot be kept. */
function keptOf(
  key: string,
  own: ForeignSeries,
  gone: ReadonlySet<number>,
): { kept: KeptSeries; outside: number } {
  const steps = stepsOf(own);
  const places = steps.map((_, index) => index).filter((index) => !gone.has(index));
  const inside = places.filter((index) => isKept(steps[index] ?? -1));
  const kept: KeptSeries = {
    key,
    steps: inside.map((index) => steps[index] ?? 0),
    values: inside.map((index) => own.values[index] ?? Number.NaN),
    wallTimes: inside.map((index) => own.times?.[index] ?? 0),
  };
  return { kept, outside: places.length - inside.length };
}

/** What is kept of a run's histories and final values, by the names that its study has for its metrics. */
export function historiesOf(run: ForeignRun, keys: ReadonlyMap<string, string>): KeptHistories {
  const remarks: string[] = [];
  const series: KeptSeries[] = [];
  // Most histories are kept as they are, and most of a run have the same steps: those are looked at once.
  const whole = new Map<readonly number[], boolean>();
  const untimed = new Map<readonly number[], number[]>();
  for (const [name, own] of Object.entries(run.metrics)) {
    const key = keys.get(name) ?? name;
    const steps = stepsOf(own);
    if (!whole.has(steps)) whole.set(steps, steps.every(isKept));
    if (own.superseded === undefined && whole.get(steps)) {
      const wallTimes = own.times ?? untimed.get(steps) ?? steps.map(() => 0);
      if (own.times === undefined) untimed.set(steps, wallTimes);
      if (steps.length > 0) series.push({ key, steps, values: own.values, wallTimes });
      continue;
    }
    const gone = discarded(steps, own.superseded ?? []);
    const { kept, outside } = keptOf(key, own, gone);
    if (gone.size > 0)
      remarks.push(
        `${name}: ${gone.size} points after the step of a restart were discarded, as the restart did.`,
      );
    if (outside > 0)
      remarks.push(`${name}: ${outside} points have steps outside 0 to ${greatestStep} and are not kept.`);
    if (kept.steps.length > 0) series.push(kept);
  }
  const held = new Set(series.map(({ key }) => key));
  const finals = Object.entries(run.summary)
    .filter(([name]) => !held.has(keys.get(name) ?? name))
    .map(([name, value]) => ({ key: keys.get(name) ?? name, value }));
  return { series, finals, remarks };
}
