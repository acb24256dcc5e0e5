import {
  type DeclaredMetric,
  divergenceOf,
  encodeNumber,
  type MetricInfo,
  type PlannedRun,
  type RunError,
  type RunOrigin,
} from "@reprise/contracts";
import { v7 as uuidv7 } from "uuid";
import { nonFiniteOf } from "../metrics/divergence.js";
import { type Direction, type Summary, withFinal } from "../metrics/metric-summaries.js";
import { summaryColumns, summaryOfReports } from "../metrics/series-store.js";
import { keptDirection } from "../sweeps/metric-declarations.js";

/** A run of another tracker as it is to be written. */
export type ImportedRun = PlannedRun & {
  originKey: string;
  origin: RunOrigin;
  status: "succeeded" | "failed" | "cancelled" | "pruned";
  attempts: number;
  error: RunError | null;
  excludedReason: string | null;
  notes: string;
  tags: readonly string[];
  startedAt: string | null;
  endedAt: string | null;
  environmentId: string | null;
  /** In the order of reporting; metrics that were logged together share their lists of steps and times. */
  series: readonly { key: string; steps: number[]; values: number[]; wallTimes: number[] }[];
  finals: readonly { key: string; value: number }[];
  /** The metric whose best epoch is the run's; null where the last one is. */
  best: { key: string; direction: Direction } | null;
};

/** The rows of one run in three tables, as JSON that PostgreSQL reads. */
export type ImportRows = {
  run: object;
  chunks: object[];
  summaries: object[];
  attempt: object | null;
  points: number;
};

const wire = (value: number | null) => (value === null ? null : encodeNumber(value));

/** Arrays as PostgreSQL writes them, which it reads many times faster than those of JSON; a list that comes again is written once. */
function arrayTexts(): (list: readonly number[]) => string {
  const known = new Map<readonly number[], string>();
  return (list) => {
    const text = known.get(list) ?? `{${list.join(",")}}`;
    known.set(list, text);
    return text;
  };
}

function summariesOf(
  { series, finals }: ImportedRun,
  declared: readonly DeclaredMetric[],
): Map<string, Summary> {
  const summaries = new Map<string, Summary>();
  for (const { key, ...reports } of series) {
    const summary = summaryOfReports(reports, keptDirection(key, declared));
    if (summary) summaries.set(key, summary);
  }
  for (const { key, value } of finals)
    summaries.set(key, withFinal(summaries.get(key) ?? null, value, keptDirection(key, declared)));
  return summaries;
}

/** The epoch at which a run's figures are reported; null for the last. */
function selectedEpoch(
  { best, series }: ImportedRun,
  summaries: ReadonlyMap<string, Summary>,
): number | null {
  const summary = best && summaries.get(best.key);
  if (!best || !summary || !series.some(({ key }) => key === best.key)) return null;
  return best.direction === "maximize" ? summary.maxStep : summary.minStep;
}

function selectedValue(
  run: ImportedRun,
  key: string,
  epoch: number | null,
  { final }: Summary,
): number | null {
  if (final !== null) return final;
  const series = epoch === null ? undefined : run.series.find((own) => own.key === key);
  const at = series?.steps.lastIndexOf(epoch ?? -1) ?? -1;
  return at < 0 ? null : (series?.values[at] ?? null);
}

/** The last step that was reported; null where none was. */
function lastStepOf(summaries: ReadonlyMap<string, Summary>): number | null {
  const last = Math.max(-1, ...[...summaries.values()].map(({ lastStep }) => lastStep));
  return last < 0 ? null : last;
}

const millisecondsBetween = (start: string | null, end: string | null) =>
  start === null || end === null ? null : Math.max(0, Date.parse(end) - Date.parse(start));

/** What is written of a run. */
export function importRows(run: ImportedRun, declared: readonly DeclaredMetric[]): ImportRows {
  const id = uuidv7();
  const attempt = run.attempts;
  const summaries = summariesOf(run, declared);
  const epoch = selectedEpoch(run, summaries);
  const arrayText = arrayTexts();
  const nonFinite = [...summaries].map(
    ([key, summary]) => [key, { nonFinite: nonFiniteOf(summary) }] as const,
  );
  // Only label and direction of declared metrics are missing where a trainer would have announced them.
  const diverged = divergenceOf(Object.fromEntries(nonFinite), declared as MetricInfo[]);
  return {
    points: run.series.reduce((sum, { steps }) => sum + steps.length, 0),
    run: {
      id,
      key: run.key,
      position: run.position,
      configuration_key: run.configurationKey,
      configuration_label: run.configurationLabel,
      label_given: run.labelGiven,
      params: run.params,
      seed: run.seed,
      mode: run.mode,
      arm: run.arm,
      execution: run.execution,
      noise: run.noise,
      repeat: run.repeat,
      status: run.status,
      attempt,
      selected_epoch: epoch,
      pruned_at_step: run.status === "pruned" ? lastStepOf(summaries) : null,
      environment_id: run.environmentId,
      diverged,
      error: run.error,
      excluded_reason: run.excludedReason,
      notes: run.notes,
      tags: run.tags,
      origin: run.origin,
      origin_key: run.originKey,
      started_at: run.startedAt,
      ended_at: run.endedAt,
      duration_ms: millisecondsBetween(run.startedAt, run.endedAt),
    },
    attempt:
      run.startedAt === null
        ? null
        : {
            run_id: id,
            number: attempt,
            status: run.status,
            started_at: run.startedAt,
            ended_at: run.endedAt,
            error: run.error,
          },
    chunks: run.series.map(({ key, steps, values, wallTimes }) => ({
      run_id: id,
      attempt,
      key,
      steps: arrayText(steps),
      values: `{${values.join(",")}}`,
      wall_times: arrayText(wallTimes),
    })),
    summaries: [...summaries].map(([key, summary]) => ({
      run_id: id,
      key,
      ...summaryColumns(summary),
      selected: wire(selectedValue(run, key, epoch, summary)),
    })),
  };
}
