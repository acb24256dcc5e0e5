import { encodeNumber, type MetricSeries, type RunMetrics } from "@reprise/contracts";
import type { Database } from "../connect.js";
import { downsampleIndices } from "./downsample.js";

type Series = { steps: number[]; values: number[]; wallTimes: number[] };

function toWire(series: Series, maxPoints: number | undefined): MetricSeries {
  const indices = maxPoints === undefined ? null : downsampleIndices(series.values, maxPoints);
  const pick = (numbers: number[]) => (indices ? indices.map((index) => numbers[index] ?? 0) : numbers);
  return {
    steps: pick(series.steps),
    values: (indices ? indices.map((index) => series.values[index] ?? Number.NaN) : series.values).map(
      encodeNumber,
    ),
    wallTimes: pick(series.wallTimes),
  };
}

type Chunk = Series & { runId: string; key: string };

/** Chunks in order, joined to one series per run and key. */
function joinChunks(chunks: readonly Chunk[]): Map<string, Map<string, Series>> {
  const runs = new Map<string, Map<string, Series>>();
  for (const chunk of chunks) {
    const ofRun = runs.get(chunk.runId) ?? new Map<string, Series>();
    runs.set(chunk.runId, ofRun);
    const series = ofRun.get(chunk.key) ?? { steps: [], values: [], wallTimes: [] };
    ofRun.set(chunk.key, series);
    // No spread: a chunk may be longer than an argument list can be.
    for (const step of chunk.steps) series.steps.push(step);
    for (const value of chunk.values) series.values.push(value);
    for (const time of chunk.wallTimes) series.wallTimes.push(time);
  }
  return runs;
}

const chunkOrder = [{ runId: "asc" }, { key: "asc" }, { attempt: "asc" }, { batch: "asc" }] as const;
const chunkFields = { runId: true, key: true, steps: true, values: true, wallTimes: true } as const;

/**
 * Metric series of a run, one per key, over all attempts that count. Null when there is no such run.
 *
 * @param options.keys default: all
 * @param options.maxPoints per series; without it the series are whole
 */
export async function readMetrics(
  db: Database,
  runId: string,
  options: { keys?: readonly string[]; maxPoints?: number },
): Promise<RunMetrics | null> {
  const run = await db.prisma.run.findUnique({ where: { id: runId }, select: { attempt: true } });
  if (!run) return null;
  const chunks = await db.prisma.metricChunk.findMany({
    where: { runId, ...(options.keys ? { key: { in: [...options.keys] } } : {}) },
    orderBy: [...chunkOrder],
    select: chunkFields,
  });
  const series = joinChunks(chunks).get(runId) ?? new Map<string, Series>();
  return {
    runId,
    attempt: run.attempt,
    series: Object.fromEntries([...series].map(([key, points]) => [key, toWire(points, options.maxPoints)])),
  };
}

/** One metric of several runs, for curves side by side. Runs without it are not in the map. */
export async function readMetricsOfRuns(
  db: Database,
  runIds: readonly string[],
  key: string,
): Promise<Map<string, MetricSeries>> {
  const chunks = await db.prisma.metricChunk.findMany({
    where: { runId: { in: [...runIds] }, key },
    orderBy: [...chunkOrder],
    select: chunkFields,
  });
  const result = new Map<string, MetricSeries>();
  for (const [runId, ofRun] of joinChunks(chunks)) {
    const series = ofRun.get(key);
    if (series) result.set(runId, toWire(series, undefined));
  }
  return result;
}
