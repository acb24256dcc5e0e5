import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** Why the tests on Redis cannot run here; null when they can. */
export function redisMissing(): string | null {
  return spawnSync("redis-server", ["--version"], { stdio: "ignore" }).status === 0
    ? null
    : "redis-server is not on the PATH: the queue is tested on PostgreSQL only";
}

export type TestRedis = {
  url: string;
  /** Ends the server and starts it again on the same port; what was stored survives. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Starts a Redis server of our own on a free loopback port, with an append-only file. */
export async function startRedis(): Promise<TestRedis> {
  const folder = await mkdtemp(path.join(tmpdir(), "reprise-redis-"));
  const port = await freePort();
  const start = () => {
    const options = ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];
    const child = spawn(
      "redis-server",
      ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...options],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    return new Promise<typeof child>((resolve, reject) => {
      let printed = "";
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`redis-server ended: ${printed}`)));
      child.stdout.on("data", (text) => {
        printed += text;
        if (printed.includes("Ready to accept connections")) resolve(child);
      });
    });
  };
  let child = await start();
  const end = () =>
    new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGTERM");
    });
  return {
    url: `redis://127.0.0.1:${port}`,
    async restart() {
      await end();
      child = await start();
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
