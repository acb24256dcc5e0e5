import { UnknownAttributeError } from "./errors.js";
import { Prisma } from "./generated/client.js";
import { metricSql } from "./run-fields.js";

export type FilterField = { kind: "metric" | "param" | "attribute"; name: string };
export type FilterOperator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "like";
export type FilterCondition = { field: FilterField; op: FilterOperator; value: string | number | boolean };
/** Conditions that all have to hold. */
export type RunFilter = { all: FilterCondition[] };

/** Attributes that a filter may name, with the SQL of their value. Numbers compare as numbers, the rest as text. */
const attributes: Record<string, { type: "text" | "number" | "time"; sql: Prisma.Sql }> = {
  id: { type: "text", sql: Prisma.sql`r.id::text` },
  key: { type: "text", sql: Prisma.sql`r.key` },
  status: { type: "text", sql: Prisma.sql`r.status::text` },
  mode: { type: "text", sql: Prisma.sql`r.mode::text` },
  purpose: { type: "text", sql: Prisma.sql`r.purpose::text` },
  arm: { type: "text", sql: Prisma.sql`r.arm` },
  configurationKey: { type: "text", sql: Prisma.sql`r.configuration_key` },
  configurationLabel: { type: "text", sql: Prisma.sql`r.configuration_label` },
  trainer: { type: "text", sql: Prisma.sql`r.trainer` },
  dataset: { type: "text", sql: Prisma.sql`r.dataset` },
  digest: { type: "text", sql: Prisma.sql`r.digest` },
  environmentId: { type: "text", sql: Prisma.sql`r.environment_id` },
  backendRequested: { type: "text", sql: Prisma.sql`r.backend_requested` },
  backendUsed: { type: "text", sql: Prisma.sql`r.backend_used` },
  workerName: { type: "text", sql: Prisma.sql`r.worker_name` },
  notes: { type: "text", sql: Prisma.sql`r.notes` },
  excludedReason: { type: "text", sql: Prisma.sql`r.excluded_reason` },
  seed: { type: "number", sql: Prisma.sql`r.seed::float8` },
  repeat: { type: "number", sql: Prisma.sql`r.repeat::float8` },
  position: { type: "number", sql: Prisma.sql`r.position::float8` },
  attempt: { type: "number", sql: Prisma.sql`r.attempt::float8` },
  selectedEpoch: { type: "number", sql: Prisma.sql`r.selected_epoch::float8` },
  durationMs: { type: "number", sql: Prisma.sql`r.duration_ms` },
  peakResidentMemoryBytes: { type: "number", sql: Prisma.sql`r.peak_resident_memory_bytes::float8` },
  meanCpuPercent: { type: "number", sql: Prisma.sql`r.mean_cpu_percent` },
  createdAt: { type: "time", sql: Prisma.sql`r.created_at` },
  startedAt: { type: "time", sql: Prisma.sql`r.started_at` },
  endedAt: { type: "time", sql: Prisma.sql`r.ended_at` },
};

/** Names that a filter may use as attributes. */
export const runAttributes: readonly string[] = Object.keys(attributes);

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

function attribute({ field, op, value }: FilterCondition): Prisma.Sql {
  const known = Object.hasOwn(attributes, field.name) ? attributes[field.name] : undefined;
  if (!known) throw new UnknownAttributeError(field.name, runAttributes);
  if (known.type === "number") return numeric(known.sql, op, value);
  if (known.type === "text") return textual(known.sql, op, value);
  const time = new Date(String(value));
  if (op === "like" || Number.isNaN(time.getTime())) return nothing;
  return Prisma.sql`${known.sql} ${operators[op]} ${time}::timestamptz`;
}

/** A hyperparameter as it was used, or, before the trainer has said so, as it was asked for. */
function param({ field, op, value }: FilterCondition): Prisma.Sql {
  const json = Prisma.sql`coalesce(r.effective_params -> ${field.name}::text, r.params -> ${field.name}::text)`;
  const text = Prisma.sql`(${json} #>> '{}')`;
  if (typeof value === "number") {
    const asNumber = Prisma.sql`CASE WHEN jsonb_typeof(${json}) = 'number' THEN ${text}::float8 END`;
    return numeric(Prisma.sql`(${asNumber})`, op, value);
  }
  return textual(text, op, value);
}

/** A metric by the value that stands for the run, as tables and sorting have it. NaN satisfies `= NaN` alone. */
function metric({ field, op, value }: FilterCondition): Prisma.Sql {
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
  return filter.all.map((condition) => {
    if (condition.field.kind === "metric") return metric(condition);
    if (condition.field.kind === "param") return param(condition);
    return attribute(condition);
  });
}
