import {
  type DeclaredMetric,
  metricDeclarations,
  metricsOfStudy,
  type Page,
  type PlannedRun,
  type SequentialRecord,
  type StripRun,
  type StudyLabels,
  type Sweep,
  type SweepPatch,
  type SweepSpec,
  type SweepStatus,
  storedRequest,
  sweepSpec,
  trainingDivergence,
} from "@reprise/contracts";
import { v7 as uuidv7 } from "uuid";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { notifyControl, writeLiveEvents } from "../live/live-events.js";
import { decodeCursor, encodeCursor } from "../paging.js";
import { writeConfigurationLabels } from "../runs/configuration-labels.js";
import { storable, storableJson, storableText } from "../storable.js";
import { conflict, notFound, type Transition } from "../transition.js";
import { redirectMetrics } from "./metric-declarations.js";
import { lockSweep, refreshSweep } from "./sweep-state.js";
import { endedStatuses } from "./sweep-status.js";
import { toSweeps } from "./sweep-view.js";

const insertChunk = 2_000;

/** A sequential study before its first look. */
export const notLooked: SequentialRecord = { looks: [], end: null };

/**
 * Writes runs as rows of JSON: a hundred times faster than the typed client for the thousands that sweeps have.
 *
 * @param sweep.traceparent of the request that asks for them
 */
export async function insertRuns(
  sql: Sql,
  sweep: { id: string; deviceClass: string; spec: SweepSpec; traceparent?: string | null },
  runs: readonly PlannedRun[],
): Promise<void> {
  const { spec } = sweep;
  const { threads, ranks, requires } = spec.resources;
  const request = storedRequest.parse({
    task: spec.task,
    dataset: spec.dataset,
    objective: spec.objective ?? null,
    threshold: spec.threshold,
    selection: spec.selection,
    backend: spec.backend,
    resources: { threads, ranks },
    checkpointEveryEpochs: spec.checkpointEveryEpochs,
    checkpointEverySteps: spec.checkpointEverySteps,
    keepWeights: spec.keepWeights,
    keepThumbnails: spec.keepThumbnails,
  });
  for (let start = 0; start < runs.length; start += insertChunk) {
    const rows = runs.slice(start, start + insertChunk).map((run) => ({
      id: uuidv7(),
      key: run.key,
      position: run.position,
      configuration_key: run.configurationKey,
      configuration_label: run.configurationLabel,
      label_given: run.labelGiven,
      params: run.params,
      seed: run.seed,
      mode: run.mode,
      arm: run.arm,
      execution: run.execution,
      noise: run.noise,
      repeat: run.repeat,
    }));
    await sql.$executeRaw`
      INSERT INTO runs (sweep_id, trainer, device_class, requires, dataset, backend_requested, request, traceparent, id, key, position,
        configuration_key, configuration_label, label_given, params, seed, mode, arm, execution, noise, repeat)
      SELECT ${sweep.id}::uuid, ${spec.trainer}, ${sweep.deviceClass}, ${storableJson(requires)}::jsonb,
        ${spec.dataset.name}, ${spec.backend},
        ${storableJson(request)}::jsonb, ${sweep.traceparent ?? null}::text, x.*
      FROM json_to_recordset(${storableJson(rows)}::json) AS x(id uuid, key text, position int,
        configuration_key text, configuration_label text, label_given boolean, params jsonb, seed bigint, mode "Mode", arm text,
        execution jsonb, noise jsonb, repeat int)
      ON CONFLICT (sweep_id, key) DO NOTHING`;
  }
}

async function readSweep(sql: Sql, id: string): Promise<Sweep | null> {
  const row = await sql.sweep.findUnique({ where: { id } });
  return row ? ((await toSweeps(sql, [row]))[0] ?? null) : null;
}

/** A sweep that is known to exist, because the transaction holds its lock. */
export async function requireSweep(sql: Sql, id: string): Promise<Sweep> {
  const sweep = await readSweep(sql, id);
  if (!sweep) throw new Error(`Sweep ${id} vanished while it was locked`);
  return sweep;
}

