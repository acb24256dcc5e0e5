import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  canonicalJson,
  type Environment,
  type ImportAnswer,
  metricsOfStudy,
  type RunOrigin,
  runOrigin,
  type SweepOrigin,
  type SweepSpec,
  storedRequest,
  sweepSpec,
} from "@reprise/contracts";
import { v7 as uuidv7 } from "uuid";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { ImportRefusedError } from "../errors.js";
import { writeLiveEvents } from "../live/live-events.js";
import { storable, storableJson, storableText } from "../storable.js";
import { lockSweep, refreshSweep } from "../sweeps/sweep-state.js";
import { requireSweep } from "../sweeps/sweeps.js";
import { type ImportedRun, type ImportRows, importRows } from "./import-rows.js";

/** What is known of a run before its histories are read. */
type Planned = Omit<
  ImportedRun,
  "series" | "finals" | "origin" | "endedAt" | "attempts" | "environmentId" | "best"
> & {
  row: number;
  sourceStatus: RunOrigin["status"];
  environment: Environment["values"] | null;
  valuesDigest: string | null;
};

export type StudyToImport<P extends Planned> = {
  spec: SweepSpec;
  specDigest: string;
  origin: Omit<SweepOrigin, "at">;
  /** The study to add to; null begins one. */
  into: string | null;
  runs: readonly P[];
  /** Repeats and places of runs among those that a study has. */
  planAmong: (runs: readonly P[], existing: readonly ExistingPlace[]) => P[];
  /** The rest of a run, read when its turn comes. */
  complete: (run: P) => Pick<ImportedRun, "series" | "finals" | "origin" | "endedAt" | "attempts" | "best">;
  onProgress?: (written: number, total: number) => void;
};

type ExistingPlace = Pick<ImportedRun, "configurationKey" | "seed" | "arm" | "repeat" | "position">;
type ExistingRow = ExistingPlace & { id: string; name: string; originKey: string | null; origin: unknown };

/** Characters of a statement's rows: enough that the round trip costs nothing, few enough for the memory. */
const batchCharacters = 1_500_000;
/** One study of runs of another tracker, written. */
export const importRunsTimeoutMs = 30 * 60_000;

async function existingIn(sql: Sql, sweepId: string): Promise<ExistingRow[]> {
  return sql.$queryRaw<ExistingRow[]>`
    SELECT id, configuration_key AS "configurationKey", seed::float8 AS seed, arm, repeat, position, origin_key AS "originKey",
      origin, coalesce(origin ->> 'name', '') AS name
    FROM runs WHERE sweep_id = ${sweepId}::uuid AND purpose = 'study' ORDER BY position`;
}

async function beginStudy(
  sql: Sql,
  { spec, specDigest, origin }: Pick<StudyToImport<Planned>, "spec" | "specDigest" | "origin">,
): Promise<string> {
  const id = uuidv7();
  await sql.sweep.create({
    data: {
      id,
      name: storableText(spec.name),
      spec: storable(spec),
      specDigest,
      origin: storable({ ...origin, at: new Date().toISOString() }),
      priority: spec.priority,
      tags: spec.tags.map(storableText),
    },
  });
  return id;
}

/** The study with the seeds and arms that further runs have: its document follows what it holds, as that of logged runs does. */
async function widen(sql: Sql, id: string, added: SweepSpec): Promise<SweepSpec> {
  const row = await sql.sweep.findUniqueOrThrow({ where: { id }, select: { spec: true } });
  const spec = sweepSpec.parse(row.spec);
  const arms = [
    ...(spec.arms ?? []),
    ...(added.arms ?? []).filter(({ name }) => !spec.arms?.some((arm) => arm.name === name)),
  ];
  const wider = {
    ...spec,
    seeds: [...new Set([...spec.seeds, ...added.seeds])].slice(0, 10_000),
    ...(arms.length > 0 ? { arms } : {}),
    metrics: { ...added.metrics, ...spec.metrics },
  };
  await sql.sweep.update({ where: { id }, data: { spec: storable(wider) } });
  return wider;
}

