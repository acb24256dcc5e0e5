import type { Database } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { storable } from "../storable.js";

export type TakenKey =
  | { state: "new" }
  | { state: "done"; status: number; body: unknown }
  | { state: "mismatch" };

/**
 * Takes a key for a request, as the first statement of the transaction that holds the request's whole effect. Who comes with
 * the same key meanwhile waits here until that transaction has ended: its answer is there then, or the key is free.
 *
 * @param db within the transaction
 */
export async function takeIdempotencyKey(db: Database, key: string, requestHash: string): Promise<TakenKey> {
  for (;;) {
    // A key without an answer is of a server before 0.1.0 that died: they wrote keys before effects.
    const taken = await db.prisma.$executeRaw`
      INSERT INTO idempotency_keys AS k (key, request_hash) VALUES (${key}, ${requestHash})
      ON CONFLICT (key) DO UPDATE SET created_at = now()
      WHERE k.request_hash = excluded.request_hash AND k.status IS NULL`;
    if (taken > 0) return { state: "new" };
    const row = await db.prisma.idempotencyKey.findUnique({ where: { key } });
    // Forgotten for its age between the two statements.
    if (!row) continue;
    return row.requestHash !== requestHash || row.status === null
      ? { state: "mismatch" }
      : { state: "done", status: row.status, body: row.body };
  }
}

/** Keeps the answer under its key, in the same transaction. */
export async function keepAnswer(
  db: Database,
  key: string,
  { status, body }: { status: number; body: unknown },
): Promise<void> {
  await db.prisma.idempotencyKey.update({
    where: { key },
    data: { status, body: storable(body) ?? Prisma.DbNull },
  });
}

/** Forgets keys that are older than so many milliseconds; returns how many. */
export const pruneIdempotencyKeys = (db: Database, olderThanMs: number): Promise<number> =>
  db.prisma.$executeRaw`
  DELETE FROM idempotency_keys
  WHERE created_at < clock_timestamp() - ${olderThanMs}::float8 * interval '1 millisecond'`;
