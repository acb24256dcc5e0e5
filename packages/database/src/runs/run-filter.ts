import {
  type FilterClause,
  type FilterOperator,
  filterableAttributes,
  type RunFilter,
  runStatus,
  type StateOperator,
} from "@reprise/contracts";
import { Prisma } from "../generated/client.js";
import { attributeOf, flagSql, metricSql, paramSql, paramsSql, summaryValue } from "./run-fields.js";

const operators: Record<FilterOperator, Prisma.Sql> = {
  "=": Prisma.sql`=`,
  "!=": Prisma.sql`<>`,
  "<": Prisma.sql`<`,
  "<=": Prisma.sql`<=`,
  ">": Prisma.sql`>`,
  ">=": Prisma.sql`>=`,
  like: Prisma.sql`LIKE`,
};

type Value = string | number | boolean;

const nothing = Prisma.sql`FALSE`;

/** A comparison of numbers. */
export const comparison = (sql: Prisma.Sql, op: FilterOperator, value: number): Prisma.Sql =>
  Prisma.sql`${sql} ${operators[op]} ${String(value)}::float8`;

const numeric = (sql: Prisma.Sql, op: FilterOperator, value: Value): Prisma.Sql =>
  op === "like" || typeof value !== "number" ? nothing : comparison(sql, op, value);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Equality in the type of the column, which an index can find; null for an attribute that is text. */
function equal(name: string, value: Value): Prisma.Sql | null {
  const text = String(value);
  const id = (column: Prisma.Sql) => (uuid.test(text) ? Prisma.sql`${column} = ${text}::uuid` : nothing);
  if (name === "id") return id(Prisma.sql`r.id`);
  if (name === "sweepId") return id(Prisma.sql`r.sweep_id`);
  if (name !== "status") return null;
  return runStatus.safeParse(text).success ? Prisma.sql`r.status = ${text}::"RunStatus"` : nothing;
}

/** Numbers compare as numbers, moments as moments, the rest as text. */
function attribute(name: string, op: FilterOperator, value: Value): Prisma.Sql {
  const flag = flagSql(name);
  if (flag)
    return typeof value === "boolean" ? Prisma.sql`${flag} ${operators[op]} ${value}::boolean` : nothing;
  const found = attributeOf(name, filterableAttributes);
  const typed = op === "=" ? equal(name, value) : null;
  if (typed) return typed;
  switch (found.type) {
    case "integer":
    case "number":
      return numeric(Prisma.sql`${found.value}::float8`, op, value);
    case "text":
      return Prisma.sql`${found.value} ${operators[op]} ${String(value)}::text`;
    case "time": {
      const time = new Date(String(value));
      if (op === "like" || Number.isNaN(time.getTime())) return nothing;
      return Prisma.sql`${found.value} ${operators[op]} ${time}::timestamptz`;
    }
  }
}

/** That a hyperparameter has this value and type; null for a text that could also be how a list is written. */
export function containsParam(name: string, value: Value): Prisma.Sql | null {
  if (typeof value === "string" && /^[[{]/.test(value)) return null;
  const typed =
    typeof value === "number"
      ? Prisma.sql`${String(value)}::numeric`
      : typeof value === "boolean"
        ? Prisma.sql`${value}::boolean`
        : Prisma.sql`${value}::text`;
  return Prisma.sql`${paramsSql} @> jsonb_build_object(${name}::text, ${typed})`;
}

/**
 * A hyperparameter by value and type: 0.001 is not "0.001", true is not "true". A list compares as the text that it is
 * written as. Of other types, `!=` alone holds.
 */
function param(name: string, op: FilterOperator, value: Value): Prisma.Sql {
  const contained = op === "=" ? containsParam(name, value) : null;
  if (contained) return contained;
  const json = paramSql(name);
  const type = Prisma.sql`jsonb_typeof(${json})`;
  const text = Prisma.sql`(${json} #>> '{}')`;
  const ofType = (types: Prisma.Sql, comparison: Prisma.Sql) => {
    const otherwise = op === "!=" ? Prisma.sql`${type} <> 'null'` : nothing;
    return Prisma.sql`CASE WHEN ${type} IN ${types} THEN ${comparison} ELSE ${otherwise} END`;
  };
  if (typeof value === "number") {
    return ofType(Prisma.sql`('number')`, numeric(Prisma.sql`${text}::float8`, op, value));
  }
  if (typeof value === "boolean") {
    return ofType(Prisma.sql`('boolean')`, Prisma.sql`${text} ${operators[op]} ${String(value)}::text`);
  }
  const types = Prisma.sql`('string', 'array', 'object')`;
  return ofType(types, Prisma.sql`${text} ${operators[op]} ${value}::text`);
}

/**
 * A metric by the value that stands for the run, as tables and sorting have it. NaN satisfies no comparison. Looked up run by run:
 * a page of a common condition then ends soon, and of a rare one `filter-indexes.ts` names the runs.
 */
function metric(name: string, op: FilterOperator, value: Value, joined: string | null): Prisma.Sql {
  // PostgreSQL counts NaN as larger than every number.
  const own =
    name === joined ? summaryValue("s") : Prisma.sql`nullif(${metricSql(name, "selected")}, 'NaN'::float8)`;
  return numeric(own, op, value);
}

/** What there is of a value, and which of them is NaN; a number in JSON never is, but a text may say it. */
function ofField({ field }: FilterClause): { value: Prisma.Sql; nan: Prisma.Sql } {
  if (field.kind === "metric") {
    const value = metricSql(field.name, "selected");
    return { value, nan: Prisma.sql`${value} = 'NaN'::float8` };
  }
  if (field.kind === "param") {
    const value = Prisma.sql`nullif(${paramSql(field.name)}, 'null'::jsonb)`;
    return { value, nan: Prisma.sql`lower(${value} #>> '{}') = 'nan'` };
  }
  const { value, type } = attributeOf(field.name, filterableAttributes);
  const nan = type === "number" ? Prisma.sql`${value} = 'NaN'::float8` : Prisma.sql`false`;
  return { value, nan };
}

function state(clause: FilterClause, op: StateOperator): Prisma.Sql {
  const { value, nan } = ofField(clause);
  switch (op) {
    case "is null":
      return Prisma.sql`${value} IS NULL`;
    case "is not null":
      return Prisma.sql`${value} IS NOT NULL`;
    case "is nan":
      return Prisma.sql`coalesce(${nan}, false)`;
    case "is not nan":
      return Prisma.sql`(${value} IS NOT NULL AND NOT coalesce(${nan}, false))`;
  }
}

/** The SQL of one condition over `runs r`. @throws UnknownAttributeError */
function clauseSql(clause: FilterClause, joined: string | null): Prisma.Sql {
  if (!("value" in clause)) return state(clause, clause.op);
  const { field, op, value } = clause;
  if (field.kind === "metric") return metric(field.name, op, value, joined);
  return { param, attribute }[field.kind](field.name, op, value);
}

/**
 * The SQL of a filter over `runs r`; every value is a parameter. A missing value satisfies `is null` alone, and NaN none but
 * `is nan` and `is not null`.
 *
 * @param joined the metric whose `metric_summaries s` stands beside `r` already; null for none
 * @throws UnknownAttributeError
 */
export const filterSql = (filter: RunFilter, joined: string | null): Prisma.Sql[] =>
  filter.all.map((clause) => clauseSql(clause, joined));