async function insertEnvironments(sql: Sql, runs: readonly Planned[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const rows: { id: string; values: Environment["values"] }[] = [];
  for (const { environment } of runs) {
    if (environment === null) continue;
    const values = storable(environment);
    const text = canonicalJson(values);
    if (ids.has(text)) continue;
    const id = createHash("sha256").update(text).digest("hex");
    ids.set(text, id);
    rows.push({ id, values });
  }
  await sql.environment.createMany({ data: rows, skipDuplicates: true });
  return ids;
}

async function insertBatch(
  sql: Sql,
  sweepId: string,
  spec: SweepSpec,
  batch: readonly ImportRows[],
): Promise<void> {
  const { threads, ranks } = spec.resources;
  const request = storedRequest.parse({
    ...{
      task: spec.task,
      dataset: spec.dataset,
      objective: spec.objective ?? null,
      threshold: spec.threshold,
    },
    ...{ selection: spec.selection, backend: spec.backend, resources: { threads, ranks } },
    ...{ checkpointEveryEpochs: null, checkpointEverySteps: null, keepWeights: spec.keepWeights },
  });
  await sql.$executeRaw`
    INSERT INTO runs (sweep_id, trainer, device_class, dataset, backend_requested, request, planned, enqueued_attempt, id, key,
      position, configuration_key, configuration_label, label_given, params, seed, mode, arm, execution, noise, repeat, status, attempt,
      selected_epoch, pruned_at_step, environment_id, diverged, error, excluded_reason, notes, tags, origin, origin_key, started_at, ended_at, duration_ms)
    SELECT ${sweepId}::uuid, ${spec.trainer}, 'cpu', ${spec.dataset.name}, ${spec.backend}, ${storableJson(request)}::jsonb, false,
      x.attempt, x.id, x.key, x.position, x.configuration_key, x.configuration_label, x.label_given, x.params, x.seed, x.mode, x.arm,
      x.execution, x.noise, x.repeat, x.status, x.attempt, x.selected_epoch, x.pruned_at_step, x.environment_id, nullif(x.diverged, 'null'::jsonb),
      nullif(x.error, 'null'::jsonb), x.excluded_reason, x.notes, ARRAY(SELECT jsonb_array_elements_text(x.tags)), x.origin,
      x.origin_key, x.started_at, x.ended_at, x.duration_ms
    FROM json_to_recordset(${storableJson(batch.map(({ run }) => run))}::json) AS x(id uuid, key text, position int,
      configuration_key text, configuration_label text, label_given boolean, params jsonb, seed bigint, mode "Mode", arm text,
      execution jsonb, noise jsonb, repeat int, status "RunStatus", attempt int, selected_epoch int, pruned_at_step int, environment_id text,
      diverged jsonb, error jsonb, excluded_reason text, notes text, tags jsonb, origin jsonb, origin_key text,
      started_at timestamptz, ended_at timestamptz, duration_ms float8)`;
  const attempts = batch.flatMap(({ attempt }) => attempt ?? []);
  await sql.$executeRaw`
    INSERT INTO attempts (run_id, number, status, started_at, heartbeat_at, ended_at, error)
    SELECT x.run_id, x.number, x.status, x.started_at, coalesce(x.ended_at, x.started_at), x.ended_at, nullif(x.error, 'null'::jsonb)
    FROM json_to_recordset(${storableJson(attempts)}::json) AS x(run_id uuid, number int, status "AttemptStatus",
      started_at timestamptz, ended_at timestamptz, error jsonb)`;
  await sql.$executeRaw`
    INSERT INTO metric_chunks (run_id, attempt, batch, key, steps, "values", wall_times)
    SELECT x.run_id, x.attempt, 0, x.key, x.steps, x."values", x.wall_times
    FROM json_to_recordset(${storableJson(batch.flatMap(({ chunks }) => chunks))}::json) AS x(
      run_id uuid, attempt int, key text, steps int[], "values" float8[], wall_times float8[])`;
  await sql.$executeRaw`
    INSERT INTO metric_summaries (run_id, key, count, first, last, last_step, superseded, final, min, max, min_step, max_step, best,
      best_step, direction, selected, non_finite_step, non_finite_value, non_finite_since)
    SELECT x.* FROM json_to_recordset(${storableJson(batch.flatMap(({ summaries }) => summaries))}::json) AS x(
      run_id uuid, key text, count int, first float8, last float8, last_step int, superseded int, final float8,
      min float8, max float8, min_step int, max_step int, best float8, best_step int, direction text, selected float8,
      non_finite_step int, non_finite_value float8, non_finite_since int)`;
}

/** What to do with runs of which the study has some already. */
function sorted<P extends Planned>(runs: readonly P[], existing: readonly ExistingRow[]) {
  const known = new Map(
    existing.flatMap((row) => (row.originKey === null ? [] : [[row.originKey, row] as const])),
  );
  const fresh: P[] = [];
  const replaced: { id: string; run: P }[] = [];
  const changed: string[] = [];
  let skipped = 0;
  for (const run of runs) {
    const there = known.get(run.originKey);
    if (!there) {
      fresh.push(run);
      continue;
    }
    const origin = runOrigin.parse(there.origin);
    const isSame = origin.valuesDigest === run.valuesDigest && origin.status === run.sourceStatus;
    if (isSame) skipped += 1;
    else if (origin.isOpen) replaced.push({ id: there.id, run });
    else changed.push(origin.name);
  }
  return { fresh, replaced, changed, skipped };
}

async function spanOf(sql: Sql, id: string): Promise<void> {
  await sql.$executeRaw`
    UPDATE sweeps s SET started_at = x.first, ended_at = coalesce(x.last, s.created_at)
    FROM (SELECT min(started_at) AS first, max(ended_at) AS last FROM runs WHERE sweep_id = ${id}::uuid AND purpose = 'study') x
    WHERE s.id = ${id}::uuid`;
}

/**
 * Writes runs of another tracker, all in one transaction: all of them or nothing. Runs that the study has already are skipped, so
 * that the same may be imported again; what had not ended then is replaced by what it is now.
 *
 * @throws ImportRefusedError where the study is unknown or its runs are trained by workers
 */
export function importRuns<P extends Planned>(
  db: Database,
  input: StudyToImport<P>,
): Promise<ImportAnswer["studies"][number]> {
  return inTransaction(
    db,
    async (sql) => {
      // One import at a time: two of the same source would not see each other's runs.
      await sql.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('reprise import of runs'))`;
      if (input.into !== null && !(await lockSweep(sql, input.into))) {
        throw new ImportRefusedError(input.into, "there is no such study");
      }
      const sweepId = input.into ?? (await beginStudy(sql, input));
      const spec = input.into === null ? input.spec : await widen(sql, sweepId, input.spec);
      if (spec.trainer !== input.spec.trainer) {
        throw new ImportRefusedError(
          sweepId,
          `the runs of this study are trained by workers (trainer ${spec.trainer})`,
          "conflict",
        );
      }
      const existing = input.into === null ? [] : await existingIn(sql, sweepId);
      const { fresh, replaced, changed, skipped } = sorted(input.runs, existing);
      const gone = new Set(replaced.map(({ id }) => id));
      await sql.run.deleteMany({ where: { id: { in: [...gone] } } });
      const planned = input.planAmong(
        [...fresh, ...replaced.map(({ run }) => run)],
        existing.filter(({ id }) => !gone.has(id)),
      );
      const environments = await insertEnvironments(sql, planned);
      const declared = metricsOfStudy({ spec });
      let batch: ImportRows[] = [];
      let characters = 0;
      let done = 0;
      // The rows of one batch are made while the database takes the one before.
      let writing = Promise.resolve();
      for (const run of planned) {
        const environmentId =
          run.environment === null
            ? null
            : (environments.get(canonicalJson(storable(run.environment))) ?? null);
        const rows = importRows({ ...run, ...input.complete(run), environmentId }, declared);
        batch.push(rows);
        // Three numbers of some ten characters a point.
        characters += 4_000 + 35 * rows.points;
        done += 1;
        await nextTurn();
        if (characters < batchCharacters && done < planned.length) continue;
        await writing;
        input.onProgress?.(done - batch.length, planned.length);
        writing = insertBatch(sql, sweepId, spec, batch);
        // Awaited below; until then a failure is nobody's unhandled one.
        writing.catch(() => {});
        batch = [];
        characters = 0;
      }
      await writing;
      input.onProgress?.(planned.length, planned.length);
      await spanOf(sql, sweepId);
      const event = await refreshSweep(sql, sweepId);
      const { name } = await requireSweep(sql, sweepId);
      await writeLiveEvents(sql, [event]);
      const isNew = input.into === null;
      return { sweepId, name, isNew, added: fresh.length, skipped, replaced: replaced.length, changed };
    },
    { timeoutMs: importRunsTimeoutMs },
  );
}

/** The study that holds most of some runs already, the newest of several; null where none does. */
export async function studyOfOrigins(
  db: Database,
  originKeys: readonly string[],
): Promise<{ sweepId: string; name: string; runs: number } | null> {
  const [row] = await db.prisma.$queryRaw<{ sweepId: string; name: string; runs: number }[]>`
    SELECT s.id AS "sweepId", s.name, count(*)::int AS runs FROM runs r JOIN sweeps s ON s.id = r.sweep_id
    WHERE r.origin_key = ANY(${[...originKeys]}::text[]) AND r.purpose = 'study'
    GROUP BY s.id, s.name, s.created_at ORDER BY count(*) DESC, s.created_at DESC LIMIT 1`;
  return row ?? null;
}
