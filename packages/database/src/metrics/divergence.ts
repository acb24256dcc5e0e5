import {
  divergenceOf,
  encodeNumber,
  type MetricInfo,
  type NonFiniteValues,
  nonFiniteNames,
} from "@reprise/contracts";
import { z } from "zod";
import type { Sql } from "../connect.js";
import { announcedMetrics } from "./announced-metrics.js";
import type { Summary } from "./metric-summaries.js";

type NonFinite = Pick<Summary, "nonFiniteStep" | "nonFiniteValue" | "nonFiniteSince">;

const name = z.enum(nonFiniteNames);

/** Where values of a metric are no finite numbers, as the contract has it. */
export function nonFiniteOf({
  nonFiniteStep,
  nonFiniteValue,
  nonFiniteSince,
}: NonFinite): NonFiniteValues | null {
  if (nonFiniteValue === null) return null;
  return { step: nonFiniteStep, value: name.parse(encodeNumber(nonFiniteValue)), since: nonFiniteSince };
}

/**
 * Notes of runs whether and where they diverged, as their summaries have it.
 *
 * @returns ids of those of which something else was noted before
 */
export async function refreshDivergence(sql: Sql, runIds: readonly string[]): Promise<string[]> {
  const ids = [...runIds];
  const found = await sql.metricSummary.findMany({
    where: { runId: { in: ids }, nonFiniteValue: { not: null } },
  });
  const concerned = [...new Set(found.map(({ runId }) => runId))];
  const metrics =
    concerned.length > 0 ? await announcedMetrics(sql, concerned) : new Map<string, MetricInfo[]>();
  const noted = ids.map((id) => {
    const own = found.filter(({ runId }) => runId === id);
    const summary = Object.fromEntries(own.map((row) => [row.key, { nonFinite: nonFiniteOf(row) }]));
    return { id, diverged: divergenceOf(summary, metrics.get(id) ?? []) };
  });
  const changed = await sql.$queryRaw<Array<{ id: string }>>`
    UPDATE runs r SET diverged = nullif(x.diverged, 'null'::jsonb)
    FROM json_to_recordset(${JSON.stringify(noted)}::json) AS x(id uuid, diverged jsonb)
    WHERE r.id = x.id AND r.diverged IS DISTINCT FROM nullif(x.diverged, 'null'::jsonb)
    RETURNING r.id::text AS id`;
  return changed.map(({ id }) => id);
}

/**
 * The same for one run, where summaries of it were written that say something else of values that are not finite.
 *
 * @returns whether something else was noted before
 */
export async function noteDivergence(
  sql: Sql,
  runId: string,
  before: ReadonlyMap<string, NonFinite>,
  after: ReadonlyMap<string, NonFinite>,
): Promise<boolean> {
  const told = (summary: NonFinite | undefined) => JSON.stringify(summary ? nonFiniteOf(summary) : null);
  const differs = [...after].some(([key, summary]) => told(summary) !== told(before.get(key)));
  return differs && (await refreshDivergence(sql, [runId])).length > 0;
}
