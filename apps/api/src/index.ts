import type { FastifyBaseLogger } from "fastify";
import { buildApp } from "./app.js";
import { closeInTime, isHeldUp } from "./closing.js";
import { type ApiConfig, ConfigError, checkConfig, describeConfig } from "./config.js";
import { type ApiContext, openContext } from "./context.js";
import { stopListening } from "./http/draining.js";
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
export {
  type Dispatcher,
  type DispatcherOptions,
  dispatcherDefaults,
  startDispatcher,
} from "./runs/dispatcher.js";
export { settleVerifications } from "./verifications/verifications.js";
export { startWebhookSender, type WebhookSenderOptions } from "./webhooks/webhook-sender.js";

export type Api = {
  /** Listens, and feeds the queue from then on. The database must have been migrated. */
  start(): Promise<{ url: string }>;
  /** Takes no more connections, lets requests in hand finish, and disconnects; what is not done in time is left behind. */
  stop(): Promise<void>;
};

const portTaken = (error: unknown) =>
  error instanceof Error && "code" in error && error.code === "EADDRINUSE";
const takenWords = ({ host, port }: ApiConfig) =>
  `REPRISE_PORT (value ${port}): another program listens on ${host}:${port}. Stop it, or set REPRISE_PORT to a free port.`;

/** The API server as one thing to start and stop; the dispatcher runs inside it. @throws {ConfigError} */
export function createApi(config: ApiConfig, options: { log?: FastifyBaseLogger } = {}): Api {
  checkConfig(config);
  const log = options.log ?? createLogger(config.logLevel);
  let running: { close(): Promise<void>; context: ApiContext } | null = null;

  async function stop(): Promise<void> {
    const ending = running;
    running = null;
    if (!ending) return;
    log.info(await closeInTime(ending.close(), () => isHeldUp(ending.context)));
  }

  async function start(): Promise<{ url: string }> {
    if (running) throw new Error("the API has been started already");
    log.info({ config: describeConfig(config) }, "starting");
    const context = await openContext(config, log);
    /** What uses the context. */
    const parts: Array<() => Promise<unknown>> = [];
    const close = async () => {
      await Promise.all(parts.map((end) => end()));
      await context.close();
    };
    try {
      const app = await buildApp(context);
      parts.push(async () => {
        // At once, and not only when what else is in hand has been told to end.
        stopListening(app);
        await app.close();
      });
      const url = await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
        throw portTaken(error) ? new ConfigError(takenWords(config)) : error;
      });
      for (const part of [startDispatcher, startWebhookSender, startSeriesReviser, startRetention]) {
        const { stop: end } = part(context);
        parts.push(end);
      }
      running = { close, context };
      return { url };
    } catch (error) {
      await close();
      throw error;
    }
  }

  return { start, stop };
}
