/** A database of its own and the API alone on it, whose processor time can be told apart. For benches. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { connectDatabase, type Database, migrate, startEmbeddedPostgres } from "@reprise/database";
import { dataFolder, freePort } from "../support/start-reprise.js";

/** Milliseconds of a tick of the kernel's account of processor time: Linux tells programs of hundredths of a second. */
const tickMs = 10;

/** Fields of `/proc/PID/stat` behind the name of the program, which may hold anything. */
function statOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return [];
  }
}

const processorMs = (pid: number): number => {
  const stat = statOf(pid);
  return tickMs * (Number(stat[11] ?? 0) + Number(stat[12] ?? 0));
};

/** That of a process with all its children, those that have ended included. */
function processorMsOfAll(pid: number): number {
  const stat = statOf(pid);
  const ended = tickMs * (Number(stat[13] ?? 0) + Number(stat[14] ?? 0));
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + processorMs(each), ended);
}

const childrenOf = (pid: number): number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((each) => Number.isInteger(each) && Number(statOf(each)[1]) === pid);

export type ServedDatabase = {
  url: string;
  db: Database;
  /** Milliseconds of processor time that PostgreSQL has taken so far; on Linux alone. */
  processorTime(): number;
  stop(): Promise<void>;
};

/** A new database, with no server on it that would do anything by itself. */
export async function serveDatabase(): Promise<ServedDatabase> {
  const data = dataFolder();
  // As root, PostgreSQL runs as another user, who must be able to get there.
  chmodSync(data.path, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDirectory: data.path });
  await migrate(postgres.url);
  const db = connectDatabase({ url: postgres.url });
  const stop = async () => {
    process.off("SIGTERM", terminated);
    await db.close();
    await postgres.stop();
    data.remove();
  };
  // By a time limit: PostgreSQL would stay.
  const terminated = () => void stop().finally(() => process.exit(143));
  process.once("SIGTERM", terminated);
  return { url: postgres.url, db, processorTime: () => processorMsOfAll(postgres.pid), stop };
}

export type ServedApi = {
  url: string;
  /** Of the API's process. */
  pid: number;
  db: Database;
  /** Milliseconds of processor time that API and PostgreSQL have taken so far; on Linux alone. */
  processorTime(): { api: number; postgres: number };
  stop(): Promise<void>;
};

export async function serveApi(environment: NodeJS.ProcessEnv = {}): Promise<ServedApi> {
  const database = await serveDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const main = fileURLToPath(new URL("../../apps/api/src/main.ts", import.meta.url));
  const api = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main], {
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      REPRISE_PORT: port,
      REPRISE_LOG_LEVEL: "warn",
      REPRISE_REQUESTS_PER_MINUTE: "1000000",
      ...environment,
    },
    stdio: "inherit",
  });
  for (;;) {
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok) break;
    if (api.exitCode !== null) throw new Error(`the API ended with ${api.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: api.pid ?? 0,
    db: database.db,
    processorTime: () => ({ api: processorMs(api.pid ?? 0), postgres: database.processorTime() }),
    async stop() {
      api.kill("SIGTERM");
      await once(api, "exit");
      await database.stop();
    },
  };
}