export type NewSweep = {
  spec: SweepSpec;
  specDigest: string;
  analysisPlanDigest: string | null;
  preset: string | null;
  deviceClass: "cpu" | "gpu";
  runs: readonly PlannedRun[];
  /** Of the request that asks for it; absent where that is not traced. */
  traceparent?: string | null;
};

/** Writes a sweep with all its runs in one transaction; dispatchers are told. */
export function createSweep(db: Database, input: NewSweep): Promise<Sweep> {
  return inTransaction(db, (sql) => createSweepIn(sql, input));
}

/** The same within a transaction. */
export async function createSweepIn(sql: Sql, input: NewSweep): Promise<Sweep> {
  const { spec } = input;
  const id = uuidv7();
  await sql.sweep.create({
    data: {
      id,
      name: storableText(spec.name),
      spec: storable(spec),
      specDigest: input.specDigest,
      ...(spec.design ? { sequential: storable(notLooked) } : {}),
      analysisPlanDigest: input.analysisPlanDigest,
      preset: input.preset,
      priority: spec.priority,
      maxParallelRuns: spec.maxParallelRuns,
      tags: spec.tags.map(storableText),
    },
  });
  const { deviceClass, traceparent } = input;
  await insertRuns(sql, { id, deviceClass, spec, traceparent }, input.runs);
  const event = await refreshSweep(sql, id);
  const sweep = await requireSweep(sql, id);
  await notifyControl(sql, [{ type: "runs-queued" }]);
  await writeLiveEvents(sql, [event]);
  return sweep;
}

/**
 * Extends a sweep to a larger spec. Runs whose key it has already stay as they are, but for the label of their configuration;
 * new ones come after them, in the order given. Null when there is no such sweep.
 */
export function addRuns(
  db: Database,
  sweepId: string,
  runs: readonly PlannedRun[],
  extension: {
    spec: SweepSpec;
    specDigest: string;
    labels: StudyLabels["labels"];
    /** Of the request that asks for the runs; absent where that is not traced. */
    traceparent?: string | null;
  },
): Promise<Sweep | null> {
  const { spec, specDigest, labels, traceparent } = extension;
  return inTransaction(db, async (sql) => {
    if (!(await lockSweep(sql, sweepId))) return null;
    const existing = await sql.run.findMany({
      where: { sweepId, purpose: "study" },
      select: { key: true, position: true, deviceClass: true },
      orderBy: { position: "desc" },
    });
    const keys = new Set(existing.map((run) => run.key));
    const next = (existing[0]?.position ?? -1) + 1;
    const added = runs
      .filter((run) => !keys.has(run.key))
      .sort((a, b) => a.position - b.position)
      .map((run, index) => ({ ...run, position: next + index }));
    const deviceClass = existing[0]?.deviceClass ?? "cpu";
    await insertRuns(sql, { id: sweepId, deviceClass, spec, traceparent }, added);
    await writeConfigurationLabels(sql, sweepId, { labels, labelling: null });
    // New work takes back an earlier cancellation: otherwise it could never start.
    const reopened = added.length > 0 ? { cancelRequestedAt: null } : {};
    await sql.sweep.update({
      where: { id: sweepId },
      data: { spec: storable(spec), specDigest, ...reopened },
    });
    const event = await refreshSweep(sql, sweepId);
    const sweep = await requireSweep(sql, sweepId);
    await notifyControl(sql, [{ type: "runs-queued" }]);
    await writeLiveEvents(sql, [event]);
    return sweep;
  });
}

/** What a study says of its runs; unlike {@link getSweep} without looking at them. */
export type StudyDocument = Pick<Sweep, "id" | "spec" | "metrics">;

export const getStudyDocument = (db: Database, id: string): Promise<StudyDocument | null> =>
  readStudyDocument(db.prisma, id);

/** The same within a transaction. */
export async function readStudyDocument(sql: Sql, id: string): Promise<StudyDocument | null> {
  const row = await sql.sweep.findUnique({ where: { id }, select: { spec: true, metrics: true } });
  return row && { id, spec: sweepSpec.parse(row.spec), metrics: metricDeclarations.parse(row.metrics) };
}

