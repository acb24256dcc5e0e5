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
import { fieldSql, summaryColumns } from "./run-fields.js";

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
  /** Runs in all groups. */
  all: z.number(),
});

/** The `metric_summaries m` of a metric beside `runs r`, of runs that have it. */
const joinedSummary = (metric: string): Prisma.Sql =>
  Prisma.sql`LEFT JOIN metric_summaries m ON m.run_id = r.id AND m.key = ${metric}::text`;

/** Equal values have no spread; a sum of rounded squares might say otherwise. */
const spread = (sd: number | null, min: number | null, max: number | null) =>
  min !== null && min === max ? (sd === null ? null : 0) : sd;

/**
 * Runs by the values of some fields, with the sums of one metric over every run of a group. Excluded runs count as runs
 * and are left out of the figures. At most `limit` groups, in the order of their values; `runs` counts those in all groups.
 *
 * @throws UnknownAttributeError
 */
export async function groupRuns(
  db: Database,
  query: RunSelection & { by: RunGroupsQuery["by"]; metric?: string; value: RunValue; limit: number },
): Promise<{ groups: GroupSums[]; runs: number; truncated: boolean }> {
  const keys = query.by.map(
    (name) => Prisma.sql`to_jsonb(${fieldSql(runField(name), groupableAttributes).value})`,
  );
  const key = keys.length > 0 ? Prisma.sql`jsonb_build_array(${Prisma.join(keys)})` : Prisma.sql`'[]'::jsonb`;
  const measured =
    query.metric === undefined
      ? { joined: Prisma.empty, value: Prisma.sql`NULL::float8` }
      : { joined: joinedSummary(query.metric), value: summaryColumns[query.value] };
  const rows = await db.prisma.$queryRaw`
    WITH chosen AS (
      SELECT ${key} AS keys, r.configuration_key, r.seed, r.diverged IS NOT NULL AS diverged,
        CASE WHEN r.excluded_reason IS NULL THEN ${measured.value} END AS value
      FROM runs r ${measured.joined} ${whereSql(selectionSql(query))}
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
      u.min AS "cellMin", u.max AS "cellMax", (sum(o.runs) OVER ())::int AS "all"
    FROM overall o LEFT JOIN units u ON u.keys = o.keys
    ORDER BY o.keys LIMIT ${query.limit + 1}`;
  const found = z.array(row).parse(rows);
  return {
    runs: found[0]?.all ?? 0,
    groups: found.slice(0, query.limit).map(({ keys: values, all: _, ...sums }) => ({
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

/** A value of `metric_summaries m` that is a finite number; null for another. */
const finite = (value: Prisma.Sql) =>
  Prisma.sql`CASE WHEN ${value} NOT IN ('NaN', 'Infinity', '-Infinity') THEN ${value} END`;

/**
 * What every run of a selection has of a metric, or, with `extremes`, those runs of each study that have its smallest or greatest
 * values; runs that were excluded by hand are left out.
 *
 * @throws UnknownAttributeError
 */
export async function valuesOfRuns(
  db: Database,
  query: RunSelection & { metric: string; value: RunValue; extremes: boolean },
): Promise<RunValues[]> {
  const conditions = [...selectionSql(query), Prisma.sql`r.excluded_reason IS NULL`];
  const [value, low, high] = [summaryColumns[query.value], Prisma.sql`m.min`, Prisma.sql`m.max`];
  const each = Prisma.sql`${finite(value)}, ${finite(low)}, ${finite(high)}`;
  const some = Prisma.sql`WHERE value = ANY(bounds) OR min = ANY(bounds[3:4]) OR max = ANY(bounds[3:4])
    OR bounds = '{NULL,NULL,NULL,NULL}'`;
  const bounds = Prisma.sql`, ARRAY[min(${finite(value)}) OVER study, max(${finite(value)}) OVER study,
    min(LEAST(${each})) OVER study, max(GREATEST(${each})) OVER study] AS bounds`;
  const rows = await db.prisma.$queryRaw`
    SELECT sweep_id::text AS "sweepId", configuration_label AS "configurationLabel", seed::float8 AS "seed", arm, repeat,
      value, min, max
    FROM (
      SELECT r.sweep_id, r.configuration_label, r.seed, r.arm, r.repeat, r.position, r.id, ${value} AS value, m.min, m.max
        ${query.extremes ? bounds : Prisma.empty}
      FROM runs r JOIN metric_summaries m ON m.run_id = r.id AND m.key = ${query.metric}::text ${whereSql(conditions)}
      WINDOW study AS (PARTITION BY r.sweep_id)
    ) AS found ${query.extremes ? some : Prisma.empty} ORDER BY sweep_id, position, id`;
  return z.array(values).parse(rows);
}
