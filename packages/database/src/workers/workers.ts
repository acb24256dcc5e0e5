import {
  type AnnouncedTrainer,
  type Device,
  type LeftOutTrainer,
  leftOutTrainer,
  type Machine,
  progress,
  type TrainerCapabilities,
  trainerCapabilities,
  type Worker,
  type WorkerSystem,
  workerSystem,
} from "@reprise/contracts";
import { z } from "zod";
import { type Database, inTransaction } from "../connect.js";
import { databaseTime } from "../database-time.js";
import type { Prisma } from "../generated/client.js";
import { storable, storableJson, storableText } from "../storable.js";
import { machineOf } from "./machines.js";

/** A worker that has not been seen for so long counts as gone: four missed heartbeats. */
export const workerGoneAfterMs = 20_000;

const capabilityList = z.array(trainerCapabilities);
const leftOutList = z.array(leftOutTrainer);

/** Announces a worker, its devices and its trainers. What a trainer announced last is remembered beyond its workers. */
export function registerWorker(
  db: Database,
  worker: {
    id: string;
    name: string;
    host: string;
    pid: number;
    devices: Device[];
    /** What its file says of its machine; none where it says nothing. */
    labels?: Machine["labels"];
    capabilities: TrainerCapabilities[];
    leftOut: LeftOutTrainer[];
  },
): Promise<void> {
  return inTransaction(db, async (sql) => {
    const now = await databaseTime(sql);
    const data = {
      name: storableText(worker.name),
      host: storableText(worker.host),
      pid: worker.pid,
      devices: storable(worker.devices),
      labels: storable(worker.labels ?? {}),
      capabilities: storable(worker.capabilities),
      leftOut: storable(worker.leftOut),
      status: "ready",
      statusReason: null,
      lastSeenAt: now,
    } as const satisfies Prisma.WorkerUpdateInput;
    await sql.worker.upsert({ where: { id: worker.id }, create: { id: worker.id, ...data }, update: data });
    // In one order everywhere, so that two workers that register together do not wait for each other.
    const sorted = worker.capabilities.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const announced of sorted) {
      const row = { capabilities: storable(announced), announcedAt: now };
      await sql.trainerCapability.upsert({
        where: { trainer: announced.name },
        create: { trainer: announced.name, ...row },
        update: row,
      });
    }
  });
}

/**
 * Heartbeat of a worker, with what it sees of its machine. Its status may have been changed by others; null when it must
 * register (again).
 */
export async function touchWorker(
  db: Database,
  id: string,
  system: WorkerSystem | null = null,
): Promise<{ status: "ready" | "draining" | "quarantined" } | null> {
  const [row] = await db.prisma.$queryRaw<Array<{ status: "ready" | "draining" | "quarantined" }>>`
    UPDATE workers SET last_seen_at = clock_timestamp(),
      system = coalesce(${system === null ? null : storableJson(system)}::jsonb, system)
    WHERE id = ${id}::uuid AND status <> 'gone'
    RETURNING status::text AS status`;
  return row ?? null;
}

export async function setWorkerStatus(
  db: Database,
  id: string,
  status: Worker["status"],
  reason: string | null,
): Promise<void> {
  await db.prisma.worker.updateMany({
    where: { id },
    data: { status, statusReason: reason === null ? null : storableText(reason) },
  });
}

type WorkerRow = Prisma.WorkerGetPayload<object>;

/** All workers in this order, each with whether it is gone: by the clock of the database, which noted when it was seen. */
async function workersBy(
  db: Database,
  orderBy: Prisma.WorkerOrderByWithRelationInput[],
): Promise<Array<{ row: WorkerRow; isGone: boolean }>> {
  const [rows, now] = await Promise.all([db.prisma.worker.findMany({ orderBy }), databaseTime(db.prisma)]);
  const goneSince = now.getTime() - workerGoneAfterMs;
  return rows.map((row) => ({
    row,
    isGone: row.status === "gone" || row.lastSeenAt.getTime() < goneSince,
  }));
}

/** How often executions ended on each of these workers, by how. */
async function endedOn(db: Database, workerIds: string[]): Promise<Map<string, Worker["ended"]>> {
  const counts = await db.prisma.attempt.groupBy({
    by: ["workerId", "status"],
    where: { workerId: { in: workerIds }, status: { not: "running" } },
    _count: true,
  });
  const ended = new Map(workerIds.map((id) => [id, { succeeded: 0, failed: 0, cancelled: 0, lost: 0 }]));
  for (const { workerId, status, _count } of counts) {
    const own = ended.get(workerId ?? "");
    // Whoever prunes trains the run itself: no worker has pruned ones.
    if (own && status !== "running" && status !== "pruned") own[status] = _count;
  }
  return ended;
}

