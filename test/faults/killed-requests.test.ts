import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterAll, expect, it, onTestFinished, vi } from "vitest";
import { startTestApi } from "../integration/api-harness.js";
import { type KeyedPost, keyedPosts, sendKeyed } from "../integration/keyed-posts.js";
import { freePort, reprise } from "../support/start-reprise.js";

const api = await startTestApi();
const url = await api.app.listen({ host: "127.0.0.1", port: 0 });
const posts = await keyedPosts(api);
afterAll(() => api.close());

/** A way to the database on which commits that keep an answer go through, and nobody hears that they did. */
async function unheardCommits(databaseUrl: string): Promise<string> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    let keepsAnswer = false;
    let unheard = false;
    client.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      keepsAnswer ||= text.includes("INSERT INTO idempotency_keys");
      unheard ||= keepsAnswer && text.includes("COMMIT");
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (!unheard) client.write(bytes);
    });
    for (const [socket, other] of [[client, server] as const, [server, client] as const]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => other.destroy());
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const way = new URL(databaseUrl);
  way.port = String(address.port);
  return way.toString();
}

/** The API as a process of its own. */
async function startServer(databaseUrl: string) {
  const port = await freePort();
  const server = reprise(["api"], {
    ...{ DATABASE_URL: databaseUrl, REPRISE_PORT: port, REPRISE_TOKEN: "", REDIS_URL: "" },
  });
  const ended = once(server.process, "exit");
  const kill = () => {
    server.process.kill("SIGKILL");
    return ended;
  };
  onTestFinished(() => void kill());
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitUntil(isReady, { timeout: 120_000, interval: 100 });
  return { url: `http://127.0.0.1:${port}`, kill };
}

/** As many as its connections to the database allow beside what it does by itself. */
const atOnce = 7;
const operations = Object.keys(posts);
const groups = Array.from({ length: Math.ceil(operations.length / atOnce) }, (_, index) =>
  operations.slice(index * atOnce, (index + 1) * atOnce),
);

it.each(groups.map((group) => [group.join(", "), group] as const))(
  "a server that is killed between effect and answer has done it once, and says so when it is asked again: %s",
  async (_, group) => {
    const made: Array<{ operation: string; post: KeyedPost; key: string }> = [];
    for (const operation of group) {
      const post = await posts[operation]?.();
      if (post) made.push({ operation, post, key: randomUUID() });
    }
    expect(made).toHaveLength(group.length);
    const server = await startServer(await unheardCommits(api.config.databaseUrl));
    const asked = made.map(({ post, key }) => sendKeyed(server.url, post, key).catch(() => "broken off"));
    const effects = async () =>
      Object.fromEntries(
        await Promise.all(
          made.map(async ({ operation, post }) => [operation, await post.effects()] as const),
        ),
      );
    const once = Object.fromEntries(group.map((operation) => [operation, 1]));
    await expect.poll(effects, { timeout: 60_000, interval: 50 }).toEqual(once);
    await server.kill();
    expect(await Promise.all(asked)).toEqual(group.map(() => "broken off"));

    for (const { operation, post, key } of made) {
      const again = await sendKeyed(url, post, key);
      const kept = await api.db.prisma.idempotencyKey.findFirstOrThrow({ where: { key: { endsWith: key } } });
      expect([operation, again.status, again.json]).toEqual([operation, post.status, kept.body]);
    }
    expect(await effects()).toEqual(once);
  },
);
