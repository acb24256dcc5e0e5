import type { Attempt, Environment, Page, Run, RunFilter, RunListQuery } from "@reprise/contracts";
import { environmentValue } from "@reprise/contracts";
import { z } from "zod";
import type { Database } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { encodeCursor } from "../paging.js";
import { toAttempt } from "./entities.js";
import { findRuns } from "./find-runs.js";
import { listedSummaries } from "./listed-summaries.js";
import { readRun, readRuns, runJson, runOf } from "./run-json.js";
import { placeText } from "./run-order.js";

export const getRun = (db: Database, id: string): Promise<Run | null> => readRun(db.prisma, id);

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
  const found = await findRuns(db, query, query.limit + 1);
  const shown = found.slice(0, query.limit);
  const { joined, listed } = listedSummaries(query.metrics);
  const rows = await db.prisma.$queryRaw<Array<{ id: string; run: string; n: number }>>`
    SELECT r.id, ${runJson(listed)} AS run, counted.n FROM runs r ${joined}
    WHERE r.id = ANY(${shown.map(({ id }) => id)}::uuid[])`;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const last = shown.at(-1);
  return {
    items: shown.flatMap(({ id }) => {
      const row = byId.get(id);
      if (!row) return [];
      const run = runOf(row.run);
      const summaryTruncated = Object.keys(run.summary).length < row.n;
      return [{ ...run, summaryCount: row.n, summaryTruncated }];
    }),
    nextCursor:
      found.length > query.limit && last ? encodeCursor([query.orderBy, placeText(last), last.id]) : null,
  };
}

/** All study runs of a sweep in their order, with their summaries: what analyses start from. */
export const runsForAnalysis = (db: Database, sweepId: string): Promise<Run[]> =>
  readRuns(db.prisma, Prisma.sql`r.sweep_id = ${sweepId}::uuid AND r.purpose = 'study'`);

/** All replicas of a sweep, of verifications and replays, in their order, with their summaries. */
export const replicasForAnalysis = (db: Database, sweepId: string): Promise<Run[]> =>
  readRuns(db.prisma, Prisma.sql`r.sweep_id = ${sweepId}::uuid AND r.purpose <> 'study'`);

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
