import type { RunFilter, RunListQuery } from "@reprise/contracts";
import { Prisma } from "../generated/client.js";
import { filterSql } from "./run-filter.js";

export type RunSelection = Pick<RunListQuery, "sweepId" | "status" | "mode" | "arm" | "purpose"> & {
  where?: RunFilter;
};

/** Which of `runs r` are meant. @throws UnknownAttributeError */
export function selectionSql(query: RunSelection): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = query.where ? filterSql(query.where) : [];
  if (query.sweepId !== undefined) conditions.push(Prisma.sql`r.sweep_id = ${query.sweepId}::uuid`);
  if (query.status !== undefined) conditions.push(Prisma.sql`r.status::text = ${query.status}`);
  if (query.mode !== undefined) conditions.push(Prisma.sql`r.mode::text = ${query.mode}`);
  if (query.arm !== undefined) conditions.push(Prisma.sql`r.arm = ${query.arm}`);
  if (query.purpose !== "all") conditions.push(Prisma.sql`r.purpose::text = ${query.purpose}`);
  return conditions;
}

export function whereSql(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return conditions.length > 0 ? Prisma.sql`WHERE ${Prisma.join([...conditions], " AND ")}` : Prisma.empty;
}
