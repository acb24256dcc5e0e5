import { type RunColumn, type RunField, type RunValue, runColumns } from "@reprise/contracts";
import { UnknownAttributeError } from "./errors.js";
import { Prisma } from "./generated/client.js";

/** SQL of a value of `runs r`: null where the run has none. `least` stands for null in comparisons of rows. */
export type FieldSql = { value: Prisma.Sql; type: Prisma.Sql; least: Prisma.Sql };

const text = (value: Prisma.Sql): FieldSql => ({ value, type: Prisma.sql`text`, least: Prisma.sql`''` });
const float = (value: Prisma.Sql): FieldSql => ({
  value,
  type: Prisma.sql`float8`,
  least: Prisma.sql`0::float8`,
});
const whole = (value: Prisma.Sql): FieldSql => ({ value, type: Prisma.sql`int8`, least: Prisma.sql`0` });

const columns: Record<RunColumn, FieldSql> = {
  position: whole(Prisma.sql`r.position::int8`),
  createdAt: {
    value: Prisma.sql`r.created_at`,
    type: Prisma.sql`timestamptz`,
    least: Prisma.sql`'-infinity'::timestamptz`,
  },
  durationMs: float(Prisma.sql`r.duration_ms`),
  configurationLabel: text(Prisma.sql`r.configuration_label`),
  seed: whole(Prisma.sql`r.seed::int8`),
  arm: text(Prisma.sql`r.arm`),
  mode: text(Prisma.sql`r.mode::text`),
  repeat: whole(Prisma.sql`r.repeat::int8`),
  status: text(Prisma.sql`r.status::text`),
  dataset: text(Prisma.sql`r.dataset`),
  trainer: text(Prisma.sql`r.trainer`),
  digest: text(Prisma.sql`r.digest`),
  workerName: text(Prisma.sql`r.worker_name`),
  sweepId: text(Prisma.sql`r.sweep_id::text`),
  peakResidentMemoryBytes: whole(Prisma.sql`r.peak_resident_memory_bytes`),
  meanCpuPercent: float(Prisma.sql`r.mean_cpu_percent`),
};

const summaryColumns: Record<RunValue, Prisma.Sql> = {
  selected: Prisma.sql`coalesce(m.selected, m.last)`,
  last: Prisma.sql`m.last`,
  best: Prisma.sql`m.best`,
  min: Prisma.sql`m.min`,
  max: Prisma.sql`m.max`,
};

/** The value of a metric that stands for a run: at the selected epoch the latest one until it has been selected. */
export function metricSql(name: string, value: RunValue): Prisma.Sql {
  return Prisma.sql`(SELECT ${summaryColumns[value]} FROM metric_summaries m
    WHERE m.run_id = r.id AND m.key = ${name}::text)`;
}

/**
 * A field by which runs are sorted or grouped. Hyperparameters are as used, or, before the trainer has said so, as asked
 * for. A metric that is no number counts as missing.
 *
 * @throws UnknownAttributeError
 */
export function fieldSql(field: RunField): FieldSql {
  if (field.kind === "metric") {
    return {
      value: Prisma.sql`nullif(${metricSql(field.name, "selected")}, 'NaN')`,
      type: Prisma.sql`float8`,
      least: Prisma.sql`0::float8`,
    };
  }
  if (field.kind === "param") {
    return {
      value: Prisma.sql`coalesce(r.effective_params -> ${field.name}::text, r.params -> ${field.name}::text)`,
      type: Prisma.sql`jsonb`,
      least: Prisma.sql`'null'::jsonb`,
    };
  }
  const known = runColumns.find((name) => name === field.name);
  if (!known) throw new UnknownAttributeError(field.name, runColumns);
  return columns[known];
}
