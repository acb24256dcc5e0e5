import {
  type GroupSums,
  groupableAttributes,
  parameterValue,
  type RunGroupsQuery,
  type RunValue,
  type RunValues,
  runField,
} from "@reprise/contracts";
import { z } from "zod";
import type { Database } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { type RunSelection, selectionSql, whereSql } from "./run-conditions.js";
import { fieldSql, metricSql } from "./run-fields.js";

/** NaN and infinities included, which zod's number leaves out. */
const float = z.custom<number>((value) => typeof value === "number").nullable();
const row = z.object({
  keys: z.array(parameterValue.nullable()),
  runs: z.number(),
  diverged: z.number(),
  n: z.number(),
  cells: z.number(),
  mean: float,
  sd: float,
  min: float,
  max: float,
  cellMean: float,
  cellSd: float,
  cellMin: float,
  cellMax: float,
});

/** Equal values have no spread; a sum of rounded squares might say otherwise. */
const spread = (sd: number | null, min: number | null, max: number | null) =>
  min !== null && min === max ? (sd === null ? null : 0) : sd;

/**
 * Runs by the values of some fields, with the sums of one metric over every run of a group. Excluded runs count as runs
 * and are left out of the figures. At most `limit` groups, in the order of their values.
 *
 * @throws UnknownAttributeError
 */
export async function groupRuns(
  db: Database,
  query: RunSelection & { by: RunGroupsQuery["by"]; metric?: string; value: RunValue; limit: number },
): Promise<{ groups: GroupSums[]; truncated: boolean }> {
  const keys = query.by.map(
    (name) => Prisma.sql`to_jsonb(${fieldSql(runField(name), groupableAttributes).value})`,
  );
  const key = keys.length > 0 ? Prisma.sql`jsonb_build_array(${Prisma.join(keys)})` : Prisma.sql`'[]'::jsonb`;
  const measured =
    query.metric === undefined ? Prisma.sql`NULL::float8` : metricSql(query.metric, query.value);
  const rows = await db.prisma.$queryRaw`
    WITH chosen AS (
      SELECT ${key} AS keys, r.configuration_key, r.seed, r.diverged IS NOT NULL AS diverged,
        CASE WHEN r.excluded_reason IS NULL THEN ${measured} END AS value
      FROM runs r ${whereSql(selectionSql(query))}
    ), cells AS (
      SELECT keys, avg(value) AS mean
      FROM chosen WHERE value IS NOT NULL GROUP BY keys, configuration_key, seed
    ), overall AS (
      SELECT keys, count(*) AS runs, count(*) FILTER (WHERE diverged) AS diverged, count(value) AS n, avg(value) AS mean, stddev_samp(value) AS sd,
        min(value) AS min, max(value) AS max
      FROM chosen GROUP BY keys
    ), units AS (
      SELECT keys, count(*) AS cells, avg(mean) AS mean, stddev_samp(mean) AS sd,
        min(mean) AS min, max(mean) AS max
      FROM cells GROUP BY keys
    )
    SELECT o.keys AS "keys", o.runs::int AS "runs", o.diverged::int AS "diverged", o.n::int AS "n", coalesce(u.cells, 0)::int AS "cells",
      o.mean AS "mean", o.sd AS "sd", o.min AS "min", o.max AS "max", u.mean AS "cellMean",
      CASE WHEN u.min = u.max AND u.sd IS NOT NULL THEN 0 ELSE u.sd END AS "cellSd",
      u.min AS "cellMin", u.max AS "cellMax"
    FROM overall o LEFT JOIN units u ON u.keys = o.keys
    ORDER BY o.keys LIMIT ${query.limit + 1}`;
  const found = z.array(row).parse(rows);
  return {
    groups: found.slice(0, query.limit).map(({ keys: values, ...sums }) => ({
      ...sums,
      sd: spread(sums.sd, sums.min, sums.max),
      by: Object.fromEntries(query.by.map((name, index) => [name, values[index] ?? null])),
    })),
    truncated: found.length > query.limit,
  };
}

const values = z.object({
  sweepId: z.string().nullable(),
  configurationLabel: z.string(),
  seed: z.number(),
  arm: z.string(),
  repeat: z.number(),
  value: float,
  min: float,
  max: float,
});

/** What every run of a selection has of a metric; runs that were excluded by hand are left out. @throws UnknownAttributeError */
export async function valuesOfRuns(
  db: Database,
  query: RunSelection & { metric: string; value: RunValue },
): Promise<RunValues[]> {
  const conditions = [
    ...selectionSql(query),
    Prisma.sql`r.excluded_reason IS NULL`,
    Prisma.sql`EXISTS (SELECT 1 FROM metric_summaries m WHERE m.run_id = r.id AND m.key = ${query.metric}::text)`,
  ];
  const rows = await db.prisma.$queryRaw`
    SELECT r.sweep_id::text AS "sweepId", r.configuration_label AS "configurationLabel",
      r.seed::float8 AS "seed", r.arm AS "arm", r.repeat AS "repeat",
      ${metricSql(query.metric, query.value)} AS "value", ${metricSql(query.metric, "min")} AS "min",
      ${metricSql(query.metric, "max")} AS "max"
    FROM runs r ${whereSql(conditions)} ORDER BY r.sweep_id, r.position, r.id`;
  return z.array(values).parse(rows);
}