export function getSweep(db: Database, id: string): Promise<Sweep | null> {
  return readSweep(db.prisma, id);
}

/** A text as a pattern of LIKE that matches itself: Prisma hands % and _ through. */
const likeLiteral = (text: string) => text.replace(/[\\%_]/g, "\\$&");

const isEnded = { status: { in: [...endedStatuses] } };

/** Newest first; of studies that were put aside those alone, or none. @throws InvalidCursorError */
export async function listSweeps(
  db: Database,
  query: {
    status?: SweepStatus;
    name?: string;
    tag?: string;
    archived?: boolean;
    limit: number;
    cursor?: string;
  },
): Promise<Page<Sweep>> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, "-createdAt");
  const createdAt = after ? new Date(after[1]) : null;
  const rows = await db.prisma.sweep.findMany({
    where: {
      status: query.status,
      name:
        query.name === undefined
          ? undefined
          : { contains: likeLiteral(storableText(query.name)), mode: "insensitive" },
      tags: query.tag === undefined ? undefined : { has: storableText(query.tag) },
      // One that goes on, because runs were added to it, is shown again.
      ...(query.archived
        ? { archivedAt: { not: null }, AND: isEnded }
        : { AND: { OR: [{ archivedAt: null }, { NOT: isEnded }] } }),
      ...(after && createdAt
        ? { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: after[2] } }] }
        : {}),
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: query.limit + 1,
  });
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: await toSweeps(db.prisma, shown),
    nextCursor:
      rows.length > query.limit && last
        ? encodeCursor(["-createdAt", last.createdAt.toISOString(), last.id])
        : null,
  };
}

/**
 * Changes name, tags, notes, priority, or what is declared of metrics; priority also orders what is still queued. Null when
 * there is none.
 *
 * @param announced what the trainer says of the metrics
 */
export function updateSweep(
  db: Database,
  id: string,
  patch: SweepPatch,
  announced: readonly DeclaredMetric[] = [],
): Promise<Transition<Sweep>> {
  return inTransaction(db, async (sql) => {
    const locked = await lockSweep(sql, id);
    if (!locked) return notFound("sweep", id);
    if (patch.archived && !endedStatuses.has(locked.status))
      return conflict(
        `The sweep is ${locked.status}: it is put aside when it has ended. Wait for it, or cancel it.`,
      );
    const before = patch.metrics && (await requireSweep(sql, id)).metrics;
    await sql.sweep.update({
      where: { id },
      data: {
        name: patch.name === undefined ? undefined : storableText(patch.name),
        notes: patch.notes === undefined ? undefined : storableText(patch.notes),
        tags: patch.tags?.map(storableText),
        priority: patch.priority,
        archivedAt:
          patch.archived === undefined ? undefined : patch.archived ? await databaseTime(sql) : null,
        metrics: patch.metrics && storable(patch.metrics),
      },
    });
    if (before && patch.metrics) {
      const keys = [...new Set([...Object.keys(before), ...Object.keys(patch.metrics)])];
      const declared = [...announced, ...metricsOfStudy(await requireSweep(sql, id))];
      await redirectMetrics(sql, id, keys, declared);
    }
    const event = await refreshSweep(sql, id);
    const sweep = await requireSweep(sql, id);
    await writeLiveEvents(sql, [event]);
    return { ok: true as const, value: sweep };
  });
}

/** All study runs in their order, with just enough to draw and link them. */
export async function sweepStrip(db: Database, id: string): Promise<StripRun[]> {
  const rows = await db.prisma.run.findMany({
    where: { sweepId: id, purpose: "study" },
    orderBy: [{ position: "asc" }, { id: "asc" }],
    select: {
      id: true,
      configurationKey: true,
      configurationLabel: true,
      seed: true,
      arm: true,
      repeat: true,
      status: true,
      digest: true,
      excludedReason: true,
      departures: true,
      diverged: true,
    },
  });
  return rows.map(({ excludedReason, seed, diverged, ...row }) => ({
    ...row,
    diverged: trainingDivergence.nullable().parse(diverged),
    seed: Number(seed),
    excluded: excludedReason !== null,
  }));
}
