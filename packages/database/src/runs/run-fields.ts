import {
  type RunAttribute,
  type RunField,
  type RunFlag,
  type RunValue,
  runAttributes,
  runFlag,
} from "@reprise/contracts";
import { UnknownAttributeError } from "../errors.js";
import { Prisma } from "../generated/client.js";

/** Where every attribute of `runs r` is found. */
const attributes: Record<RunAttribute, Prisma.Sql> = {
  id: Prisma.sql`r.id::text`,
  sweepId: Prisma.sql`r.sweep_id::text`,
  key: Prisma.sql`r.key`,
  purpose: Prisma.sql`r.purpose::text`,
  sourceRunId: Prisma.sql`r.source_run_id::text`,
  configurationKey: Prisma.sql`r.configuration_key`,
  configurationLabel: Prisma.sql`r.configuration_label`,
  seed: Prisma.sql`r.seed`,
  arm: Prisma.sql`r.arm`,
  repeat: Prisma.sql`r.repeat`,
  mode: Prisma.sql`r.mode::text`,
  status: Prisma.sql`r.status::text`,
  prunedAtStep: Prisma.sql`r.pruned_at_step`,
  durationMs: Prisma.sql`r.duration_ms`,
  selectedEpoch: Prisma.sql`r.selected_epoch`,
  digest: Prisma.sql`r.digest`,
  dataset: Prisma.sql`r.dataset`,
  trainer: Prisma.sql`r.trainer`,
  workerName: Prisma.sql`r.worker_name`,
  backendRequested: Prisma.sql`r.backend_requested`,
  backendUsed: Prisma.sql`r.backend_used`,
  environmentId: Prisma.sql`r.environment_id`,
  createdAt: Prisma.sql`r.created_at`,
  startedAt: Prisma.sql`r.started_at`,
  endedAt: Prisma.sql`r.ended_at`,
  position: Prisma.sql`r.position`,
  attempt: Prisma.sql`r.attempt`,
  peakResidentMemoryBytes: Prisma.sql`r.peak_resident_memory_bytes`,
  meanCpuPercent: Prisma.sql`r.mean_cpu_percent`,
  departures: Prisma.sql`r.departures`,
  excludedReason: Prisma.sql`r.excluded_reason`,
  notes: Prisma.sql`r.notes`,
};

/** Whether each flag holds of `runs r`. */
const flags: Record<RunFlag, Prisma.Sql> = { diverged: Prisma.sql`(r.diverged IS NOT NULL)` };

/** SQL of a flag by its name; null where it is none. */
export function flagSql(name: string): Prisma.Sql | null {
  const { data } = runFlag.safeParse(name);
  return data === undefined ? null : flags[data];
}

/** SQL of a value of `runs r`: null where the run has none. `least` stands for null in comparisons of rows. */
export type FieldSql = { value: Prisma.Sql; type: Prisma.Sql; least: Prisma.Sql };

/** SQL types by the types of attributes. */
const types = {
  text: { type: Prisma.sql`text`, least: Prisma.sql`''` },
  integer: { type: Prisma.sql`int8`, least: Prisma.sql`0` },
  number: { type: Prisma.sql`float8`, least: Prisma.sql`0::float8` },
  time: { type: Prisma.sql`timestamptz`, least: Prisma.sql`'-infinity'::timestamptz` },
};

/** An attribute by its name, if it is among those that may be asked for. @throws UnknownAttributeError */
export function attributeOf(name: string, among: readonly RunAttribute[]) {
  const known = among.find((candidate) => candidate === name);
  if (!known) throw new UnknownAttributeError(name, among);
  return { value: attributes[known], type: runAttributes[known].type };
}

/**
 * The value of a metric that stands for a run, of its row of `metric_summaries`; null where that is NaN. There is an index of metrics
 * by this expression (`metric_summaries_key_value_idx`).
 */
export const summaryValue = (row: "s"): Prisma.Sql =>
  Prisma.sql`nullif(coalesce(${Prisma.raw(row)}.selected, ${Prisma.raw(row)}.last), 'NaN'::float8)`;

/** Values of `metric_summaries m` by their names. */
export const summaryColumns: Record<RunValue, Prisma.Sql> = {
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

/** All hyperparameters of a run, as {@link paramSql} has each. There is an index by what this contains (`runs_params_idx`). */
export const paramsSql = Prisma.sql`(r.params || coalesce(r.effective_params, '{}'::jsonb))`;

/** A hyperparameter as it was used, or, before the trainer has said so, as it was asked for. */
export const paramSql = (name: string): Prisma.Sql =>
  Prisma.sql`coalesce(r.effective_params -> ${name}::text, r.params -> ${name}::text)`;

/**
 * A field by which runs are sorted or grouped, attributes among those given. Hyperparameters are as used, or, before the
 * trainer has said so, as asked for. A metric that is no number counts as missing.
 *
 * @throws UnknownAttributeError
 */
export function fieldSql(field: RunField, among: readonly RunAttribute[]): FieldSql {
  if (field.kind === "metric") {
    return { value: Prisma.sql`nullif(${metricSql(field.name, "selected")}, 'NaN')`, ...types.number };
  }
  if (field.kind === "param") {
    return {
      value: paramSql(field.name),
      type: Prisma.sql`jsonb`,
      least: Prisma.sql`'null'::jsonb`,
    };
  }
  const flag = flagSql(field.name);
  if (flag) return { value: flag, type: Prisma.sql`boolean`, least: Prisma.sql`false` };
  const { value, type } = attributeOf(field.name, among);
  return { value, ...types[type] };
}
