import type { Sql } from "../connect.js";
import { LeaseLostError } from "../errors.js";
import { Prisma } from "../generated/client.js";
import type { LogSize } from "./log-lines.js";

/** One attempt of a run, and the secret that proves that it is ours. Every write of an attempt carries it. */
export type AttemptRef = { runId: string; attempt: number; token: string };

/** The run of an attempt that may write, as a row of `id` that is locked: for a statement that writes only where there is one. */
export const ownedRun = (ref: AttemptRef): Prisma.Sql => Prisma.sql`
  SELECT id FROM runs WHERE id = ${ref.runId}::uuid AND attempt = ${ref.attempt}::int
    AND fencing_token = ${ref.token}::uuid AND status = 'running' FOR NO KEY UPDATE`;

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

type Writer = { sweepId: string | null; lastBatch: number | null } & LogSize;

/** Attempts whose rows a transaction has just locked by writing to them, and what it then saw. */
const held = new WeakMap<Sql, AttemptRef & Writer>();

/** Notes what a transaction saw of an attempt as it locked its rows: the next `lockWriter` in it need not ask again. */
export const holdWriter = (sql: Sql, writer: AttemptRef & Writer): void => {
  held.set(sql, writer);
};

/**
 * The same, with how far the attempt has come: its last batch (null: none yet) and how long its log is.
 *
 * @throws LeaseLostError when the attempt has ended or was taken away
 */
export async function lockWriter(sql: Sql, ref: AttemptRef): Promise<Writer> {
  const known = held.get(sql);
  held.delete(sql);
  if (known?.runId === ref.runId && known.attempt === ref.attempt && known.token === ref.token) return known;
  const rows = await sql.$queryRaw<Writer[]>`
    SELECT r.sweep_id AS "sweepId", a.last_batch AS "lastBatch", a.log_lines AS "logLines",
      a.log_characters::float8 AS "logCharacters"
    FROM runs r JOIN attempts a ON a.run_id = r.id AND a.number = r.attempt
    WHERE r.id = ${ref.runId}::uuid AND r.attempt = ${ref.attempt} AND r.fencing_token = ${ref.token}::uuid
      AND r.status = 'running'
    FOR NO KEY UPDATE`;
  const [writer] = rows;
  if (!writer) throw new LeaseLostError(ref.runId);
  return writer;
}
