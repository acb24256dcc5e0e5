import type { RunFilter, RunListQuery } from "@reprise/contracts";
import type { Database } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { fewest } from "./filter-indexes.js";
import { selectionSql, whereSql } from "./run-conditions.js";
import { type AfterRun, afterRun, type RunOrder, runOrder } from "./run-order.js";

export type FoundRun = { id: string; value: string | null };

/** Runs that have the value of the order, behind one of them where that is said. */
function present(
  db: Database,
  { present: { from, id, value, type, conditions: own }, direction, after: beyond }: RunOrder,
  conditions: readonly Prisma.Sql[],
  after: { id: string; value: string } | null,
  limit: number,
): Promise<FoundRun[]> {
  const behind =
    after === null
      ? []
      : [Prisma.sql`(${value}, ${id}) ${beyond} (${after.value}::text::${type}, ${after.id}::uuid)`];
  return db.prisma.$queryRaw`
    SELECT ${id} AS id, ${value}::text AS value FROM ${from} ${whereSql([...own, ...conditions, ...behind])}
    ORDER BY ${value} ${direction}, ${id} ${direction} LIMIT ${limit}`;
}

/** Runs that have no value of the order, by id. */
function missing(
  db: Database,
  { missing: own, direction, after: beyond }: RunOrder & { missing: Prisma.Sql },
  conditions: readonly Prisma.Sql[],
  after: { id: string } | null,
  limit: number,
): Promise<FoundRun[]> {
  const behind = after === null ? [] : [Prisma.sql`r.id ${beyond} ${after.id}::uuid`];
  return db.prisma.$queryRaw`
    SELECT r.id, NULL AS value FROM runs r ${whereSql([...conditions, own, ...behind])}
    ORDER BY r.id ${direction} LIMIT ${limit}`;
}

/**
 * Ids of runs in the order asked for, at most `limit`: those that have the value first, then those that have not.
 *
 * @throws InvalidCursorError, UnknownAttributeError
 */
export async function findRuns(
  db: Database,
  query: Pick<RunListQuery, "orderBy" | "cursor"> &
    Parameters<typeof selectionSql>[0] & { where?: RunFilter },
  limit: number,
): Promise<FoundRun[]> {
  const order = runOrder(query.orderBy);
  const after: AfterRun | null = query.cursor === undefined ? null : afterRun(query.cursor, query.orderBy);
  const few = query.where ? await fewest(db, query.where) : [];
  const first =
    after?.value === null
      ? []
      : await present(db, order, [...selectionSql(query, order.metric), ...few], after, limit);
  const { missing: own } = order;
  if (own === null || first.length === limit) return first;
  const rest = await missing(
    db,
    { ...order, missing: own },
    [...selectionSql(query), ...few],
    after?.value === null ? after : null,
    limit - first.length,
  );
  return [...first, ...rest];
}
