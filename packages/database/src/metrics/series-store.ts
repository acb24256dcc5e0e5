import { encodeNumber } from "@reprise/contracts";
import type { Sql } from "../connect.js";
import type { MetricSummary as SummaryRow } from "../generated/client.js";
import { type Direction, extendSummary, type Summary } from "./metric-summaries.js";

// The typed client refuses NaN and ±Infinity, so everything that may hold them is written as JSON with the three
// names as strings, which PostgreSQL reads as float8.

const wire = (value: number | null) => (value === null ? null : encodeNumber(value));
const directionOf = (name: string | null): Direction | null =>
  name === "maximize" || name === "minimize" ? name : null;

const toSummary = (row: SummaryRow): Summary => ({ ...row, direction: directionOf(row.direction) });

export async function readSummaries(
  sql: Sql,
  runId: string,
  keys: readonly string[],
): Promise<Map<string, Summary>> {
  const rows = await sql.metricSummary.findMany({ where: { runId, key: { in: [...keys] } } });
  return new Map(rows.map((row) => [row.key, toSummary(row)]));
}

export async function writeSummaries(
  sql: Sql,
  runId: string,
  summaries: Map<string, Summary>,
): Promise<void> {
  if (summaries.size === 0) return;
  const rows = [...summaries].map(([key, s]) => ({
    key,
    count: s.count,
    first: wire(s.first),
    last: wire(s.last),
    last_step: s.lastStep,
    min: wire(s.min),
    max: wire(s.max),
    min_step: s.minStep,
    max_step: s.maxStep,
    best: wire(s.best),
    best_step: s.bestStep,
    direction: s.direction,
  }));
  await sql.$executeRaw`
    INSERT INTO metric_summaries
      (run_id, key, count, first, last, last_step, min, max, min_step, max_step, best, best_step, direction)
    SELECT ${runId}::uuid, x.* FROM json_to_recordset(${JSON.stringify(rows)}::json) AS x(
      key text, count int, first float8, last float8, last_step int, min float8, max float8,
      min_step int, max_step int, best float8, best_step int, direction text)
    ON CONFLICT (run_id, key) DO UPDATE SET count = excluded.count, first = excluded.first,
      last = excluded.last, last_step = excluded.last_step, min = excluded.min, max = excluded.max,
      min_step = excluded.min_step, max_step = excluded.max_step, best = excluded.best,
      best_step = excluded.best_step, direction = excluded.direction`;
}

export async function writeMetricChunks(
  sql: Sql,
  place: { runId: string; attempt: number; batch: number },
  metrics: ReadonlyArray<{ key: string; steps: number[]; values: number[]; wallTimes: number[] }>,
): Promise<void> {
  if (metrics.length === 0) return;
  const rows = metrics.map((metric) => ({
    key: metric.key,
    steps: metric.steps,
    values: metric.values.map(encodeNumber),
    wall_times: metric.wallTimes.map(encodeNumber),
  }));
  await sql.$executeRaw`
    INSERT INTO metric_chunks (run_id, attempt, batch, key, steps, "values", wall_times)
    SELECT ${place.runId}::uuid, ${place.attempt}::int, ${place.batch}::int, x.*
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS x(
      key text, steps int[], "values" float8[], wall_times float8[])`;
}

/** Makes the summaries of a run anew from its chunks; the declared directions are kept. */
export async function recomputeSummaries(sql: Sql, runId: string): Promise<void> {
  const known = await sql.metricSummary.findMany({ where: { runId } });
  const directions = new Map(known.map((row) => [row.key, directionOf(row.direction)]));
  const chunks = await sql.metricChunk.findMany({
    where: { runId },
    orderBy: [{ attempt: "asc" }, { batch: "asc" }],
    select: { key: true, steps: true, values: true },
  });
  const summaries = new Map<string, Summary>();
  for (const chunk of chunks) {
    const before = summaries.get(chunk.key) ?? null;
    const after = extendSummary(before, chunk, directions.get(chunk.key) ?? null);
    if (after) summaries.set(chunk.key, after);
  }
  await sql.metricSummary.deleteMany({ where: { runId } });
  await writeSummaries(sql, runId, summaries);
}
