import { EventEmitter, on, once } from "node:events";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import Fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { registerDraining, stopListening } from "./draining.js";

test("two requests at once of a client that has gone hold up no end", async () => {
  const app = Fastify();
  const drained = registerDraining(app);
  const asked = new EventEmitter();
  app.get("/", async () => {
    asked.emit("request");
    await once(asked, "never");
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => {
    asked.emit("never");
    return app.close();
  });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const both = on(asked, "request");
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(2));
  await both.next();
  await both.next();
  socket.destroy();
  await drained();
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
