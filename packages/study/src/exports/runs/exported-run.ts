import type { MetricSeries, Run } from "@reprise/contracts";

/** A run as it leaves: what is known of it, and its histories without what later reports replaced. */
export type ExportedRun = { run: Run; series: Readonly<Record<string, MetricSeries>> };

/** Runs in their order, each read when its turn comes. */
export type ExportedRuns = AsyncIterable<ExportedRun>;

/** A name that people know a run by: configuration, seed, arm, repeat. */
export const runName = ({ configurationLabel, seed, arm, repeat }: Run): string =>
  `${configurationLabel} seed ${seed} ${arm} ${repeat}`;

/** Values of a run that are no points of a history: by the metric's name. */
export const finalsOf = ({ run, series }: ExportedRun): [string, number | string][] =>
  Object.entries(run.summary).flatMap(([key, { final }]) =>
    final === null || final === undefined || Object.hasOwn(series, key) ? [] : [[key, final]],
  );

/** Milliseconds since 1970 of a point, by the seconds since the run's start. */
export const pointTime = (run: Run, seconds: number | undefined): number | null => {
  const start = run.startedAt === null ? null : Date.parse(run.startedAt);
  return start === null || seconds === undefined ? start : start + Math.round(seconds * 1000);
};
