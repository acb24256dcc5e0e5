import type { Sql } from "../connect.js";
import { LeaseLostError } from "../errors.js";

/** One attempt of a run, and the secret that proves that it is ours. Every write of an attempt carries it. */
export type AttemptRef = { runId: string; attempt: number; token: string };

/**
 * Locks the run of an attempt until the end of the transaction.
 *
 * @throws LeaseLostError when the attempt has ended or was taken away
 */
export async function lockAttempt(sql: Sql, ref: AttemptRef): Promise<{ sweepId: string | null }> {
  const rows = await sql.$queryRaw<Array<{ sweepId: string | null }>>`
    SELECT sweep_id AS "sweepId" FROM runs
    WHERE id = ${ref.runId}::uuid AND attempt = ${ref.attempt} AND fencing_token = ${ref.token}::uuid
      AND status = 'running'
    FOR NO KEY UPDATE`;
  const [run] = rows;
  if (!run) throw new LeaseLostError(ref.runId);
  return run;
}
