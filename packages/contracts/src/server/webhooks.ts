import { z } from "zod";
import { id, instant } from "../basics/primitives.js";

/** The form of the message: as Slack or Microsoft Teams read it, or plain JSON. */
export const webhookKinds = ["slack", "teams", "generic"] as const;
export const webhookKind = z.enum(webhookKinds);
export type WebhookKind = z.infer<typeof webhookKind>;

/**
 * `sweep-ended`: a sweep has succeeded, failed or was cancelled. `run-failed`: the first run of a sweep has failed, told
 * while the others go on.
 */
export const webhookEvents = ["sweep-ended", "run-failed"] as const;
export const webhookEvent = z.enum(webhookEvents);
export type WebhookEvent = z.infer<typeof webhookEvent>;

export const webhookRequest = z.strictObject({
  name: z.string().trim().min(1).max(120),
  kind: webhookKind,
  url: z.url({ protocol: /^https?$/, error: "must be an http or https address" }).max(2000),
  events: z.array(webhookEvent).min(1).default(["sweep-ended", "run-failed"]),
  /** Signs generic messages: `X-Reprise-Signature: sha256=<HMAC of the body>`. */
  secret: z.string().min(8).max(500).nullable().default(null),
});
export type WebhookRequest = z.infer<typeof webhookRequest>;

/** A webhook as it is listed: of its address only the host, because the rest of it is a secret. */
export const webhook = z
  .strictObject({
    id,
    name: z.string(),
    kind: webhookKind,
    host: z.string(),
    signed: z.boolean(),
    events: z.array(webhookEvent),
    createdAt: instant,
    lastDelivery: z
      .strictObject({
        event: z.union([webhookEvent, z.literal("test")]),
        status: z.enum(["pending", "delivered", "failed"]),
        tries: z.int(),
        /** What the other side answered, or why it was not reached. */
        answer: z.string().nullable(),
        at: instant,
      })
      .nullable(),
  })
  .meta({ id: "Webhook" });
export type Webhook = z.infer<typeof webhook>;
export const webhookList = z.strictObject({ items: z.array(webhook) });

/** Body of a generic message. */
export const webhookMessage = z.strictObject({
  event: z.union([webhookEvent, z.literal("test")]),
  text: z.string(),
  url: z.string().nullable(),
  sweep: z
    .strictObject({
      id,
      name: z.string(),
      status: z.string(),
      succeeded: z.int(),
      failed: z.int(),
      /** Of those that ended, how many diverged in training. */
      diverged: z.int(),
      totalRuns: z.int(),
    })
    .nullable(),
});
export type WebhookMessage = z.infer<typeof webhookMessage>;
