import {
  divergence,
  endedRunStatuses,
  execution,
  type Requirements,
  suspect,
  type Verification,
  type VerificationKind,
  verificationKind,
  verificationVerdict,
  type WorkerCondition,
  workerCondition,
} from "@reprise/contracts";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { Prisma } from "../generated/client.js";
import { notifyControl, writeLiveEvents } from "../live/live-events.js";
import { runEvent, runEventFields } from "../runs/entities.js";
import { storable, storableJson, storableText } from "../storable.js";
import { conflict, notFound, type Transition } from "../transition.js";

type VerificationRow = Prisma.VerificationGetPayload<object>;

/** A verification is `open` until its end is written. How far it is meanwhile is read off its replica. */
const open = "open";

async function toVerifications(sql: Sql, rows: readonly VerificationRow[]): Promise<Verification[]> {
  const waiting = rows.flatMap((row) => (row.status === open && row.replicaRunId ? [row.replicaRunId] : []));
  const replicas = await sql.run.findMany({
    where: { id: { in: waiting } },
    select: { id: true, status: true },
  });
  const queued = new Set(replicas.filter(({ status }) => status === "queued").map(({ id }) => id));
  return rows.map((row) => {
    const replicaRunId = z.string().parse(row.replicaRunId);
    const progress = queued.has(replicaRunId) ? "queued" : "running";
    return {
      id: row.id,
      runId: row.runId,
      replicaRunId,
      kind: verificationKind.parse(row.kind),
      worker: workerCondition.nullable().parse(row.worker),
      status: row.status === open ? progress : z.enum(["ended", "failed"]).parse(row.status),
      verdict: verificationVerdict.nullable().parse(row.verdict),
      firstDivergence: divergence.nullable().parse(row.firstDivergence),
      suspects: z.array(suspect).parse(row.suspects ?? []),
      explanation: row.explanation,
      createdAt: row.createdAt.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
    };
  });
}

async function readVerification(sql: Sql, id: string): Promise<Verification | null> {
  const row = await sql.verification.findUnique({ where: { id } });
  return row ? ((await toVerifications(sql, [row]))[0] ?? null) : null;
}

/** Why a run cannot be done again in this way; null when it can. */
async function refusal(
  sql: Sql,
  run: Prisma.RunGetPayload<object>,
  kind: VerificationKind,
): Promise<string | null> {
  if (run.purpose !== "study") {
    return `This run is itself a replica, of run ${run.sourceRunId ?? "unknown"}: ${kind} that one.`;
  }
  if (run.status !== "succeeded") {
    return `Only a run that has succeeded has a result to ${kind}: this one is ${run.status}.`;
  }
  if (kind === "verify") return null;
  const { order } = execution.parse(run.execution);
  if (order !== "free") {
    return `There is no order to replay: this run summed in ${order} order, so it repeats by itself. Verify it instead.`;
  }
  const recorded = await sql.reductionOrderChunk.count({ where: { runId: run.id } });
  return recorded > 0
    ? null
    : "There is no order to replay: the trainer recorded no summation order for this run. Verify it instead.";
}

/**
 * Queues a succeeded study run to be trained again, as a run of its own purpose beside the sweep's plan. Refused with
 * a reason where there is nothing to verify or replay.
 */
