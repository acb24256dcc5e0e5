import {
  conditionText,
  didYouMean,
  type FilterClause,
  fieldText,
  filterableAttributes,
  type RunFilter,
  runFlag,
  valueText,
} from "@reprise/contracts";
import type { Database } from "../connect.js";
import type { Prisma } from "../generated/client.js";
import { type RunSelection, selectionSql, whereSql } from "./run-conditions.js";
import { attributeOf, metricSql, paramSql } from "./run-fields.js";

/** Values of a text that are named at most, when none of them was asked for. */
const namedValues = 6;

const plurals = new Map([
  ["number", "numbers"],
  ["boolean", "true or false"],
  ["string", "text"],
  ["array", "lists"],
  ["object", "objects"],
]);

type Asked = { db: Database; runs: Prisma.Sql };

async function unknownName({ db, runs }: Asked, clause: FilterClause): Promise<string> {
  const { kind, name } = clause.field;
  const rows =
    kind === "metric"
      ? await db.prisma.$queryRaw<Array<{ name: string }>>`
          SELECT DISTINCT m.key AS name FROM metric_summaries m
          WHERE m.run_id IN (SELECT r.id FROM runs r ${runs}) ORDER BY name LIMIT 1000`
      : await db.prisma.$queryRaw<Array<{ name: string }>>`
          SELECT DISTINCT name FROM runs r, jsonb_object_keys(r.params || coalesce(r.effective_params, '{}')) AS name
          ${runs} ORDER BY name LIMIT 1000`;
  const known = rows.map((row) => row.name);
  const what = kind === "metric" ? "metric" : "hyperparameter";
  return `No run here has a ${what} ${name}. ${didYouMean(name, known)}`;
}

async function hintOfMetric(asked: Asked, clause: FilterClause): Promise<string | null> {
  const value = metricSql(clause.field.name, "selected");
  const [row] = await asked.db.prisma.$queryRaw<Array<{ n: number; nan: number }>>`
    SELECT count(value)::int AS n, (count(*) FILTER (WHERE value = 'NaN'))::int AS nan
    FROM (SELECT ${value} AS value FROM runs r ${asked.runs}) AS found`;
  if (!row || clause.op === "is null") return null;
  if (row.n === 0) return unknownName(asked, clause);
  const field = fieldText(clause.field);
  if (row.nan > 0 && "value" in clause) {
    const how =
      row.nan === row.n ? "every run here that has it" : `${row.nan} of ${row.n} runs here that have it`;
    return `${field} is NaN in ${how}, and NaN satisfies no comparison. Write: ${field} is nan`;
  }
  return null;
}

/** The value in the type that runs hold; null where it has no form in it. */
function inType(value: string | number | boolean, type: string): string | number | boolean | null {
  if (type === "string") return String(value);
  if (typeof value !== "string") return null;
  if (type === "boolean" && /^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  return type === "number" && value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : null;
}

async function hintOfParam(asked: Asked, clause: FilterClause): Promise<string | null> {
  const { field } = clause;
  const rows = await asked.db.prisma.$queryRaw<Array<{ type: string }>>`
    SELECT jsonb_typeof(value) AS type FROM (SELECT ${paramSql(field.name)} AS value FROM runs r ${asked.runs}) AS found
    WHERE value IS NOT NULL GROUP BY type ORDER BY count(*) DESC, type`;
  const types = rows.flatMap(({ type }) => (plurals.has(type) ? type : []));
  if (clause.op === "is null") return null;
  if (rows.length === 0) return unknownName(asked, clause);
  if (!("value" in clause)) return null;
  const given = { string: ["string", "array", "object"], number: ["number"], boolean: ["boolean"] };
  const own = typeof clause.value;
  if (own !== "string" && own !== "number" && own !== "boolean") return null;
  if (types.length === 0 || types.some((type) => given[own].includes(type))) return null;
  const [type = ""] = types;
  const meant = inType(clause.value, type);
  const holds = types.map((each) => plurals.get(each)).join(" and ");
  const written = type === "string" ? "text in quotes" : "numbers, true and false without quotes";
  const example =
    meant === null || clause.op === "like"
      ? ""
      : ` Write: ${fieldText(field)} ${clause.op} ${valueText(meant)}`;
  return `${fieldText(field)} holds ${holds} here, and ${valueText(clause.value)} is none of them: ${written}.${example}`;
}

async function hintOfAttribute({ db, runs }: Asked, clause: FilterClause): Promise<string | null> {
  const { name } = clause.field;
  if (runFlag.safeParse(name).success || !("value" in clause) || clause.op !== "=") return null;
  const { value, type } = attributeOf(name, filterableAttributes);
  if (type !== "text") return null;
  const rows = await db.prisma.$queryRaw<Array<{ value: string }>>`
    SELECT value FROM (SELECT ${value} AS value FROM runs r ${runs}) AS found
    WHERE value IS NOT NULL GROUP BY value ORDER BY count(*) DESC, value LIMIT ${namedValues + 1}`;
  if (rows.length === 0)
    return `No run here has a value of ${name}. Write: ${conditionText(clause.field, null)}`;
  if (rows.some((row) => row.value === clause.value)) return null;
  const named = rows.slice(0, namedValues).map((row) => valueText(row.value));
  return `${name} is ${named.join(", ")}${rows.length > namedValues ? " or another value" : ""} here.`;
}

/**
 * Why a filter finds nothing among runs of which there are some, a sentence for each condition of which that can be told: a
 * name that none of them has, a value of another type, a metric that is NaN.
 */
export async function filterHints(
  db: Database,
  { where, ...selection }: RunSelection & { where?: RunFilter },
): Promise<string[]> {
  if (!where || where.all.length === 0) return [];
  const asked = { db, runs: whereSql(selectionSql(selection)) };
  const [any] = await db.prisma.$queryRaw<
    Array<{ id: string }>
  >`SELECT r.id FROM runs r ${asked.runs} LIMIT 1`;
  if (!any) return [];
  const hintOf = { metric: hintOfMetric, param: hintOfParam, attribute: hintOfAttribute };
  const hints = await Promise.all(where.all.map((clause) => hintOf[clause.field.kind](asked, clause)));
  return hints.flatMap((hint) => hint ?? []);
}
