import type { Database } from "../connect.js";
import { Prisma } from "../generated/client.js";
import { storable } from "../storable.js";

/** A request that has been without an answer for so long died with its server; the key may be used again. */
const abandonedAfterMs = 60_000;

export type IdempotentState =
  | { state: "new" }
  | { state: "done"; status: number; body: unknown }
  | { state: "mismatch" }
  | { state: "in-progress" };

/** Claims a key for a request. Of several requests with the same key at the same time, one gets `new`. */
export async function beginIdempotent(
  db: Database,
  key: string,
  requestHash: string,
): Promise<IdempotentState> {
  const claimed = await db.prisma.$executeRaw`
    INSERT INTO idempotency_keys AS k (key, request_hash) VALUES (${key}, ${requestHash})
    ON CONFLICT (key) DO UPDATE SET created_at = now()
    WHERE k.request_hash = excluded.request_hash AND k.status IS NULL
      AND k.created_at < now() - ${abandonedAfterMs} * interval '1 millisecond'`;
  if (claimed > 0) return { state: "new" };
  const row = await db.prisma.idempotencyKey.findUnique({ where: { key } });
  // Forgotten between the two statements: its request has failed, so this one may try.
  if (!row) return beginIdempotent(db, key, requestHash);
  if (row.requestHash !== requestHash) return { state: "mismatch" };
  return row.status === null
    ? { state: "in-progress" }
    : { state: "done", status: row.status, body: row.body };
}

/** Keeps the answer under the key, or (null) forgets the key, because the request failed and may be tried again. */
export async function endIdempotent(
  db: Database,
  key: string,
  result: { status: number; body: unknown } | null,
): Promise<void> {
  if (result === null) {
    await db.prisma.idempotencyKey.deleteMany({ where: { key, status: null } });
    return;
  }
  const body = result.body === undefined || result.body === null ? Prisma.DbNull : storable(result.body);
  await db.prisma.idempotencyKey.updateMany({ where: { key }, data: { status: result.status, body } });
}

/** Forgets keys older than `olderThan`; returns how many. */
export async function pruneIdempotencyKeys(db: Database, olderThan: Date): Promise<number> {
  const { count } = await db.prisma.idempotencyKey.deleteMany({ where: { createdAt: { lt: olderThan } } });
  return count;
}
