import {
  type FilterClause,
  type FilterOperator,
  filterableAttributes,
  type RunFilter,
} from "@reprise/contracts";
import { Prisma } from "../generated/client.js";
import { attributeOf, metricSql } from "./run-fields.js";

const operators: Record<FilterOperator, Prisma.Sql> = {
  "=": Prisma.sql`=`,
  "!=": Prisma.sql`<>`,
  "<": Prisma.sql`<`,
  "<=": Prisma.sql`<=`,
  ">": Prisma.sql`>`,
  ">=": Prisma.sql`>=`,
  like: Prisma.sql`LIKE`,
};

const nothing = Prisma.sql`FALSE`;

function numeric(sql: Prisma.Sql, op: FilterOperator, value: string | number | boolean): Prisma.Sql {
  const number = typeof value === "number" ? value : Number(value);
  if (op === "like" || (Number.isNaN(number) && value !== "NaN")) return nothing;
  return Prisma.sql`${sql} ${operators[op]} ${String(number)}::float8`;
}

const textual = (sql: Prisma.Sql, op: FilterOperator, value: string | number | boolean) =>
  Prisma.sql`${sql} ${operators[op]} ${String(value)}::text`;

/** Numbers compare as numbers, moments as moments, the rest as text. */
function attribute({ field, op, value }: FilterClause): Prisma.Sql {
  const found = attributeOf(field.name, filterableAttributes);
  switch (found.type) {
    case "integer":
    case "number":
      return numeric(Prisma.sql`${found.value}::float8`, op, value);
    case "text":
      return textual(found.value, op, value);
    case "time": {
      const time = new Date(String(value));
      if (op === "like" || Number.isNaN(time.getTime())) return nothing;
      return Prisma.sql`${found.value} ${operators[op]} ${time}::timestamptz`;
    }
  }
}

/** A hyperparameter as it was used, or, before the trainer has said so, as it was asked for. */
function param({ field, op, value }: FilterClause): Prisma.Sql {
  const json = Prisma.sql`coalesce(r.effective_params -> ${field.name}::text, r.params -> ${field.name}::text)`;
  const text = Prisma.sql`(${json} #>> '{}')`;
  if (typeof value === "number") {
    const asNumber = Prisma.sql`CASE WHEN jsonb_typeof(${json}) = 'number' THEN ${text}::float8 END`;
    return numeric(Prisma.sql`(${asNumber})`, op, value);
  }
  return textual(text, op, value);
}

/** A metric by the value that stands for the run, as tables and sorting have it. NaN satisfies `= NaN` alone. */
function metric({ field, op, value }: FilterClause): Prisma.Sql {
  const standing = metricSql(field.name, "selected");
  // PostgreSQL counts NaN as larger than every number.
  const comparable = value === "NaN" ? standing : Prisma.sql`nullif(${standing}, 'NaN'::float8)`;
  return numeric(comparable, op, value);
}

/**
 * The SQL of a filter over `runs r`; every value is a parameter. A missing value satisfies no condition.
 *
 * @throws UnknownAttributeError
 */
export function filterSql(filter: RunFilter): Prisma.Sql[] {
  return filter.all.map((clause) => {
    if (clause.field.kind === "metric") return metric(clause);
    if (clause.field.kind === "param") return param(clause);
    return attribute(clause);
  });
}
