import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  connectDatabase,
  EmbeddedPostgresError,
  embeddedPostgresVersion,
  InstanceRunningError,
  isReachable,
  runningEmbeddedPostgres,
  startEmbeddedPostgres,
} from "@reprise/database";
import { afterEach, beforeEach, expect, test } from "vitest";

let dataDirectory: string;
let cleanups: Array<() => Promise<unknown>>;
beforeEach(async () => {
  dataDirectory = await mkdtemp(path.join(tmpdir(), "reprise-embedded-"));
  await chmod(dataDirectory, 0o755);
  cleanups = [];
});
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  await rm(dataDirectory, { recursive: true, force: true });
});

async function start(settings: Record<string, string> = { fsync: "off" }) {
  const server = await startEmbeddedPostgres({ dataDirectory, settings });
  cleanups.push(() => server.stop());
  return server;
}

type Started = { url: string; pid: number; adopted: boolean };

/** Starts the server from a process in a group of its own, as from another terminal. */
async function startElsewhere(): Promise<{ child: ChildProcess; started: Started }> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "test/support/embedded-starter.ts", dataDirectory],
    {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  cleanups.push(async () => child.kill("SIGKILL"));
  const [line] = await once(child.stdout, "data");
  return { child, started: JSON.parse(String(line)) };
}

const query = async (url: string, sql: string) => {
  const db = connectDatabase({ url, maxConnections: 1 });
  try {
    return await db.prisma.$queryRawUnsafe<Array<Record<string, unknown>>>(sql);
  } finally {
    await db.close();
  }
};
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("what was written is there after a restart; the server is durable and takes only the password", async () => {
  expect(await runningEmbeddedPostgres(dataDirectory)).toBeNull();
  const first = await start({});
  expect(await runningEmbeddedPostgres(dataDirectory)).toBe(first.url);
  await query(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  expect(await query(first.url, "SELECT current_setting('fsync') AS fsync")).toEqual([{ fsync: "on" }]);
  const wrong = new URL(first.url);
  wrong.password = "wrong";
  const db = connectDatabase({ url: wrong.toString() });
  expect(await isReachable(db)).toBe(false);
  await db.close();
  expect((await stat(path.join(dataDirectory, "postgres.password"))).mode & 0o777).toBe(0o600);
  await first.stop();
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  expect(await runningEmbeddedPostgres(dataDirectory)).toBeNull();
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await query(second.url, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
});

test("a second start on a data directory in use is refused, and told by whom", async () => {
  const { child } = await startElsewhere();
  const refusal = await startEmbeddedPostgres({ dataDirectory }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(InstanceRunningError);
  expect(refusal).toMatchObject({ pid: child.pid, url: "http://127.0.0.1:4321" });
});

test("the server of a killed start is taken over, with its data, and stopped in the end", async () => {
  const { child, started } = await startElsewhere();
  await query(started.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isAlive(started.pid)).toBe(true);
  const server = await start();
  expect(server).toMatchObject({ adopted: true, pid: started.pid, url: started.url });
  expect(await query(server.url, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  await server.stop();
  const again = await start();
  expect(again.adopted).toBe(false);
});

test("after starter and server were both killed, the next start recovers what was committed", async () => {
  const { child, started } = await startElsewhere();
  await query(started.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  child.kill("SIGKILL");
  process.kill(started.pid, "SIGKILL");
  await once(child, "exit");
  const server = await start();
  expect(server.adopted).toBe(false);
  expect(await query(server.url, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
});

test("a server that is killed is started again where it was, and told of; stop ends it for good", async () => {
  const told: string[] = [];
  let heard = () => {};
  const until = async (pattern: RegExp) => {
    while (!told.some((what) => pattern.test(what)))
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
  };
  const server = await startEmbeddedPostgres({
    dataDirectory,
    onChange: (what) => {
      told.push(what);
      heard();
    },
  });
  cleanups.push(() => server.stop());
  await query(server.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  const { pid } = server;
  process.kill(pid, "SIGKILL");
  await until(/^serves again$/);
  expect(told).toEqual([
    `ended without having been told to (process ${pid}); starting it again`,
    "serves again",
  ]);
  expect(server.pid).not.toBe(pid);
  expect(await query(server.url, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  const again = server.pid;
  await server.stop();
  expect(isAlive(again)).toBe(false);
  expect(told).toHaveLength(2);
});

test("Ctrl-C in the starter's terminal does not reach the server", async () => {
  const { child, started } = await startElsewhere();
  if (!child.pid || !child.stdout) throw new Error("not started");
  const interrupted = once(child.stdout, "data");
  process.kill(-child.pid, "SIGINT");
  expect(String(await interrupted)).toContain("interrupted");
  expect(await query(started.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  child.kill("SIGKILL");
  await once(child, "exit");
  await start();
});

test("a lock left by a process that is gone, or by another one with its number, does not stand in the way", async () => {
  const lock = path.join(dataDirectory, "reprise.lock");
  const dead = spawn(process.execPath, ["-e", ""]);
  await once(dead, "exit");
  await writeFile(lock, JSON.stringify({ pid: dead.pid, processStart: null, url: null }));
  await (await start()).stop();
  await writeFile(lock, JSON.stringify({ pid: process.ppid, processStart: "1", url: null }));
  await (await start()).stop();
  await writeFile(lock, "not json");
  await (await start()).stop();
  await expect(readFile(lock)).rejects.toThrow("ENOENT");
});

test("of several starts at the same time, one gets the data directory", async () => {
  const children = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const child = spawn(
        process.execPath,
        ["--import", "tsx", "test/support/embedded-starter.ts", dataDirectory],
        {
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
      cleanups.push(async () => child.kill("SIGKILL"));
      const outcome = await Promise.race([
        once(child.stdout, "data").then(() => "started"),
        once(child, "exit").then(() => "refused"),
      ]);
      return { child, outcome };
    }),
  );
  expect(children.map(({ outcome }) => outcome).sort()).toEqual(["refused", "refused", "started"]);
  for (const { child } of children) child.kill("SIGKILL");
  await Promise.all(
    children.map(({ child }) =>
      child.exitCode === null && child.signalCode === null ? once(child, "exit") : null,
    ),
  );
  await start();
});

test("a data directory that the server cannot reach is served from a place that it can", async ({ skip }) => {
  if (process.getuid?.() !== 0) return skip("only root runs PostgreSQL as another user");
  await chmod(dataDirectory, 0o700);
  const lines: string[] = [];
  const server = await startEmbeddedPostgres({ dataDirectory, log: (line) => lines.push(line) });
  const [row] = await query(server.url, "SELECT current_setting('data_directory') AS folder");
  const folder = String(row?.folder);
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  await server.stop();
  expect(folder).toMatch(/^\/var\/lib\/reprise\/data-/);
  expect(lines.join("\n")).toContain(folder);
});

test("a server that cannot start says why", async () => {
  const failure = await startEmbeddedPostgres({
    dataDirectory,
    settings: { shared_buffers: "nonsense" },
  }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(EmbeddedPostgresError);
  expect(String(failure)).toContain("shared_buffers");
  await start();
});

test("the version of the server that is brought along is known", async () => {
  expect(await embeddedPostgresVersion()).toMatch(/^18\./);
});
