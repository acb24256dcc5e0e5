import {
  countDivergedRuns,
  type DueDelivery,
  endDeliveryTry,
  getSweep,
  queueWebhookDeliveries,
  takeDueDeliveries,
} from "@reprise/database";
import type { ApiContext } from "../context.js";
import { post } from "./post.js";
import { addressPolicy } from "./public-address.js";
import { messageOf, requestOf } from "./webhook-messages.js";

/** Waits between tries: about two hours in all, then the message is given up. */
const retryMs = [5_000, 30_000, 120_000, 600_000, 3_600_000, 3_600_000];
const timeoutMs = 10_000;
const roundMs = 2_000;
const atOnce = 10;

export type WebhookSenderOptions = { roundMs?: number; retryMs?: readonly number[] };

/** Sends one message. Redirects are not followed: the message is meant for the address that was given. */
async function send(
  context: ApiContext,
  delivery: DueDelivery,
  stopping: AbortSignal,
): Promise<{ delivered: boolean; answer: string }> {
  const { db } = context;
  const sweep = delivery.sweepId === null ? null : await getSweep(db, delivery.sweepId);
  const diverged = sweep ? await countDivergedRuns(db, sweep.id) : 0;
  const { body, headers } = requestOf(
    delivery,
    messageOf(delivery.event, { sweep, diverged }, delivery.linkBase),
  );
  try {
    const status = await post(
      delivery.url,
      { body, headers },
      { policy: addressPolicy(context.config), timeoutMs, stopping },
    );
    return { delivered: status >= 200 && status < 300, answer: `answered ${status}` };
  } catch (error) {
    return { delivered: false, answer: error instanceof Error ? error.message : String(error) };
  }
}

export type WebhookSender = { stop(): Promise<void> };

/** Tells webhooks of sweeps that end or fail, at least once, trying again with growing waits. */
export function startWebhookSender(context: ApiContext, options: WebhookSenderOptions = {}): WebhookSender {
  const { db, log } = context;
  const waits = options.retryMs ?? retryMs;
  const everyMs = options.roundMs ?? roundMs;

  const stopping = new AbortController();

  async function round(): Promise<void> {
    await queueWebhookDeliveries(db);
    const due = await takeDueDeliveries(db, { limit: atOnce, leaseMs: 4 * timeoutMs });
    await Promise.all(
      due.map(async (delivery) => {
        const { delivered, answer } = await send(context, delivery, stopping.signal);
        // Sent again when its lease ends: this try says nothing of the other side.
        if (!delivered && stopping.signal.aborted) return;
        const retryInMs = waits[delivery.tries - 1] ?? null;
        await endDeliveryTry(db, delivery.id, { delivered, answer, retryInMs });
        // Never the address: it is a secret.
        const facts = { deliveryId: delivery.id, event: delivery.event, tries: delivery.tries, answer };
        if (delivered) log.info(facts, "webhook delivered");
        else log.warn({ ...facts, retryInMs }, "webhook not delivered");
      }),
    );
  }

  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const tick = () => {
    running = round()
      .catch((error: unknown) => log.error({ err: error }, "webhook round failed; it will be done again"))
      .then(() => {
        if (!stopping.signal.aborted) timer = setTimeout(tick, everyMs);
      });
  };
  tick();
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
