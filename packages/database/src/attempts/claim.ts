import { randomUUID } from "node:crypto";
import { meets, type Requirements, type Run, type StoredRequest, storedRequest } from "@reprise/contracts";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { writeLiveEvents } from "../live/live-events.js";
import { recomputeSummaries } from "../metrics/series-store.js";
import { summarizeObservations } from "../records/observations.js";
import { runEvent, runEventFields } from "../runs/entities.js";
import { runById } from "../runs/run-json.js";
import { storableText } from "../storable.js";
import { lockSweepOfRun, refreshSweep } from "../sweeps/sweep-state.js";
import { machineFields, machineOf } from "../workers/machines.js";
import type { AttemptRef } from "./attempt-lock.js";
import { admits } from "./reserved-runs.js";

export type Resume = { path: string; step: number; epoch: number };
/** A checkpoint, with the size of its file where it is known. */
type Stored = Resume & { bytes: number | null };
export type Claim =
  | { ok: true; ref: AttemptRef; run: Run; request: StoredRequest; resume: Resume | null }
  | {
      ok: false;
      reason:
        | "not-found"
        | "not-queued"
        | "stale-attempt"
        | "paused"
        | "cancelled"
        | "other-worker"
        | "requirements";
    };

/**
 * Takes attempt `attempt` of a queued run: of any number of processes that try, exactly one gets it. The lease must
 * be renewed by `heartbeat`. What earlier attempts recorded is dropped, up to the last checkpoint when there is one.
 *
 * @param input.resumable whether this worker can go on from a checkpoint (its file is here as a whole, the trainer can);
 *   when not, the run starts from the beginning. Default: it can.
 */
export function claimRun(
  db: Database,
  input: {
    runId: string;
    attempt: number;
    workerId: string;
    workerName: string;
    leaseMs: number;
    resumable?: (checkpoint: Stored) => boolean | Promise<boolean>;
  },
): Promise<Claim> {
  return inTransaction(db, (sql) => claimIn(sql, input));
}

/**
 * The same within a transaction, also for attempts from outside, which have no worker.
 *
 * @param input.series `kept` where the attempt goes on from what the one before reported; else that is dropped, up to
 *   the last checkpoint
 */
export async function claimIn(
  sql: Sql,
  input: {
    runId: string;
    attempt: number;
    workerId: string | null;
    workerName: string;
    leaseMs: number;
    resumable?: (checkpoint: Stored) => boolean | Promise<boolean>;
    series?: "kept";
  },
): Promise<Claim> {
  const { runId, attempt } = input;
  const sweep = await lockSweepOfRun(sql, runId);
  const worker = { id: input.workerId, name: storableText(input.workerName) };
  const [found] = await sql.$queryRaw<
    Array<{
      status: Run["status"];
      attempt: number;
      cancelled: boolean;
      admitted: boolean;
      requires: Requirements;
    }>
  >`
    SELECT r.status::text AS status, r.attempt, r.cancel_requested_at IS NOT NULL AS cancelled,
      ${admits(worker)} AS admitted, r.requires
    FROM runs r LEFT JOIN verifications v ON v.replica_run_id = r.id
    WHERE r.id = ${runId}::uuid FOR NO KEY UPDATE OF r`;
  if (!found) return { ok: false, reason: "not-found" };
  if (found.status !== "queued") return { ok: false, reason: "not-queued" };
  if (found.attempt !== attempt - 1) return { ok: false, reason: "stale-attempt" };
  if (found.cancelled || sweep?.cancelRequested) return { ok: false, reason: "cancelled" };
  if (!found.admitted) return { ok: false, reason: "other-worker" };
  // Its job is used up: the dispatcher makes a new one, of a paused sweep when that is resumed.
  const handOn = () => sql.run.update({ where: { id: runId }, data: { enqueuedAttempt: found.attempt } });
  if (worker.id !== null && !(await hasAll(sql, worker.id, found.requires))) {
    await handOn();
    return { ok: false, reason: "requirements" };
  }
  if (sweep?.paused) {
    await handOn();
    return { ok: false, reason: "paused" };
  }
  const token = randomUUID();
  const [begun] = await sql.$queryRaw<Array<{ startedAt: Date }>>`
    UPDATE runs SET status = 'running', attempt = ${attempt}, fencing_token = ${token}::uuid,
      worker_id = ${worker.id}::uuid, worker_name = ${worker.name},
      lease_expires_at = clock_timestamp() + ${input.leaseMs}::float8 * interval '1 millisecond',
      started_at = clock_timestamp(), ended_at = NULL, duration_ms = NULL, pruned_at_step = NULL, error = NULL, progress = NULL,
      peak_resident_memory_bytes = NULL, mean_cpu_percent = NULL, thumbnails = '{}',
      lease_ms = coalesce(${worker.id === null ? input.leaseMs : null}::int, lease_ms)
    WHERE id = ${runId}::uuid
    RETURNING started_at AS "startedAt"`;
  // Of a first attempt there is nothing before it.
  const resume =
    input.series === "kept" || attempt === 1
      ? null
      : await prepareSeries(sql, runId, input.resumable ?? (() => true));
  const continues = resume !== null || (input.series === "kept" && attempt > 1);
  await sql.attempt.createMany({
    data: [
      {
        ...{ runId, number: attempt, continues },
        ...{ workerId: worker.id, workerName: worker.name },
        ...{ startedAt: begun?.startedAt, heartbeatAt: begun?.startedAt },
      },
    ],
  });
  const sweepEvents = sweep ? [await refreshSweep(sql, sweep.id)] : [];
  const row = await sql.run.findUniqueOrThrow({
    where: { id: runId },
    select: { ...runEventFields, request: true },
  });
  await writeLiveEvents(sql, [runEvent(row), ...sweepEvents]);
  const ref = { runId, attempt, token };
  return { ok: true, ref, run: await runById(sql, runId), request: storedRequest.parse(row.request), resume };
}

