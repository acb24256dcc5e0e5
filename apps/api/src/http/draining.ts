import type { Server as HttpServer, ServerResponse } from "node:http";
import { Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { answerInPlaceOfRoute } from "./broken-requests.js";
import { isEventStream } from "./event-streams.js";
import { problem } from "./problems.js";

/** A client that has begun to ask has so long to say what once the server stops, and one that is cut off so long to read why. */
const lastWordMs = 300;

/** A client that neither sends nor reads for so long holds up no stop. */
const silentForMs = 1_800;
/** After so long no more is taken of what a client is still sending. */
const restOfBodyMs = 4_300;

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

const cutOff = () =>
  problem("not-ready", "The server stops, and the rest of the request had not come in time. Send it again.", {
    headers: { "retry-after": "5" },
  });

/** Ends a request that has not arrived whole; one that has is left to its answer. */
function endUnlessWhole({ req, socket, headersSent }: ServerResponse): void {
  if (req.complete || socket === null || socket.destroyed) return;
  if (!headersSent) answerInPlaceOfRoute(cutOff(), socket);
  // It may go on sending, and is to read meanwhile what it is told.
  setTimeout(() => socket.destroy(), headersSent ? 0 : lastWordMs);
}

/**
 * Knows which requests are in hand.
 *
 * @returns waits until each has been answered, to the last byte, or its client is gone or has fallen silent; connections end with these
 * answers, and those on which nothing was asked, or not to its end, soon after. No client is waited for five seconds long that still
 * sends. To be called before the server closes, for the same reason as {@link stopListening}.
 */
export function registerDraining(app: FastifyInstance): () => Promise<void> {
  const inHand = new Set<ServerResponse>();
  let draining = false;
  app.addHook("onRequest", async ({ routeOptions }, { raw }) => {
    if (isEventStream(routeOptions.url ?? "")) return;
    inHand.add(raw);
    if (draining) raw.socket?.setTimeout(silentForMs);
    raw.once("close", () => inHand.delete(raw));
  });
  app.addHook("onSend", async (_request, reply) => {
    if (draining) reply.header("connection", "close");
  });
  const answered = async () => {
    while (inHand.size > 0)
      await Promise.all([...inHand].map((raw) => new Promise((resolve) => raw.once("close", resolve))));
  };
  /** Ends what a silent client holds up; who waits for an answer that is being made is silent too, and is left. */
  const endIfHeldUp = (socket: Socket) => {
    if (socket.writableLength > 0) socket.destroy();
    else for (const raw of inHand) if (raw.socket === socket) endUnlessWhole(raw);
  };
  return async () => {
    draining = true;
    const servers = serversOf(app);
    for (const server of servers) server.on("timeout", endIfHeldUp);
    for (const { socket } of inHand) socket?.setTimeout(silentForMs);
    const overdue = setTimeout(() => inHand.forEach(endUnlessWhole), restOfBodyMs);
    await answered();
    clearTimeout(overdue);
    for (const server of servers) server.closeIdleConnections();
    const left = await Promise.all(servers.map(connectionsOf));
    if (left.every((count) => count === 0)) return;
    await delay(lastWordMs);
    await answered();
    for (const server of servers) server.closeAllConnections();
  };
}
