import type { ServerResponse } from "node:http";
import { Server } from "node:net";
import type { FastifyInstance } from "fastify";
import { isEventStream } from "./event-streams.js";

/**
 * Takes no new connection from now on. The server's own `close` would also cut connections whose answer has been written
 * and not yet sent: for Node these are idle.
 */
export function stopListening({ server }: FastifyInstance): void {
  Server.prototype.close.call(server);
}

/**
 * Knows which requests are in hand.
 *
 * @returns waits until each has been answered, to the last byte, or its client is gone; connections end with these answers.
 * To be called before the server closes, for the same reason as {@link stopListening}.
 */
export function registerDraining(app: FastifyInstance): () => Promise<void> {
  const inHand = new Set<ServerResponse>();
  let draining = false;
  app.addHook("onRequest", async ({ routeOptions }, { raw }) => {
    if (isEventStream(routeOptions.url ?? "")) return;
    inHand.add(raw);
    raw.once("close", () => inHand.delete(raw));
  });
  app.addHook("onSend", async (_request, reply) => {
    if (draining) reply.header("connection", "close");
  });
  return async () => {
    draining = true;
    await Promise.all([...inHand].map((raw) => new Promise((resolve) => raw.once("close", resolve))));
  };
}
