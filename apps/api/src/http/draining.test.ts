import { once } from "node:events";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import Fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { registerDraining, stopListening } from "./draining.js";

test("a client that reads nothing of its answer does not hold up the end", async () => {
  const app = Fastify();
  app.addHook("preClose", registerDraining(app));
  app.get("/", (_request, reply) => reply.send(Buffer.alloc(20_000_000)));
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await once(socket, "readable");
  await app.close();
  socket.destroy();
});

test("an answer that is still being sent when the server stops arrives whole", async () => {
  const app = Fastify();
  app.addHook("preClose", registerDraining(app));
  const bytes = 20_000_000;
  app.get("/", (_request, reply) => reply.send(Buffer.alloc(bytes)));
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  // From here on the client reads no further.
  await once(socket, "readable");
  stopListening(app);
  const closed = app.close();
  await expect(fetch(url)).rejects.toThrow();
  expect((await buffer(socket)).length).toBeGreaterThan(bytes);
  await closed;
});
