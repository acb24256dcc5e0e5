import type { Attributes } from "./span.js";

/**
 * A job on its way through a queue, by OpenTelemetry's semantic conventions for messaging.
 *
 * @param operation `send` of whoever adds it, `process` of whoever takes it
 */
export const messageAttributes = (
  operation: "send" | "process",
  message: { queue: string; id: string },
): Attributes => ({
  "messaging.system": "bullmq",
  "messaging.operation.type": operation,
  "messaging.operation.name": operation,
  "messaging.destination.name": message.queue,
  "messaging.message.id": message.id,
});

/** Which attempt of which run; for the rest there is no convention but ours. */
export const runAttributes = (run: { runId: string; attempt: number; trainer: string }): Attributes => ({
  "reprise.run.id": run.runId,
  "reprise.run.attempt": run.attempt,
  "reprise.trainer": run.trainer,
});
