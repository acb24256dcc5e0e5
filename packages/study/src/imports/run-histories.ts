import type { ForeignRun, ForeignSeries } from "@reprise/contracts";

/** A history as it is kept: in the order of reporting, so that of several values of a step the last counts. */
type KeptSeries = { key: string; steps: number[]; values: number[]; wallTimes: number[] };
export type KeptHistories = {
  series: KeptSeries[];
  finals: { key: string; value: number }[];
  remarks: string[];
};

/** The greatest step that is kept: a column of 32 bits. */
const greatestStep = 2 ** 31 - 1;

/** Places of points that were discarded by a restart and that no later point of their step stands in for. */
function discarded(steps: readonly number[], superseded: readonly number[]): Set<number> {
  const last = new Map(steps.map((step, index) => [step, index]));
  const dropped = new Set(superseded);
  return new Set(superseded.filter((index) => dropped.has(last.get(steps[index] ?? 0) ?? -1)));
}

/** Steps by the run's own count, where the tracker's began anew when the run was resumed and that count is whole. */
const stepsOf = ({ steps, positions }: ForeignSeries): readonly number[] =>
  positions?.every(Number.isInteger) ? positions : steps;

/** What is kept of a run's histories and final values, by the names that its study has for its metrics. */
export function historiesOf(run: ForeignRun, keys: ReadonlyMap<string, string>): KeptHistories {
  const remarks: string[] = [];
  const series: KeptSeries[] = [];
  for (const [name, own] of Object.entries(run.metrics)) {
    const key = keys.get(name) ?? name;
    const steps = stepsOf(own);
    const gone = discarded(steps, own.superseded ?? []);
    const kept: KeptSeries = { key, steps: [], values: [], wallTimes: [] };
    let outside = 0;
    for (const [index, step] of steps.entries()) {
      if (gone.has(index)) continue;
      if (!Number.isInteger(step) || step < 0 || step > greatestStep) {
        outside += 1;
        continue;
      }
      kept.steps.push(step);
      kept.values.push(own.values[index] ?? Number.NaN);
      kept.wallTimes.push(own.times?.[index] ?? 0);
    }
    if (gone.size > 0)
      remarks.push(
        `${name}: ${gone.size} points after the step of a restart were discarded, as the restart did.`,
      );
    if (outside > 0)
      remarks.push(`${name}: ${outside} points have steps outside 0 to ${greatestStep} and are not kept.`);
    if (kept.steps.length > 0) series.push(kept);
  }
  const finals = Object.entries(run.summary)
    .filter(([name]) => !series.some(({ key }) => key === (keys.get(name) ?? name)))
    .map(([name, value]) => ({ key: keys.get(name) ?? name, value }));
  return { series, finals, remarks };
}