/** Whether a worker announced all that a run requires; of one that is not registered nothing is known. */
async function hasAll(sql: Sql, workerId: string, requires: Requirements): Promise<boolean> {
  if (Object.keys(requires).length === 0) return true;
  const row = await sql.worker.findUnique({ where: { id: workerId }, select: machineFields });
  return row !== null && meets(machineOf(row), requires);
}

/** Drops what earlier attempts wrote after the latest checkpoint (everything, without one), logs excepted. */
async function prepareSeries(
  sql: Sql,
  runId: string,
  resumable: (checkpoint: Stored) => boolean | Promise<boolean>,
): Promise<Resume | null> {
  const ofRun = { where: { runId } };
  const checkpoint = await sql.checkpoint.findFirst({
    ...ofRun,
    orderBy: [{ attempt: "desc" }, { step: "desc" }],
  });
  const resume = checkpoint && { path: checkpoint.path, step: checkpoint.step, epoch: checkpoint.epoch };
  const bytes = checkpoint?.bytes == null ? null : Number(checkpoint.bytes);
  if (!checkpoint || !resume || !(await resumable({ ...resume, bytes }))) {
    await sql.prediction.deleteMany(ofRun);
    await sql.artifact.deleteMany(ofRun);
    // Later attempts cannot use the checkpoints either: the series up to them is gone.
    await sql.checkpoint.deleteMany(ofRun);
    await sql.metricChunk.deleteMany(ofRun);
    await sql.metricSummary.deleteMany(ofRun);
    await sql.run.update({ where: { id: runId }, data: { diverged: Prisma.DbNull } });
    await sql.ladderChunk.deleteMany(ofRun);
    await sql.tensorDigestChunk.deleteMany(ofRun);
    await sql.observationChunk.deleteMany(ofRun);
    await sql.run.update({ where: { id: runId }, data: { observed: [], departures: 0, gaps: [] } });
    await sql.reductionOrderChunk.deleteMany(ofRun);
    await sql.embedding.deleteMany(ofRun);
    return null;
  }
  const { attempt, epoch, step, createdAt } = checkpoint;
  const past = {
    where: {
      runId,
      OR: [{ attempt: { gt: attempt } }, { attempt, batch: { gt: checkpoint.lastBatch ?? -1 } }],
    },
  };
  await sql.metricChunk.deleteMany(past);
  await sql.ladderChunk.deleteMany(past);
  await sql.tensorDigestChunk.deleteMany(past);
  await sql.observationChunk.deleteMany(past);
  await summarizeObservations(sql, runId);
  await sql.reductionOrderChunk.deleteMany(past);
  // What was handed over until then is not handed over again.
  await sql.prediction.deleteMany({ where: { runId, epoch: { gt: epoch } } });
  await sql.artifact.deleteMany({
    where: { runId, OR: [{ step: { gt: step } }, { step: null, createdAt: { gt: createdAt } }] },
  });
  await sql.embedding.deleteMany({ where: { runId, epoch: { gt: epoch } } });
  await recomputeSummaries(sql, runId);
  return resume;
}
