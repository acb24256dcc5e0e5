import { decodeNumber, encodeNumber, mostMetrics, type WireNumber } from "@reprise/contracts";
import type { Sql } from "../connect.js";
import { TooManyMetricsError } from "../errors.js";
import { Prisma, type MetricSummary as SummaryRow } from "../generated/client.js";
import { doubleArray, intArray } from "../postgres/binary-arrays.js";
import { withLarge } from "../postgres/large-parameters.js";
import { noteDivergence, refreshDivergence } from "./divergence.js";
import { type Direction, extendSummary, type Summary, withFinal } from "./metric-summaries.js";
import { isIncreasing, orderSeries, type SeriesPoints } from "./series-order.js";

// The typed client refuses NaN and ±Infinity, so everything that may hold them is written as JSON with the three
// names as strings, which PostgreSQL reads as float8.

const wire = (value: number | null) => (value === null ? null : encodeNumber(value));
const directionOf = (name: string | null): Direction | null =>
  name === "maximize" || name === "minimize" ? name : null;

const toSummary = (row: SummaryRow): Summary => ({ ...row, direction: directionOf(row.direction) });

/** A row as JSON of PostgreSQL, which has the names of what is no number as texts. */
type SummaryJson = ReturnType<typeof summaryColumns>;

const given = (value: WireNumber | null) => (value === null ? null : decodeNumber(value));

const summaryOfJson = (row: SummaryJson): Summary => ({
  count: row.count,
  first: decodeNumber(row.first),
  last: decodeNumber(row.last),
  lastStep: row.last_step,
  superseded: row.superseded,
  final: given(row.final),
  min: given(row.min),
  minStep: row.min_step,
  max: given(row.max),
  maxStep: row.max_step,
  best: given(row.best),
  bestStep: row.best_step,
  direction: row.direction,
  nonFiniteStep: row.non_finite_step,
  nonFiniteValue: given(row.non_finite_value),
  nonFiniteSince: row.non_finite_since,
});

/** Summaries by key, past the typed client: every report of every run asks for them. */
export async function readSummaries(
  sql: Sql,
  runId: string,
  keys: readonly string[],
): Promise<Map<string, Summary>> {
  const rows = await sql.$queryRaw<Array<{ key: string; summary: SummaryJson }>>`
    SELECT key, row_to_json(m) AS summary FROM metric_summaries m
    WHERE run_id = ${runId}::uuid AND key = ANY(${[...keys]}::text[])`;
  return new Map(rows.map(({ key, summary }) => [key, summaryOfJson(summary)]));
}

/** A summary by the names of its columns, as JSON that PostgreSQL reads. */
export const summaryColumns = (s: Summary) => ({
  count: s.count,
  first: encodeNumber(s.first),
  last: encodeNumber(s.last),
  last_step: s.lastStep,
  superseded: s.superseded,
  final: wire(s.final),
  min: wire(s.min),
  max: wire(s.max),
  min_step: s.minStep,
  max_step: s.maxStep,
  best: wire(s.best),
  best_step: s.bestStep,
  direction: s.direction,
  non_finite_step: s.nonFiniteStep,
  non_finite_value: wire(s.nonFiniteValue),
  non_finite_since: s.nonFiniteSince,
});

export async function writeSummaries(
  sql: Sql,
  runId: string,
  summaries: Map<string, Summary>,
): Promise<void> {
  if (summaries.size > 0) await sql.$executeRaw(summariesInsert(runId, summaries));
}

/** A statement that writes summaries, in the place of those that are there. */
export function summariesInsert(runId: string, summaries: ReadonlyMap<string, Summary>): Prisma.Sql {
  const rows = [...summaries].map(([key, summary]) => ({ key, ...summaryColumns(summary) }));
  return Prisma.sql`
    INSERT INTO metric_summaries
      (run_id, key, count, first, last, last_step, superseded, final, min, max, min_step, max_step, best,
      best_step, direction, non_finite_step, non_finite_value, non_finite_since)
    SELECT ${runId}::uuid, x.* FROM json_to_recordset(${JSON.stringify(rows)}::json) AS x(
      key text, count int, first float8, last float8, last_step int, superseded int, final float8,
      min float8, max float8, min_step int, max_step int, best float8, best_step int, direction text,
      non_finite_step int, non_finite_value float8, non_finite_since int)
    ON CONFLICT (run_id, key) DO UPDATE SET count = excluded.count, first = excluded.first,
      last = excluded.last, last_step = excluded.last_step, superseded = excluded.superseded,
      final = excluded.final, min = excluded.min, max = excluded.max,
      min_step = excluded.min_step, max_step = excluded.max_step, best = excluded.best,
      best_step = excluded.best_step, direction = excluded.direction,
      non_finite_step = excluded.non_finite_step, non_finite_value = excluded.non_finite_value,
      non_finite_since = excluded.non_finite_since`;
}