export function createVerification(
  db: Database,
  asked: {
    runId: string;
    kind: VerificationKind;
    worker?: WorkerCondition | null;
    /** What of the run's requirements holds for its replica; all where it is absent. */
    requires?: Requirements | null;
    /** Of the request that asks for it; absent where that is not traced. */
    traceparent?: string | null;
  },
): Promise<Transition<Verification>> {
  const { runId, kind, worker = null, requires = null, traceparent = null } = asked;
  return inTransaction(db, async (sql): Promise<Transition<Verification>> => {
    // No lock: a study run that has succeeded stays as it is.
    const run = await sql.run.findUnique({ where: { id: runId } });
    if (!run) return notFound("run", runId);
    const reason = await refusal(sql, run, kind);
    if (reason !== null) return conflict(reason);
    const id = uuidv7();
    const replicaRunId = uuidv7();
    const purpose = kind === "verify" ? "verification" : "replay";
    await sql.$executeRaw`
      INSERT INTO runs (id, sweep_id, key, position, purpose, source_run_id, configuration_key,
        configuration_label, params, seed, mode, arm, execution, noise, repeat, trainer, device_class, dataset,
        requires, request, backend_requested, traceparent)
      SELECT ${replicaRunId}::uuid, sweep_id, ${`${purpose}-${id}`}, position, ${purpose}::"RunPurpose", id,
        configuration_key, configuration_label, params, seed, mode, arm, execution, noise, repeat, trainer,
        device_class, dataset, coalesce(${requires === null ? null : storableJson(requires)}::jsonb, requires), request,
        request ->> 'backend', ${traceparent}::text
      FROM runs WHERE id = ${runId}::uuid`;
    const condition = worker === null ? Prisma.DbNull : storable(worker);
    await sql.verification.create({
      data: { id, runId, replicaRunId, kind, worker: condition, status: open },
    });
    const created = await readVerification(sql, id);
    if (!created) throw new Error(`Verification ${id} vanished while it was being written`);
    const replica = await sql.run.findUniqueOrThrow({ where: { id: replicaRunId }, select: runEventFields });
    await notifyControl(sql, [{ type: worker === null ? "runs-queued" : "reserved-work" }]);
    await writeLiveEvents(sql, [runEvent(replica)]);
    return { ok: true, value: created };
  });
}

export function getVerification(db: Database, id: string): Promise<Verification | null> {
  return readVerification(db.prisma, id);
}

/** Verifications and replays of a run, newest first; null when there is no such run. */
export async function listVerifications(db: Database, runId: string): Promise<Verification[] | null> {
  const rows = await db.prisma.verification.findMany({
    where: { runId },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
  });
  if (rows.length === 0 && (await db.prisma.run.count({ where: { id: runId } })) === 0) return null;
  return toVerifications(db.prisma, rows);
}

/** Verifications and replays of all runs of a sweep, oldest first. */
export async function verificationsOfSweep(db: Database, sweepId: string): Promise<Verification[]> {
  const rows = await db.prisma.verification.findMany({
    where: { run: { sweepId } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  return toVerifications(db.prisma, rows);
}

/** Open verifications whose replica has ended, oldest first: what is left to compare, also after a crash. */
export async function verificationsToSettle(db: Database): Promise<Verification[]> {
  const rows = await db.prisma.verification.findMany({
    where: { status: open },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  const ended = await db.prisma.run.findMany({
    where: {
      id: { in: rows.flatMap((row) => row.replicaRunId ?? []) },
      status: { in: [...endedRunStatuses] },
    },
    select: { id: true },
  });
  const ids = new Set(ended.map((run) => run.id));
  return toVerifications(
    db.prisma,
    rows.filter((row) => row.replicaRunId !== null && ids.has(row.replicaRunId)),
  );
}

export type VerificationEnd =
  | ({ status: "ended" } & Pick<Verification, "verdict" | "firstDivergence" | "suspects"> & {
        explanation: string;
      })
  | { status: "failed"; explanation: string };

/** Writes the end of an open verification; of several that try, the first one counts. Returns whether this was it: not of one that somebody holds. */
export function endVerification(db: Database, id: string, end: VerificationEnd): Promise<boolean> {
  return inTransaction(db, async (sql) => {
    const result =
      end.status === "ended"
        ? {
            verdict: end.verdict,
            firstDivergence: end.firstDivergence ? storable(end.firstDivergence) : Prisma.DbNull,
            suspects: storable(end.suspects),
          }
        : {};
    const free = await sql.$queryRaw<unknown[]>`
      SELECT 1 FROM verifications WHERE id = ${id}::uuid FOR NO KEY UPDATE SKIP LOCKED`;
    if (free.length === 0) return false;
    const [row] = await sql.verification.updateManyAndReturn({
      where: { id, status: open },
      data: {
        status: end.status,
        endedAt: await databaseTime(sql),
        explanation: storableText(end.explanation),
        ...result,
      },
      select: { runId: true },
    });
    if (!row) return false;
    // The run itself has not changed, but what is known of it has: whoever shows it reads again.
    const source = await sql.run.findUniqueOrThrow({ where: { id: row.runId }, select: runEventFields });
    await writeLiveEvents(sql, [runEvent(source)]);
    return true;
  });
}
