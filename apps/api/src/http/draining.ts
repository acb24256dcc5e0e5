import { EventEmitter, once } from "node:events";
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { isEventStream } from "./event-streams.js";

/** A client that has begun to ask has so long to say what once the server stops. */
const restOfHeadersMs = 300;

/** Who has not sent all of a request by then is cut off. */
const overdueMs = 4_300;

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

/** Whether a request is being read, and its client has not sent the rest. One that nobody reads yet waits for us. */
function isOwed(request: IncomingMessage): boolean {
  const { complete, readableDidRead, readableFlowing, readableLength } = request;
  const isRead = readableDidRead || readableFlowing === true || request.listenerCount("readable") > 0;
  return !complete && isRead && readableLength === 0;
}

/**
 * Knows which requests are in hand.
 *
 * @returns waits until each has been answered, to the last byte, or its client is gone; connections end with these answers, and those
 * on which nothing was asked, or not to its end, soon after. A client that does not send the rest of its request is cut off before
 * five seconds are over. To be called before the server closes, for the same reason as {@link stopListening}.
 */
export function registerDraining(app: FastifyInstance): () => Promise<void> {
  const inHand = new Set<ServerResponse>();
  const known = new WeakSet<Socket>();
  const gone = new EventEmitter().setMaxListeners(0);
  let draining = false;
  const end = (raw: ServerResponse) => {
    if (inHand.delete(raw)) gone.emit("request");
  };
  app.addHook("onRequest", async ({ routeOptions }, { raw }) => {
    if (isEventStream(routeOptions.url ?? "")) return;
    inHand.add(raw);
    raw.once("close", () => end(raw));
    const { socket } = raw.req;
    if (known.has(socket)) return;
    known.add(socket);
    // An answer that waits behind another on its connection never learns that this has closed.
    socket.once("close", () => {
      for (const one of inHand) if (one.req.socket === socket) end(one);
    });
  });
  app.addHook("onSend", async (_request, reply) => {
    if (draining) reply.header("connection", "close");
  });
  const answered = async () => {
    while (inHand.size > 0) await once(gone, "request");
  };
  const cutOffLater = () => {
    const overdueAt = performance.now() + overdueMs;
    return setInterval(() => {
      if (performance.now() < overdueAt) return;
      for (const { req } of inHand) if (isOwed(req)) req.socket.destroy();
    }, 100);
  };
  return async () => {
    draining = true;
    const servers = serversOf(app);
    const cuttingOff = cutOffLater();
    await answered();
    clearInterval(cuttingOff);
    for (const server of servers) server.closeIdleConnections();
    const left = await Promise.all(servers.map(connectionsOf));
    if (left.every((count) => count === 0)) return;
    await delay(restOfHeadersMs);
    await answered();
    for (const server of servers) server.closeAllConnections();
  };
}