/**
 * Writes a batch, each key once: all lists of it end to end, which are cut into rows there.
 *
 * @throws {RangeError} for a metric whose lists differ in length: they would slip into each other
 */
export async function writeMetricChunks(
  sql: Sql,
  place: { runId: string; attempt: number; batch: number },
  metrics: ReadonlyArray<{ key: string; steps: number[]; values: number[]; wallTimes: number[] }>,
): Promise<void> {
  if (metrics.length === 0) return;
  await withLarge((large) => sql.$executeRaw(chunksInsert(place, metrics, large)));
}

/**
 * The statement of that, as a part of a larger one.
 *
 * @param large names a large parameter
 * @throws {RangeError} as above
 */
export function chunksInsert(
  place: { runId: string; attempt: number; batch: number },
  metrics: ReadonlyArray<{ key: string; steps: number[]; values: number[]; wallTimes: number[] }>,
  large: (bytes: Uint8Array) => string,
): Prisma.Sql {
  let last = 0;
  const pieces = metrics.map(({ key, steps, values, wallTimes }) => {
    if (values.length !== steps.length || wallTimes.length !== steps.length)
      throw new RangeError(
        `${key} has ${steps.length} steps, ${values.length} values, ${wallTimes.length} times`,
      );
    const first = last + 1;
    last += steps.length;
    return { key, first, last };
  });
  return Prisma.sql`
    INSERT INTO metric_chunks (run_id, attempt, batch, key, steps, "values", wall_times)
    SELECT ${place.runId}::uuid, ${place.attempt}::int, ${place.batch}::int, piece.key,
      given.steps[piece.first:piece.last], given."values"[piece.first:piece.last], given.times[piece.first:piece.last]
    FROM (SELECT ${large(intArray(metrics.map(({ steps }) => steps)))}::int4[] AS steps,
        ${large(doubleArray(metrics.map(({ values }) => values)))}::float8[] AS "values",
        ${large(doubleArray(metrics.map(({ wallTimes }) => wallTimes)))}::float8[] AS times) AS given,
      json_to_recordset(${JSON.stringify(pieces)}::json) AS piece(key text, first int, last int)`;
}

/**
 * Refuses names that a run has no room for, however many reports they come in. The caller holds the run.
 *
 * @param known the summaries that some of the metrics have
 * @throws {TooManyMetricsError}
 */
export async function refuseTooMany(
  sql: Sql,
  runId: string,
  metrics: ReadonlyArray<{ key: string }>,
  known: ReadonlyMap<string, Summary>,
): Promise<void> {
  const added = metrics.length - known.size;
  if (added === 0) return;
  const there = await sql.metricSummary.count({ where: { runId } });
  if (there + added > mostMetrics) throw new TooManyMetricsError();
}

type SeriesRef = { runId: string; key: string };

/** A column of all chunks of a series as the inside of one list of JSON, which is read ten times as fast as a list of the client. */
const joinedChunks = (column: "steps" | "values" | "wall_times") => Prisma.sql`
  string_agg(nullif(btrim(array_to_json(${Prisma.raw(`"${column}"`)})::text, '[]'), ''), ',' ORDER BY attempt, batch)`;

function numbersOf(list: string | null): number[] {
  const numbers: WireNumber[] = JSON.parse(`[${list ?? ""}]`);
  return areFinite(numbers) ? numbers : numbers.map(decodeNumber);
}

/** Whether there are no names among numbers, as in nearly every history. */
function areFinite(numbers: readonly WireNumber[]): numbers is number[] {
  for (const number of numbers) if (typeof number !== "number") return false;
  return true;
}

/** What was reported of some metrics of runs, in the order of reporting: by run and key. */
export async function readReports(
  sql: Sql,
  of: { runIds: readonly string[]; keys?: readonly string[] },
): Promise<Array<SeriesRef & SeriesPoints>> {
  const ofKeys = of.keys ? Prisma.sql`AND key = ANY(${[...of.keys]}::text[])` : Prisma.empty;
  const rows = await sql.$queryRaw<
    Array<SeriesRef & { steps: string | null; values: string | null; wallTimes: string | null }>
  >`
    SELECT run_id::text AS "runId", key, ${joinedChunks("steps")} AS "steps", ${joinedChunks("values")} AS "values",
      ${joinedChunks("wall_times")} AS "wallTimes"
    FROM metric_chunks WHERE run_id = ANY(${[...of.runIds]}::uuid[]) ${ofKeys}
    GROUP BY metric_chunks.run_id, key ORDER BY metric_chunks.run_id, key`;
  return rows.map(({ runId, key, steps, values, wallTimes }) => ({
    ...{ runId, key },
    ...{ steps: numbersOf(steps), values: numbersOf(values), wallTimes: numbersOf(wallTimes) },
  }));
}