function offersOf(row: WorkerRow): Worker["offers"] {
  return capabilityList
    .parse(row.capabilities)
    .map(({ name, version, tasks, backends, datasets, locate }) => ({
      name,
      version,
      tasks,
      backends,
      locate: locate === true,
      datasets:
        datasets.length === 0 ? null : datasets.flatMap(({ name, available }) => (available ? [name] : [])),
    }));
}

/** All workers known, latest start first; one not seen for 20 s is shown as gone. */
export async function listWorkers(db: Database): Promise<Worker[]> {
  const workers = await workersBy(db, [{ startedAt: "desc" }, { id: "asc" }]);
  const ids = workers.map(({ row }) => row.id);
  const [ended, runs] = await Promise.all([
    endedOn(db, ids),
    db.prisma.run.findMany({
      where: { status: "running", workerId: { in: ids } },
      select: {
        ...{ id: true, sweepId: true, key: true, workerId: true, progress: true },
        ...{ configurationLabel: true, seed: true, arm: true, repeat: true },
        sweep: { select: { name: true } },
      },
      orderBy: { startedAt: "asc" },
    }),
  ]);
  return workers.map(({ row, isGone }) => ({
    id: row.id,
    name: row.name,
    host: row.host,
    pid: row.pid,
    status: isGone ? "gone" : row.status,
    statusReason: row.statusReason,
    ...machineOf(row),
    trainers: capabilityList.parse(row.capabilities).map((trainer) => trainer.name),
    offers: offersOf(row),
    leftOut: leftOutList.parse(row.leftOut),
    currentRuns: runs
      .filter((run) => run.workerId === row.id)
      .map(({ id, sweep, workerId: _, ...run }) => ({
        ...run,
        runId: id,
        sweepName: sweep?.name ?? null,
        seed: Number(run.seed),
        progress: progress.nullable().parse(run.progress),
      })),
    ended: ended.get(row.id) ?? { succeeded: 0, failed: 0, cancelled: 0, lost: 0 },
    system: workerSystem.nullable().parse(row.system),
    startedAt: row.startedAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
  }));
}

/** Workers that are not gone, earliest start first. */
async function liveWorkers(db: Database): Promise<WorkerRow[]> {
  const workers = await workersBy(db, [{ startedAt: "asc" }, { id: "asc" }]);
  return workers.flatMap(({ row, isGone }) => (isGone ? [] : [row]));
}

/** Trainers of live workers by name (as the worker seen first announced them), then remembered ones without workers. */
export async function announcedTrainers(db: Database): Promise<AnnouncedTrainer[]> {
  const live = new Map<string, AnnouncedTrainer>();
  for (const row of await liveWorkers(db)) {
    for (const capabilities of capabilityList.parse(row.capabilities)) {
      const known = live.get(capabilities.name) ?? { capabilities, workers: [] };
      known.workers.push(row.name);
      live.set(capabilities.name, known);
    }
  }
  const remembered = await db.prisma.trainerCapability.findMany({
    where: { trainer: { notIn: [...live.keys()] } },
    orderBy: { trainer: "asc" },
  });
  return [
    ...[...live.values()].sort((a, b) => (a.capabilities.name < b.capabilities.name ? -1 : 1)),
    ...remembered.map((row) => ({ capabilities: trainerCapabilities.parse(row.capabilities), workers: [] })),
  ];
}

/** Trainers that live workers name in their configuration and cannot offer, with the worker's name. */
export async function leftOutTrainers(db: Database): Promise<Array<LeftOutTrainer & { worker: string }>> {
  return (await liveWorkers(db)).flatMap((row) =>
    leftOutList.parse(row.leftOut).map((trainer) => ({ ...trainer, worker: row.name })),
  );
}

/** Forgets workers that have not been seen for so many milliseconds; returns how many. */
export const pruneWorkers = (db: Database, unseenMs: number): Promise<number> => db.prisma.$executeRaw`
  DELETE FROM workers WHERE last_seen_at < clock_timestamp() - ${unseenMs}::float8 * interval '1 millisecond'`;
