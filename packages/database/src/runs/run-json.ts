import {
  captureGap,
  execution,
  noise,
  observedSetting,
  type Run,
  type RunAttribute,
  runAttributeNames,
} from "@reprise/contracts";
import { z } from "zod";
import type { Sql } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { attributeOf } from "./run-fields.js";

// PostgreSQL writes runs as JSON, names, NaN ("NaN") and all, and they are read with one JSON.parse: rows of sixty columns
// and their summaries through the client took half a millisecond a run.

/** Moments are written as `Date.toISOString` writes them. */
function attributeJson(name: RunAttribute): Prisma.Sql {
  const { value, type } = attributeOf(name, runAttributeNames);
  return type === "time"
    ? Prisma.sql`to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
    : value;
}

const attributeColumns = Prisma.join(
  runAttributeNames.map((name) => Prisma.sql`${attributeJson(name)} AS ${Prisma.raw(`"${name}"`)}`),
);

const summaryJson = Prisma.sql`json_build_object('count', m.count, 'first', m.first, 'last', m.last,
  'final', m.final, 'superseded', m.superseded, 'min', m.min, 'max', m.max, 'minStep', m.min_step,
  'maxStep', m.max_step, 'best', m.best, 'bestStep', m.best_step, 'selected', m.selected,
  'nonFinite', CASE WHEN m.non_finite_value IS NOT NULL THEN json_build_object('step', m.non_finite_step,
    'value', m.non_finite_value, 'since', m.non_finite_since) END)`;

/**
 * A run of `runs r` as JSON, all on one row; {@link runOf} reads it.
 *
 * @param listed which of its `metric_summaries m` it holds
 */
export const runJson = (listed: Prisma.Sql = Prisma.sql`true`): Prisma.Sql => Prisma.sql`
  (SELECT row_to_json(shown)::text FROM (SELECT ${attributeColumns},
    r.params, r.effective_params AS "effectiveParams", r.disclosures, r.execution, r.noise, r.progress,
    r.diverged, coalesce((SELECT json_object_agg(m.key, ${summaryJson} ORDER BY m.key COLLATE "C")
      FROM metric_summaries m WHERE m.run_id = r.id AND ${listed}), '{}'::json) AS summary,
    r.phases, r.energy, r.error, r.observed, r.gaps, r.tags, r.origin) AS shown)`;

/** Columns that earlier versions wrote with fewer fields. */
const settings = z.object({
  execution,
  noise,
  observed: z.array(observedSetting),
  gaps: z.array(captureGap),
});

/** A run as {@link runJson} wrote it. */
export function runOf(json: string): Run {
  const { origin, ...run }: Run = JSON.parse(json);
  return { ...run, ...settings.parse(run), ...(origin === null ? {} : { origin }) };
}

/** Runs that satisfy a condition over `runs r`, in their order of place and id. */
export async function readRuns(sql: Sql, condition: Prisma.Sql): Promise<Run[]> {
  const rows = await sql.$queryRaw<Array<{ run: string }>>`
    SELECT ${runJson()} AS run FROM runs r WHERE ${condition} ORDER BY r.position, r.id`;
  return rows.map(({ run }) => runOf(run));
}

/** The run of that id; null where there is none. */
export async function readRun(sql: Sql, id: string): Promise<Run | null> {
  const [run] = await readRuns(sql, Prisma.sql`r.id = ${id}::uuid`);
  return run ?? null;
}

/** The run of an id that there is. */
export async function runById(sql: Sql, id: string): Promise<Run> {
  const run = await readRun(sql, id);
  if (!run) throw new Error(`There is no run ${id}`);
  return run;
}