/** The summary of a series from everything that was reported of it. */
export function summaryOfReports(reports: SeriesPoints, direction: Direction | null): Summary | null {
  const { series, superseded } = orderSeries(reports);
  const summary = extendSummary(null, series, direction);
  return summary && { ...summary, superseded: superseded.steps.length };
}

/**
 * Makes summaries anew from what was reported; directions stay as declared.
 *
 * @param known the summaries as they are, of the keys wanted
 * @param keepFinal whether final values, which are no reports of a step, still hold
 * @returns the new ones by key; those of keys without a report stay as they are
 */
export async function remakeSummaries(
  sql: Sql,
  runId: string,
  known: ReadonlyMap<string, Pick<Summary, "direction" | "final">>,
  keepFinal: boolean,
): Promise<Map<string, Summary>> {
  const remade = new Map<string, Summary>();
  for (const { key, ...reports } of await readReports(sql, { runIds: [runId], keys: [...known.keys()] })) {
    const { direction, final } = known.get(key) ?? { direction: null, final: null };
    const summary = summaryOfReports(reports, direction);
    if (!summary) continue;
    remade.set(key, keepFinal && final !== null ? withFinal(summary, final, direction) : summary);
  }
  await writeSummaries(sql, runId, remade);
  return remade;
}

/** What a batch makes of the summaries of a run. */
type SummariesAfter = {
  before: ReadonlyMap<string, Summary>;
  /** Those whose steps go on from the greatest one known. */
  extended: ReadonlyMap<string, Summary>;
  /** Those that are made anew, since an earlier value may count no longer. */
  revised: ReadonlyMap<string, Pick<Summary, "direction" | "final">>;
};

/**
 * What a batch makes of the summaries of a run, which is held; nothing is written.
 *
 * @throws {TooManyMetricsError}
 */
export async function summariesAfter(
  sql: Sql,
  runId: string,
  metrics: ReadonlyArray<{ key: string; steps: number[]; values: number[]; direction: Direction | null }>,
): Promise<SummariesAfter> {
  if (metrics.length === 0) return { before: new Map(), extended: new Map(), revised: new Map() };
  const before = await readSummaries(
    sql,
    runId,
    metrics.map((metric) => metric.key),
  );
  await refuseTooMany(sql, runId, metrics, before);
  const extended = new Map<string, Summary>();
  const revised = new Map<string, Pick<Summary, "direction" | "final">>();
  for (const metric of metrics) {
    const known = before.get(metric.key) ?? null;
    if (isIncreasing(metric.steps) && (metric.steps[0] ?? 0) > (known?.lastStep ?? -1)) {
      const summary = extendSummary(known, metric, metric.direction);
      if (summary) extended.set(metric.key, summary);
    } else {
      const direction = known?.direction ?? metric.direction;
      revised.set(metric.key, { direction, final: known?.final ?? null });
    }
  }
  return { before, extended, revised };
}

/**
 * The rest, once chunks and extended summaries are written: makes anew what must be.
 *
 * @returns whether the run now has diverged, or no longer has, where it was not so before
 */
export async function finishSummaries(
  sql: Sql,
  runId: string,
  { before, extended, revised }: SummariesAfter,
): Promise<boolean> {
  const remade =
    revised.size > 0 ? await remakeSummaries(sql, runId, revised, true) : new Map<string, Summary>();
  return noteDivergence(sql, runId, before, new Map([...extended, ...remade]));
}

/**
 * Makes all summaries of a run anew for an attempt that goes on from a checkpoint; the declared directions are kept, and
 * final values are gone with the attempt that told them.
 */
export async function recomputeSummaries(sql: Sql, runId: string): Promise<void> {
  const known = await sql.metricSummary.findMany({ where: { runId } });
  await sql.metricSummary.deleteMany({ where: { runId } });
  await remakeSummaries(sql, runId, new Map(known.map((row) => [row.key, toSummary(row)])), false);
  await refreshDivergence(sql, [runId]);
}
