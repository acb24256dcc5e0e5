import { encodeNumber, type MetricSeries, type RunMetrics } from "@reprise/contracts";
import type { Database } from "../connect.js";
import { downsampleIndices } from "./downsample.js";
import { orderSeries, type SeriesPoints } from "./series-order.js";
import { readReports } from "./series-store.js";

function toWire(series: SeriesPoints, maxPoints?: number): MetricSeries {
  const indices = maxPoints === undefined ? null : downsampleIndices(series.values, maxPoints);
  const pick = (numbers: number[]) => (indices ? indices.map((index) => numbers[index] ?? 0) : numbers);
  const values = pick(series.values);
  return {
    steps: pick(series.steps),
    values: values.every(Number.isFinite) ? values : values.map(encodeNumber),
    wallTimes: pick(series.wallTimes),
  };
}

/**
 * Metric series of a run, one per key, over all attempts that count: ordered by step, one value per step. Null when there is
 * no such run.
 *
 * @param options.keys default: all
 * @param options.maxPoints per series; without it the series are whole
 * @param options.superseded whether to give the reports, too, that a later one of the same step replaced; those are whole
 */
export async function readMetrics(
  db: Database,
  runId: string,
  options: { keys?: readonly string[]; maxPoints?: number; superseded?: boolean },
): Promise<RunMetrics | null> {
  const run = await db.prisma.run.findUnique({ where: { id: runId }, select: { attempt: true } });
  if (!run) return null;
  const reports = await readReports(db.prisma, { runIds: [runId], keys: options.keys });
  const ordered = reports.map(({ key, ...points }) => ({ key, ...orderSeries(points) }));
  const replaced = ordered.filter(({ superseded }) => superseded.steps.length > 0);
  return {
    runId,
    attempt: run.attempt,
    series: Object.fromEntries(ordered.map(({ key, series }) => [key, toWire(series, options.maxPoints)])),
    ...(options.superseded
      ? { superseded: Object.fromEntries(replaced.map(({ key, superseded }) => [key, toWire(superseded)])) }
      : {}),
  };
}

/** One metric of several runs, for curves side by side. Runs without it are not in the map. */
export async function readMetricsOfRuns(
  db: Database,
  runIds: readonly string[],
  key: string,
): Promise<Map<string, MetricSeries>> {
  const reports = await readReports(db.prisma, { runIds, keys: [key] });
  return new Map(reports.map(({ runId, ...points }) => [runId, toWire(orderSeries(points).series)]));
}
