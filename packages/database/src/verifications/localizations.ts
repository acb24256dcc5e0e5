import {
  type Localization,
  localization,
  localizationProgress,
  localizationResult,
  localizationStatuses,
  type Requirements,
  type Run,
  type StoredRequest,
  storedRequest,
  type TracedFrom,
  tracedFrom,
} from "@reprise/contracts";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { type Database, inTransaction, type Sql } from "../connect.js";
import { databaseTime } from "../database-time.js";
import { Prisma } from "../generated/client.js";
import { notifyControl, writeLiveEvents } from "../live/live-events.js";
import { runEvent, runEventFields } from "../runs/entities.js";
import { runById } from "../runs/run-json.js";
import { storable, storableText } from "../storable.js";
import { conflict, type Transition } from "../transition.js";

type Row = Prisma.LocalizationGetPayload<object>;

const openStatuses = ["queued", "running"];

function toLocalization(row: Row): Localization {
  return {
    id: row.id,
    runId: row.runId,
    otherRunId: row.otherRunId,
    status: z.enum(localizationStatuses).parse(row.status),
    tries: row.tries,
    recorded: localization.shape.recorded.parse(row.recorded),
    workerName: row.workerName,
    from: tracedFrom.nullable().parse(row.from),
    progress: localizationProgress.nullable().parse(row.progress),
    result: localizationResult.nullable().parse(row.result),
    explanation: row.explanation,
    remarks: row.remarks,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

/** Of a pair, whichever of the two was named first; of one run, that run alone. */
const ofPair = (runId: string, otherRunId: string | null): Prisma.LocalizationWhereInput =>
  otherRunId === null
    ? { runId, otherRunId: null }
    : {
        OR: [
          { runId, otherRunId },
          { runId: otherRunId, otherRunId: runId },
        ],
      };

/** What a worker is to find out. Refused while the same two runs are being located. */
export function createLocalization(
  db: Database,
  wanted: Pick<Localization, "runId" | "otherRunId" | "tries" | "recorded" | "remarks"> & {
    trainer: string;
    /** Of the request that asks for it. */
    traceparent: string | null;
  },
): Promise<Transition<Localization>> {
  const { recorded, ...data } = wanted;
  return inTransaction(db, async (sql): Promise<Transition<Localization>> => {
    // Of two that ask at once, the second waits for the first.
    await sql.$queryRaw`SELECT id FROM runs WHERE id = ${wanted.runId}::uuid FOR NO KEY UPDATE`;
    const open = await sql.localization.findFirst({
      where: { status: { in: openStatuses }, ...ofPair(wanted.runId, wanted.otherRunId) },
    });
    if (open) return conflict(`This is being located already: localization ${open.id} is ${open.status}.`);
    const row = await sql.localization.create({
      data: {
        ...data,
        id: uuidv7(),
        status: "queued",
        recorded: recorded === null ? Prisma.DbNull : storable(recorded),
      },
    });
    await notifyControl(sql, [{ type: "reserved-work" }]);
    return { ok: true, value: toLocalization(row) };
  });
}

export async function getLocalization(db: Database, id: string): Promise<Localization | null> {
  const row = await db.prisma.localization.findUnique({ where: { id } });
  return row && toLocalization(row);
}

/** Localizations that a run takes part in, newest first; with `otherRunId` those of the two. */
export async function listLocalizations(
  db: Database,
  runId: string,
  otherRunId?: string,
): Promise<Localization[]> {
  const rows = await db.prisma.localization.findMany({
    where: otherRunId === undefined ? { OR: [{ runId }, { otherRunId: runId }] } : ofPair(runId, otherRunId),
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
  });
  return rows.map(toLocalization);
}

/** Ends one that nobody wants any more; its worker notices when it next says how far it is. Returns whether it was open. */
export async function cancelLocalization(db: Database, id: string): Promise<boolean> {
  const endedAt = await databaseTime(db.prisma);
  const { count } = await db.prisma.localization.updateMany({
    where: { id, status: { in: openStatuses } },
    data: { status: "cancelled", endedAt, explanation: "It was cancelled." },
  });
  return count > 0;
}

export type QueuedLocalization = {
  id: string;
  trainer: string;
  /** What each of its runs requires of the machine that trains it: whoever traces them trains both. */
  requires: Requirements[];
  traceparent: string | null;
};

/** Those that wait for a worker with one of these trainers, oldest first. */
export function queuedLocalizations(
  db: Database,
  trainers: readonly string[],
): Promise<QueuedLocalization[]> {
  return db.prisma.$queryRaw<QueuedLocalization[]>`
    SELECT l.id, l.trainer, l.traceparent,
      (SELECT jsonb_agg(r.requires) FROM runs r WHERE r.id IN (l.run_id, l.other_run_id)) AS requires
    FROM localizations l
    WHERE l.status = 'queued' AND l.trainer = ANY(${[...trainers]}::text[])
    ORDER BY l.created_at, l.id`;
}

/** A side of a localization as it was trained: what its trainer was asked, and the checkpoints that it left, by step. */
export type LocatedSide = {
  run: Run;
  stored: StoredRequest;
  checkpoints: { step: number; epoch: number; path: string }[];
};

async function sideOf(sql: Sql, id: string): Promise<LocatedSide> {
  const row = await sql.run.findUniqueOrThrow({
    where: { id },
    select: { request: true, checkpoints: { orderBy: { step: "asc" } } },
  });
  const checkpoints = row.checkpoints.map(({ step, epoch, path }) => ({ step, epoch, path }));
  return { run: await runById(sql, id), stored: storedRequest.parse(row.request), checkpoints };
}

/** Who works on a localization; what it says counts for as long as nobody else does. */
export type LocalizationClaim = { id: string; workerId: string };

const running = ({ id, workerId }: LocalizationClaim) => ({ id, workerId, status: "running" });

/** By the clock of the database: those of workers may differ. */
const extendLease = (sql: Sql, { id, workerId }: LocalizationClaim, leaseMs: number) => sql.$executeRaw`
  UPDATE localizations SET lease_expires_at = clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond'
  WHERE id = ${id}::uuid AND worker_id = ${workerId}::uuid AND status = 'running'`;

/** Takes a queued localization; of several workers that try, one gets it. Null where it is not to be had. */
export function claimLocalization(
  db: Database,
  claim: LocalizationClaim & { workerName: string; leaseMs: number },
): Promise<{ wanted: Localization; sides: [LocatedSide, LocatedSide] } | null> {
  const { id, workerId, workerName, leaseMs } = claim;
  return inTransaction(db, async (sql) => {
    const [row] = await sql.localization.updateManyAndReturn({
      where: { id, status: "queued" },
      data: {
        ...{ status: "running", workerId, workerName: storableText(workerName) },
        ...{ startedAt: await databaseTime(sql), progress: Prisma.DbNull },
      },
    });
    if (!row) return null;
    await extendLease(sql, claim, leaseMs);
    const first = await sideOf(sql, row.runId);
    const second = row.otherRunId === null ? first : await sideOf(sql, row.otherRunId);
    return { wanted: toLocalization(row), sides: [first, second] };
  });
}

/** Says that the worker lives, and how far it is. False where the answer is not wanted any more. */
export async function renewLocalization(
  db: Database,
  claim: LocalizationClaim,
  told: { leaseMs: number; from: TracedFrom; progress: Localization["progress"] },
): Promise<boolean> {
  if ((await extendLease(db.prisma, claim, told.leaseMs)) === 0) return false;
  const { count } = await db.prisma.localization.updateMany({
    where: running(claim),
    data: {
      from: storable(told.from),
      ...(told.progress === null ? {} : { progress: storable(told.progress) }),
    },
  });
  return count > 0;
}

/** Gives one back that could not be ended, because its worker stops. */
export async function releaseLocalization(db: Database, claim: LocalizationClaim): Promise<void> {
  await db.prisma.localization.updateMany({
    where: running(claim),
    data: {
      ...{ status: "queued", workerId: null, workerName: null, leaseExpiresAt: null, startedAt: null },
      ...{ from: Prisma.DbNull, progress: Prisma.DbNull },
    },
  });
}

export type LocalizationEnd =
  | { status: "ended"; result: z.infer<typeof localizationResult> }
  | { status: "failed"; explanation: string };

/** Writes the end, and with the runs what was found of them. Returns whether it was still wanted. */
export function endLocalization(
  db: Database,
  claim: LocalizationClaim,
  end: LocalizationEnd,
): Promise<boolean> {
  return inTransaction(db, async (sql) => {
    const now = await databaseTime(sql);
    const [row] = await sql.localization.updateManyAndReturn({
      where: running(claim),
      data: {
        status: end.status,
        endedAt: now,
        leaseExpiresAt: null,
        ...(end.status === "ended"
          ? { result: storable(end.result) }
          : { explanation: storableText(end.explanation) }),
      },
    });
    if (!row) return false;
    const runIds = [row.runId, ...(row.otherRunId === null ? [] : [row.otherRunId])];
    if (end.status === "ended") {
      const from = tracedFrom.nullable().parse(row.from);
      const kept = { ...end.result, runIds, from, locatedAt: now.toISOString() };
      await sql.run.updateMany({ where: { id: { in: runIds } }, data: { divergence: storable(kept) } });
    }
    // The runs have not changed, but what is known of them has: whoever shows them reads again.
    const runs = await sql.run.findMany({ where: { id: { in: runIds } }, select: runEventFields });
    await writeLiveEvents(sql, runs.map(runEvent));
    return true;
  });
}

/** Fails those whose worker has been silent for longer than its lease, and that nobody holds now. Returns how many. */
export async function failLostLocalizations(db: Database): Promise<number> {
  return db.prisma.$executeRaw`
    UPDATE localizations SET status = 'failed', ended_at = now(), lease_expires_at = NULL,
      explanation = 'Worker ' || worker_name || ' was lost while it traced. Ask again.'
    WHERE id IN (
      SELECT id FROM localizations WHERE status = 'running' AND lease_expires_at < now()
      FOR NO KEY UPDATE SKIP LOCKED)`;
}
