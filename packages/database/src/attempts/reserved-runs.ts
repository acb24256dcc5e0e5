import type { Requirements } from "@reprise/contracts";
import type { Database } from "../connect.js";
import { Prisma } from "../generated/client.js";

/** A worker as conditions of verifications know it: its name outlives its process, its id does not. */
export type WorkerIdentity = { id: string | null; name: string };

/**
 * SQL: whether verification `v`, which may be absent, lets this worker train its replica. To be asked in the statement
 * that locks the run.
 */
export const admits = (worker: WorkerIdentity): Prisma.Sql => Prisma.sql`coalesce(
  CASE v.worker ->> 'rule'
    WHEN 'only' THEN v.worker ->> 'name' IN (${worker.name}::text, ${worker.id}::text)
    WHEN 'not' THEN v.worker ->> 'name' <> ${worker.name}::text
  END, true)`;

export type ReservedRun = {
  runId: string;
  attempt: number;
  trainer: string;
  requires: Requirements;
  traceparent: string | null;
};

/**
 * Queued replicas that are for chosen workers, this one among them, oldest first. They are in no queue: there a worker
 * that must not train one would take it and give it back for ever. Whoever may train them asks, and claims them here.
 */
export function reservedRuns(
  db: Database,
  worker: WorkerIdentity & { trainers: readonly string[] },
): Promise<ReservedRun[]> {
  return db.prisma.$queryRaw<ReservedRun[]>`
    SELECT r.id AS "runId", r.attempt + 1 AS attempt, r.trainer, r.requires, r.traceparent
    FROM verifications v JOIN runs r ON r.id = v.replica_run_id
    WHERE v.status = 'open' AND v.worker IS NOT NULL
      AND r.status = 'queued' AND r.cancel_requested_at IS NULL
      AND r.trainer = ANY(${[...worker.trainers]}::text[]) AND ${admits(worker)}
    ORDER BY v.created_at, v.id`;
}
