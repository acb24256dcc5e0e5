import { type RunListQuery, runAttributes, runField, sortableAttributes } from "@reprise/contracts";
import { InvalidCursorError } from "../errors.js";
import { Prisma } from "../generated/client.js";
import { decodeCursor } from "../paging.js";
import { fieldSql, flagSql, summaryValue } from "./run-fields.js";

/**
 * An order of runs that an index can follow: those that have the value by it, then those that have not, each by id. Two statements
 * for the two, because an index has its own place for what is missing.
 */
export type RunOrder = {
  /** Name of the metric that orders, whose `metric_summaries s` is in `from`; null for another field. */
  metric: string | null;
  present: {
    from: Prisma.Sql;
    id: Prisma.Sql;
    value: Prisma.Sql;
    /** SQL type of the value. */
    type: Prisma.Sql;
    /** That there is a value; empty where there always is one. */
    conditions: Prisma.Sql[];
  };
  /** That `runs r` has no value; null where all have one. */
  missing: Prisma.Sql | null;
  direction: Prisma.Sql;
  /** Greater than, in this direction. */
  after: Prisma.Sql;
};

const hasAlways = (name: string) =>
  flagSql(name) !== null ||
  sortableAttributes.some((known) => known === name && !runAttributes[known].schema.safeParse(null).success);

/** @throws UnknownAttributeError */
export function runOrder(orderBy: RunListQuery["orderBy"]): RunOrder {
  const descending = orderBy.startsWith("-");
  const field = runField(orderBy.replace(/^-/, ""));
  const way = descending
    ? { direction: Prisma.sql`DESC`, after: Prisma.sql`<` }
    : { direction: Prisma.sql`ASC`, after: Prisma.sql`>` };
  const { value, type } = fieldSql(field, sortableAttributes);
  if (field.kind === "metric") {
    const own = summaryValue("s");
    return {
      ...way,
      metric: field.name,
      present: {
        from: Prisma.sql`metric_summaries s JOIN runs r ON r.id = s.run_id`,
        id: Prisma.sql`s.run_id`,
        ...{ value: own, type },
        conditions: [Prisma.sql`s.key = ${field.name}::text`, Prisma.sql`${own} IS NOT NULL`],
      },
      missing: Prisma.sql`NOT EXISTS (SELECT 1 FROM metric_summaries s
        WHERE s.run_id = r.id AND s.key = ${field.name}::text AND ${own} IS NOT NULL)`,
    };
  }
  const always = field.kind === "attribute" && hasAlways(field.name);
  return {
    ...way,
    metric: null,
    present: {
      from: Prisma.sql`runs r`,
      id: Prisma.sql`r.id`,
      ...{ value, type },
      conditions: always ? [] : [Prisma.sql`${value} IS NOT NULL`],
    },
    missing: always ? null : Prisma.sql`${value} IS NULL`,
  };
}

/** Behind which run a page begins: among those that have the value, or among those that have not. */
export type AfterRun = { id: string; value: string } | { id: string; value: null };

/** How a place is written in a cursor. */
export const placeText = ({ value }: { value: string | null }) => (value === null ? "1" : `0${value}`);

/** @throws InvalidCursorError */
export function afterRun(cursor: string, orderBy: string): AfterRun {
  const [, place, id] = decodeCursor(cursor, orderBy);
  const [, group, value] = /^([01])(.*)$/s.exec(String(place)) ?? [];
  if (group === undefined || value === undefined) throw new InvalidCursorError();
  return group === "1" ? { id, value: null } : { id, value };
}
