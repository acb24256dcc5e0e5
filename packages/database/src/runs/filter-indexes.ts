import { type FilterClause, type RunFilter, runStatus } from "@reprise/contracts";
import type { Database } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { summaryValue } from "./run-fields.js";
import { comparison, containsParam } from "./run-filter.js";

/** Up to so many runs are taken from an index and put in order; of more, a page is found sooner along its order. */
const few = 2000;

/** States of which there is an index: few runs end in them. */
const rareStates = new Set(["failed", "cancelled", "pruned"]);

/** Ids of the runs that satisfy a condition, from an index; null for a condition that none helps with. */
function fromIndex(clause: FilterClause): Prisma.Sql | null {
  if (!("value" in clause) || clause.op === "like" || clause.op === "!=") return null;
  const { field, op, value } = clause;
  if (field.kind === "metric") {
    if (typeof value !== "number") return null;
    const own = summaryValue("s");
    // In the order of the index, so that no more of it is read than is counted.
    return Prisma.sql`SELECT s.run_id AS id FROM metric_summaries s
      WHERE s.key = ${field.name}::text AND ${comparison(own, op, value)} ORDER BY ${own}, s.run_id`;
  }
  if (op !== "=") return null;
  if (field.kind === "param") {
    const own = containsParam(field.name, value);
    return own && Prisma.sql`SELECT r.id FROM runs r WHERE ${own}`;
  }
  if (field.name !== "status" || !rareStates.has(String(value))) return null;
  const { data: state } = runStatus.safeParse(value);
  return state === undefined
    ? null
    : Prisma.sql`SELECT r.id FROM runs r WHERE r.status = ${state}::"RunStatus"`;
}

/**
 * A condition over `runs r` that names the runs which satisfy the rarest of some conditions, where these are few: the planner
 * cannot tell from its statistics that they are. It is no stricter than the filter.
 */
export async function fewest(db: Database, { all }: RunFilter): Promise<Prisma.Sql[]> {
  const counted = await Promise.all(
    all
      .flatMap(fromIndex)
      .flatMap((ids) => (ids === null ? [] : [ids]))
      .map(async (ids) => {
        const [row] = await db.prisma.$queryRaw<Array<{ n: number }>>`
        SELECT count(*)::int AS n FROM (${ids} LIMIT ${few + 1}) AS found`;
        return { ids, n: row?.n ?? 0 };
      }),
  );
  const [rarest] = counted.toSorted((a, b) => a.n - b.n);
  if (!rarest || rarest.n > few) return [];
  // The limit tells the planner how many there are, with room for those that have come since.
  return [Prisma.sql`r.id IN (SELECT id FROM (${rarest.ids} LIMIT ${2 * rarest.n + 50}) AS few)`];
}
