import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
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
  pid(): number;
  /** Ends the server, unless it has ended, and starts it again on the same port; what was stored survives where it persists. */
  restart(): Promise<void>;
  /** Forgets all that is stored. */
  flush(): Promise<void>;
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

/** Starts a Redis server of our own on a free loopback port, with an append-only file unless it is not to persist. */
export async function startRedis({ persistent = true } = {}): Promise<TestRedis> {
  const folder = await mkdtemp(path.join(tmpdir(), "reprise-redis-"));
  const port = await freePort();
  const start = () => {
    const persistence = persistent ? ["--appendonly", "yes", "--appendfsync", "always"] : [];
    const options = [...persistence, "--maxmemory-policy", "noeviction"];
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
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill("SIGTERM");
    });
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: () => child.pid ?? 0,
    async flush() {
      const socket = connect(port, "127.0.0.1");
      socket.write("FLUSHALL\r\n");
      await once(socket, "data");
      socket.destroy();
    },
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
