import type { Attempt, Environment, Page, Run, RunFilter, RunListQuery } from "@reprise/contracts";
import { environmentValue, runField, sortableAttributes } from "@reprise/contracts";
import { z } from "zod";
import type { Database } from "../connect.js";
import { InvalidCursorError } from "../errors.js";
import { Prisma } from "../generated/client.js";
import { decodeCursor, encodeCursor } from "../paging.js";
import { toAttempt, toRun, withSummaries } from "./entities.js";
import { listedSummaries } from "./listed-summaries.js";
import { selectionSql, whereSql } from "./run-conditions.js";
import { fieldSql } from "./run-fields.js";

export async function getRun(db: Database, id: string): Promise<Run | null> {
  const row = await db.prisma.run.findUnique({ where: { id }, include: withSummaries });
  return row ? toRun(row) : null;
}

/** Attempts of a run, first to last. */
export async function getAttempts(db: Database, runId: string): Promise<Attempt[]> {
  const rows = await db.prisma.attempt.findMany({ where: { runId }, orderBy: { number: "asc" } });
  return rows.map(toAttempt);
}

/**
 * A page of runs. Pages are stable while runs are added: each continues behind the last run of the one before. Runs
 * without the value come last in either direction; ties go by id, which grows with the place in the sweep. Rows say of
 * metrics what is asked for, and how many the run has.
 *
 * @throws InvalidCursorError, UnknownAttributeError
 */
export async function listRuns(
  db: Database,
  query: Omit<RunListQuery, "filter"> & { where?: RunFilter },
): Promise<Page<Run>> {
  const descending = query.orderBy.startsWith("-");
  const { value, type, least } = fieldSql(runField(query.orderBy.replace(/^-/, "")), sortableAttributes);
  // Grows with the order when missing values are to come last.
  const missing = descending ? Prisma.sql`(${value} IS NOT NULL)::int` : Prisma.sql`(${value} IS NULL)::int`;
  const shownValue = Prisma.sql`coalesce(${value}, ${least})`;
  const conditions = selectionSql(query);
  if (query.cursor !== undefined) {
    const [, after, id] = decodeCursor(query.cursor, query.orderBy);
    const [, group, text] = /^([01])(.*)$/s.exec(String(after)) ?? [];
    if (group === undefined) throw new InvalidCursorError();
    const sign = descending ? Prisma.sql`<` : Prisma.sql`>`;
    conditions.push(
      Prisma.sql`(${missing}, ${shownValue}, r.id) ${sign} (${Number(group)}::int, ${text}::text::${type}, ${id}::uuid)`,
    );
  }
  const direction = descending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const found = await db.prisma.$queryRaw<Array<{ id: string; place: string }>>`
    SELECT r.id, ${missing}::text || ${shownValue}::text AS place FROM runs r ${whereSql(conditions)}
    ORDER BY ${missing} ${direction}, ${shownValue} ${direction}, r.id ${direction} LIMIT ${query.limit + 1}`;
  const shown = found.slice(0, query.limit);
  const ids = shown.map((row) => row.id);
  const [rows, summaries] = await Promise.all([
    db.prisma.run.findMany({ where: { id: { in: ids } } }),
    listedSummaries(db, ids, query.metrics),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const last = shown.at(-1);
  return {
    items: shown.flatMap(({ id }) => {
      const row = byId.get(id);
      const listed = summaries.get(id);
      if (!row || !listed) return [];
      const { summaries: metricSummaries, count: summaryCount } = listed;
      const summaryTruncated = metricSummaries.length < summaryCount;
      return [{ ...toRun({ ...row, metricSummaries }), summaryCount, summaryTruncated }];
    }),
    nextCursor:
      found.length > query.limit && last ? encodeCursor([query.orderBy, last.place, last.id]) : null,
  };
}

/** All study runs of a sweep in their order, with their summaries: what analyses start from. */
export async function runsForAnalysis(db: Database, sweepId: string): Promise<Run[]> {
  const rows = await db.prisma.run.findMany({
    where: { sweepId, purpose: "study" },
    include: withSummaries,
    orderBy: [{ position: "asc" }, { id: "asc" }],
  });
  return rows.map(toRun);
}

/** How many study runs of a sweep diverged in training. */
export const countDivergedRuns = (db: Database, sweepId: string): Promise<number> =>
  db.prisma.run.count({ where: { sweepId, purpose: "study", diverged: { not: Prisma.DbNull } } });

const environmentValues = z.record(z.string(), environmentValue);

/** Values of environments by id; those that are not stored are not in the map. */
export async function environmentsById(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, Environment["values"]>> {
  const rows = await db.prisma.environment.findMany({ where: { id: { in: [...ids] } } });
  return new Map(rows.map(({ id, values }) => [id, environmentValues.parse(values)]));
}

export async function getEnvironment(db: Database, id: string): Promise<Environment | null> {
  const row = await db.prisma.environment.findUnique({ where: { id } });
  if (!row) return null;
  return { id, values: environmentValues.parse(row.values), createdAt: row.createdAt.toISOString() };
}
