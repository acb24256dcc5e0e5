import { type Webhook, type WebhookRequest, webhookEvent, webhookKind } from "@reprise/contracts";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { Database } from "../connect.js";
import { databaseTime } from "../database-time.js";
import type { Prisma } from "../generated/client.js";
import { storableText } from "../storable.js";

const deliveredEvent = z.union([webhookEvent, z.literal("test")]);
export type DeliveredEvent = z.infer<typeof deliveredEvent>;
const deliveryStatus = z.enum(["pending", "delivered", "failed"]);
const withLast = {
  deliveries: { orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: 1 },
} as const satisfies Prisma.WebhookInclude;
type Row = Prisma.WebhookGetPayload<{ include: typeof withLast }>;

function toWebhook(row: Row): Webhook {
  const [last] = row.deliveries;
  return {
    id: row.id,
    name: row.name,
    kind: webhookKind.parse(row.kind),
    host: new URL(row.url).host,
    signed: row.secret !== null,
    events: z.array(webhookEvent).parse(row.events),
    createdAt: row.createdAt.toISOString(),
    lastDelivery: last
      ? {
          event: deliveredEvent.parse(last.event),
          status: deliveryStatus.parse(last.status),
          tries: last.tries,
          answer: last.answer,
          at: (last.endedAt ?? last.createdAt).toISOString(),
        }
      : null,
  };
}

export async function createWebhook(
  db: Database,
  request: WebhookRequest & { linkBase: string },
): Promise<Webhook> {
  const row = await db.prisma.webhook.create({
    data: { ...request, id: uuidv7(), name: storableText(request.name) },
    include: withLast,
  });
  return toWebhook(row);
}

/** All webhooks, newest first. */
export async function listWebhooks(db: Database): Promise<Webhook[]> {
  const rows = await db.prisma.webhook.findMany({
    include: withLast,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
  });
  return rows.map(toWebhook);
}

/** False when there is no such webhook. */
export async function deleteWebhook(db: Database, id: string): Promise<boolean> {
  const { count } = await db.prisma.webhook.deleteMany({ where: { id } });
  return count > 0;
}

/** Queues a message that tells of nothing but itself; null when there is no such webhook. */
export async function testWebhook(db: Database, id: string): Promise<Webhook | null> {
  const deliveryId = uuidv7();
  const known = await db.prisma.webhook.count({ where: { id } });
  if (known === 0) return null;
  await db.prisma.webhookDelivery.create({
    data: { id: deliveryId, webhookId: id, cause: `test ${deliveryId}`, event: "test" },
  });
  const row = await db.prisma.webhook.findUnique({ where: { id }, include: withLast });
  return row && toWebhook(row);
}

/**
 * Queues messages about what has happened since each webhook was made: sweeps that have ended (again, after a retry), and
 * sweeps in which a run has failed, once each. Reads the truth and not a stream, so that nothing is lost in a crash and
 * several processes may do it at once.
 */
export async function queueWebhookDeliveries(db: Database): Promise<number> {
  return db.prisma.$executeRaw`
    INSERT INTO webhook_deliveries (id, webhook_id, cause, event, sweep_id)
    SELECT gen_random_uuid(), w.id, c.cause, c.event, c.sweep_id
    FROM webhooks w
    CROSS JOIN LATERAL (
      SELECT 'sweep-ended ' || s.id || ' ' || to_char(s.ended_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS') AS cause,
        'sweep-ended' AS event, s.id AS sweep_id
      FROM sweeps s
      WHERE s.ended_at >= w.created_at AND s.status IN ('succeeded', 'failed', 'cancelled') AND s.imported IS NULL
      UNION ALL
      SELECT DISTINCT 'run-failed ' || r.sweep_id, 'run-failed', r.sweep_id
      FROM runs r
      WHERE r.status = 'failed' AND r.purpose = 'study' AND r.ended_at >= w.created_at AND r.sweep_id IS NOT NULL
    ) c
    WHERE c.event = ANY(w.events)
    ON CONFLICT (webhook_id, cause) DO NOTHING`;
}

export type DueDelivery = {
  id: string;
  event: DeliveredEvent;
  sweepId: string | null;
  tries: number;
  kind: z.infer<typeof webhookKind>;
  url: string;
  secret: string | null;
  linkBase: string;
};

/** Takes messages that are due, oldest first, for `leaseMs`: whoever takes them and dies leaves them to be tried again. */
export async function takeDueDeliveries(
  db: Database,
  { limit, leaseMs }: { limit: number; leaseMs: number },
): Promise<DueDelivery[]> {
  const taken = await db.prisma.$queryRaw<Array<{ id: string }>>`
    UPDATE webhook_deliveries SET tries = tries + 1,
      next_try_at = clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond'
    WHERE id IN (
      SELECT id FROM webhook_deliveries WHERE status = 'pending' AND next_try_at <= clock_timestamp()
      ORDER BY next_try_at, id LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)
    RETURNING id::text`;
  const rows = await db.prisma.webhookDelivery.findMany({
    where: { id: { in: taken.map(({ id }) => id) } },
    include: { webhook: true },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  return rows.map((row) => ({
    id: row.id,
    event: deliveredEvent.parse(row.event),
    sweepId: row.sweepId,
    tries: row.tries,
    kind: webhookKind.parse(row.webhook.kind),
    url: row.webhook.url,
    secret: row.webhook.secret,
    linkBase: row.webhook.linkBase,
  }));
}

/** Writes how a try went; `retryInMs` null ends the delivery. */
export async function endDeliveryTry(
  db: Database,
  id: string,
  { delivered, answer, retryInMs }: { delivered: boolean; answer: string; retryInMs: number | null },
): Promise<void> {
  const ended = delivered || retryInMs === null;
  const now = await databaseTime(db.prisma);
  await db.prisma.webhookDelivery.updateMany({
    where: { id, status: "pending" },
    data: {
      answer: storableText(answer),
      ...(ended
        ? { status: delivered ? "delivered" : "failed", endedAt: now }
        : { nextTryAt: new Date(now.getTime() + retryInMs) }),
    },
  });
}
