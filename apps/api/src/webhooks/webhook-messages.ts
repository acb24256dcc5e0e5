import { createHmac } from "node:crypto";
import type { Sweep, WebhookKind, WebhookMessage } from "@reprise/contracts";
import type { DeliveredEvent } from "@reprise/database";

const words: Record<Sweep["status"], string> = {
  queued: "is queued",
  running: "is running",
  paused: "is paused",
  succeeded: "has succeeded",
  failed: "has ended with failures",
  cancelled: "was cancelled",
};

/** What a message says, whatever its form. `diverged` is the number of the sweep's runs whose training did. */
export function messageOf(
  event: DeliveredEvent,
  { sweep, diverged }: { sweep: Sweep | null; diverged: number },
  linkBase: string,
): WebhookMessage {
  if (event === "test" || sweep === null) {
    const text =
      event === "test" ? "Reprise reaches you here." : "A sweep that has been removed since has ended.";
    return { event, text, url: linkBase, sweep: null };
  }
  const { succeeded, failed } = sweep.runCounts;
  const counts = `${succeeded} of ${sweep.totalRuns} runs succeeded${failed > 0 ? `, ${failed} failed` : ""}${diverged > 0 ? `, ${diverged} diverged` : ""}`;
  const text =
    event === "run-failed"
      ? `A run of "${sweep.name}" has failed, the first one; the others go on (${counts} so far).`
      : `"${sweep.name}" ${words[sweep.status]}: ${counts}.`;
  return {
    event,
    text,
    url: `${linkBase}/sweeps/${sweep.id}`,
    sweep: {
      id: sweep.id,
      name: sweep.name,
      status: sweep.status,
      succeeded,
      failed,
      diverged,
      totalRuns: sweep.totalRuns,
    },
  };
}

/** `<`, `>` and `&` mean something in Slack's text. */
const slackText = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The body as the receiver reads it. Sources: Slack incoming webhooks; Teams workflows with an Adaptive Card 1.4. */
function bodyOf(kind: WebhookKind, message: WebhookMessage): unknown {
  const { text, url } = message;
  if (kind === "slack") return { text: url ? `${slackText(text)} <${url}|Look at it>` : slackText(text) };
  if (kind === "generic") return message;
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [{ type: "TextBlock", text, wrap: true }],
          ...(url ? { actions: [{ type: "Action.OpenUrl", title: "Look at it", url }] } : {}),
        },
      },
    ],
  };
}

/** Body and headers of a request; generic ones are signed where there is a secret. */
export function requestOf(
  { kind, secret }: { kind: WebhookKind; secret: string | null },
  message: WebhookMessage,
): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify(bodyOf(kind, message));
  const headers: Record<string, string> = { "content-type": "application/json", "user-agent": "reprise" };
  if (kind === "generic" && secret !== null) {
    headers["x-reprise-signature"] = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  }
  return { body, headers };
}
