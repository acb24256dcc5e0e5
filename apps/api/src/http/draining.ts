import type { Server as HttpServer, ServerResponse } from "node:http";
import { Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { isEventStream } from "./event-streams.js";

/** A client that has begun to ask has so long to say what, once the server stops. */
const restOfHeadersMs = 300;

/** The server, and those that the framework opens beside it where the name it listens on has several addresses. */
function serversOf(app: FastifyInstance): HttpServer[] {
  const own = Object.getOwnPropertySymbols(app).find(
    ({ description }) => description === "fastify.serverBindings",
  );
  const others: unknown = own && Reflect.get(app, own);
  return [app.server, ...(Array.isArray(others) ? others : [])];
}

/**
 * Takes no new connection from now on. The server's own `close` would also cut connections whose answer has been written
 * and not yet sent: for Node these are idle.
 */
export function stopListening(app: FastifyInstance): void {
  for (const server of serversOf(app)) Server.prototype.close.call(server);
}

const connectionsOf = (server: HttpServer) =>
  new Promise<number>((resolve) => {
    server.getConnections((error, count) => resolve(error ? 0 : count));
  });

/**
 * Knows which requests are in hand.
 *
 * @returns waits until each has been answered, to the last byte, or its client is gone; connections end with these answers, and those
 * on which nothing was asked, or not to its end, soon after. To be called before the server closes, for the same reason as
 * {@link stopListening}.
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
  const answered = async () => {
    while (inHand.size > 0)
      await Promise.all([...inHand].map((raw) => new Promise((resolve) => raw.once("close", resolve))));
  };
  return async () => {
    draining = true;
    await answered();
    const servers = serversOf(app);
    for (const server of servers) server.closeIdleConnections();
    const left = await Promise.all(servers.map(connectionsOf));
    if (left.every((count) => count === 0)) return;
    await delay(restOfHeadersMs);
    await answered();
    for (const server of servers) server.closeAllConnections();
  };
}
