import { setTimeout as delay } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import { buildApp } from "./app.js";
import { type ApiConfig, ConfigError, checkConfig, describeConfig } from "./config.js";
import { openContext } from "./context.js";
import { createLogger } from "./logger.js";
import { startRetention } from "./maintenance/retention.js";
import { startSeriesReviser } from "./maintenance/series-reviser.js";
import { startDispatcher } from "./runs/dispatcher.js";
import { startWebhookSender } from "./webhooks/webhook-sender.js";

export { buildApp } from "./app.js";
export { type ApiConfig, ConfigError, describeConfig, parseConfig } from "./config.js";
export { type ApiContext, openContext } from "./context.js";
export { createLogger } from "./logger.js";
export { keepRetention } from "./maintenance/retention.js";
export { startSeriesReviser } from "./maintenance/series-reviser.js";
export { type Dispatcher, type DispatcherOptions, startDispatcher } from "./runs/dispatcher.js";
export { settleVerifications } from "./verifications/verifications.js";
export { startWebhookSender, type WebhookSenderOptions } from "./webhooks/webhook-sender.js";

export type Api = {
  /** Listens, and feeds the queue from then on. The database must have been migrated. */
  start(): Promise<{ url: string }>;
  /** Ends streams, lets requests in hand finish, and disconnects; what a database in trouble holds up longer than that is left behind. */
  stop(): Promise<void>;
};

/** Whoever stops a service kills it soon after: what waits for the database's locks by then is taken back by it. */
const stopWithinMs = 4_500;

const portTaken = (error: unknown) =>
  error instanceof Error && "code" in error && error.code === "EADDRINUSE";
const takenWords = ({ host, port }: ApiConfig) =>
  `REPRISE_PORT (value ${port}): another program listens on ${host}:${port}. Stop it, or set REPRISE_PORT to a free port.`;

/** The API server as one thing to start and stop; the dispatcher runs inside it. @throws {ConfigError} */
export function createApi(config: ApiConfig, options: { log?: FastifyBaseLogger } = {}): Api {
  checkConfig(config);
  const log = options.log ?? createLogger(config.logLevel);
  /** What is open, in the order in which it is closed. */
  let running: Array<() => Promise<unknown>> | null = null;

  async function stop(): Promise<void> {
    const ending = running;
    running = null;
    if (!ending) return;
    const closing = (async () => {
      for (const close of ending) await close();
      return "stopped";
    })();
    closing.catch(() => {});
    const waiting = new AbortController();
    const late = delay(stopWithinMs, "stopped; the database holds up what was in hand", {
      signal: waiting.signal,
    }).catch(() => "stopped");
    log.info(await Promise.race([closing, late]));
    waiting.abort();
  }

  async function start(): Promise<{ url: string }> {
    if (running) throw new Error("the API has been started already");
    log.info({ config: describeConfig(config) }, "starting");
    const context = await openContext(config, log);
    const opened: Array<() => Promise<unknown>> = [() => context.close()];
    try {
      const app = await buildApp(context);
      opened.unshift(() => app.close());
      const url = await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
        throw portTaken(error) ? new ConfigError(takenWords(config)) : error;
      });
      const dispatcher = startDispatcher(context);
      opened.unshift(() => dispatcher.stop());
      const sender = startWebhookSender(context);
      opened.unshift(() => sender.stop());
      const reviser = startSeriesReviser(context);
      opened.unshift(() => reviser.stop());
      const retention = startRetention(context);
      opened.unshift(() => retention.stop());
      running = opened;
      return { url };
    } catch (error) {
      for (const close of opened) await close();
      throw error;
    }
  }

  return { start, stop };
}
