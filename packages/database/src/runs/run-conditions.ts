import type { Run, RunFilter, RunListQuery } from "@reprise/contracts";
import { Prisma } from "../generated/client.js";
import { filterSql } from "./run-filter.js";

export type RunSelection = Pick<RunListQuery, "sweepId" | "status" | "mode" | "arm" | "purpose"> & {
  where?: RunFilter;
};

/** Literals, so that the planner sees that an index of study runs alone will do. */
const purposes: Record<Run["purpose"], Prisma.Sql> = {
  study: Prisma.sql`r.purpose = 'study'`,
  verification: Prisma.sql`r.purpose = 'verification'`,
  replay: Prisma.sql`r.purpose = 'replay'`,
};

/**
 * Which of `runs r` are meant.
 *
 * @param joined the metric whose `metric_summaries s` stands beside `r` already; null for none
 * @throws UnknownAttributeError
 */
export function selectionSql(query: RunSelection, joined: string | null = null): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = query.where ? filterSql(query.where, joined) : [];
  if (query.sweepId !== undefined) conditions.push(Prisma.sql`r.sweep_id = ${query.sweepId}::uuid`);
  if (query.status !== undefined) conditions.push(Prisma.sql`r.status = ${query.status}::"RunStatus"`);
  if (query.mode !== undefined) conditions.push(Prisma.sql`r.mode = ${query.mode}::"Mode"`);
  if (query.arm !== undefined) conditions.push(Prisma.sql`r.arm = ${query.arm}`);
  if (query.purpose !== "all") conditions.push(purposes[query.purpose]);
  return conditions;
}

export function whereSql(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return conditions.length > 0 ? Prisma.sql`WHERE ${Prisma.join([...conditions], " AND ")}` : Prisma.empty;
}
