import type { Sql } from "../connect.js";
import { Prisma } from "../generated/client.js";

/**
 * Queues failed and cancelled runs again as if they had never run: the next attempt starts from the beginning, because
 * a checkpoint may carry the very fault that a person wants to be rid of. Returns how many runs there were.
 */
export async function queueAgain(sql: Sql, which: { sweepId: string } | { runId: string }): Promise<number> {
  const chosen =
    "runId" in which
      ? Prisma.sql`id = ${which.runId}::uuid`
      : Prisma.sql`sweep_id = ${which.sweepId}::uuid AND purpose = 'study'`;
  await sql.$executeRaw`
    DELETE FROM checkpoints WHERE run_id IN (
      SELECT id FROM runs WHERE ${chosen} AND status IN ('failed', 'cancelled'))`;
  return sql.$executeRaw`
    UPDATE runs SET status = 'queued', enqueued_attempt = attempt, infrastructure_failures = 0,
      cancel_requested_at = NULL, fencing_token = NULL, worker_id = NULL, worker_name = NULL,
      lease_expires_at = NULL, selected_epoch = NULL, digest = NULL, error = NULL, progress = NULL,
      phases = NULL, started_at = NULL, ended_at = NULL, duration_ms = NULL,
      checkpoints_removed_at = NULL, logs_removed_at = NULL
    WHERE ${chosen} AND status IN ('failed', 'cancelled')`;
}
