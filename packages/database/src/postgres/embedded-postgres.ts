import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, open, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { EmbeddedPostgresError } from "../errors.js";
import { takeInstanceLock } from "./instance-lock.js";
import { keepServer, type RunningServer } from "./keep-server.js";
import { clusterFolder, findBinaries, type ServerUser, serverUser } from "./postgres-binaries.js";
import {
  findOrphan,
  initialiseCluster,
  readPostmaster,
  serverEnvironment,
  stopServer,
  superuser,
} from "./postgres-cluster.js";
import { isProcessAlive } from "./processes.js";

const databaseName = "reprise";
const startTimeoutMs = 60_000;

/** Modest enough for a laptop beside a training, and durable. */
const defaultSettings: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: "64MB",
  fsync: "on",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
};

export type EmbeddedPostgres = {
  /** Connection string with the password: treat it as a secret. */
  url: string;
  port: number;
  /** Process of the server; another one after it had to be started again. */
  readonly pid: number;
  /** True when the server of an earlier, killed start was still running and has been taken over. */
  adopted: boolean;
  /** Tells later starters on the same data directory where this instance is (`InstanceRunningError.url`). */
  announce(url: string): Promise<void>;
  /** Stops the server (open sessions are ended) and gives the data directory free. */
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

const passwordFile = (dataDirectory: string) => path.join(dataDirectory, "postgres.password");

async function readOrMakePassword(dataDirectory: string): Promise<string> {
  const file = passwordFile(dataDirectory);
  const known = await readFile(file, "utf8").catch(() => null);
  if (known !== null) return known.trim();
  const password = randomBytes(24).toString("base64url");
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  return password;
}

/** Connects as soon as the server takes connections; `alive` tells when waiting is in vain. */
async function waitUntilReady(url: string, alive: () => boolean): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      // 28P01: wrong password. 3D000: no such database. Neither gets better by waiting.
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "28P01") {
        throw new EmbeddedPostgresError("The server does not accept the password in postgres.password.");
      }
      if (!alive()) throw new EmbeddedPostgresError("PostgreSQL ended while it was starting.");
      if (performance.now() > deadline)
        throw new EmbeddedPostgresError("PostgreSQL did not get ready in time.");
    }
    await delay(20);
  }
}

async function ensureDatabase(maintenanceUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenanceUrl });
  await client.connect();
  try {
    const found = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [databaseName]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`);
  } finally {
    await client.end();
  }
}

const urlOf = (password: string, port: number, database: string) =>
  `postgresql://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;

/** Connection string of the server that runs on this data directory; null where none does. */
export async function runningEmbeddedPostgres(dataDirectory: string): Promise<string | null> {
  const password = await readFile(passwordFile(dataDirectory), "utf8").catch(() => null);
  if (password === null) return null;
  const folder = await clusterFolder(dataDirectory, await serverUser(), () => {});
  const server = await readPostmaster(folder);
  if (server === null || !isProcessAlive(server.pid)) return null;
  return urlOf(password.trim(), server.port, databaseName);
}

/**
 * Starts PostgreSQL on files under `dataDirectory` (made at the first start), listening on 127.0.0.1 with a password.
 * The server is detached, so that Ctrl-C in the terminal does not reach it before its clients have ended; it must be
 * stopped by `stop`. The server of a start that was killed is taken over; one that ends by itself is started again.
 *
 * @param options.port default: a free one
 * @param options.settings server settings on top of the defaults, e.g. `{ fsync: "off" }` in tests
 * @param options.onChange told when the server ended by itself, why it does not start again, and when it serves again
 * @throws InstanceRunningError when another live process holds the data directory; EmbeddedPostgresError otherwise
 */
export async function startEmbeddedPostgres(options: {
  dataDirectory: string;
  port?: number;
  settings?: Record<string, string>;
  log?: (line: string) => void;
  onChange?: (what: string) => void;
}): Promise<EmbeddedPostgres> {
  const dataDirectory = path.resolve(options.dataDirectory);
  const log = options.log ?? (() => {});
  const lock = await takeInstanceLock(dataDirectory);
  try {
    const user = await serverUser();
    const folder = await clusterFolder(dataDirectory, user, log);
    const password = await readOrMakePassword(dataDirectory);

    const orphan = await findOrphan(folder);
    if (orphan) log(`Taking over the PostgreSQL server of an earlier start (process ${orphan.pid})`);
    const context = { ...options, dataDirectory, folder, user, password, log };
    const ready = async (server: RunningServer, signal?: AbortSignal) => {
      const alive = () =>
        !signal?.aborted &&
        (server.child
          ? server.child.exitCode === null && server.child.signalCode === null
          : isProcessAlive(server.pid));
      try {
        await waitUntilReady(urlOf(password, server.port, "postgres"), alive);
        return server;
      } catch (error) {
        const lines = (await readFile(logFileOf(dataDirectory), "utf8").catch(() => "")).trim().split("\n");
        if (server.child && isProcessAlive(server.pid)) await stopServer(server.pid);
        throw new EmbeddedPostgresError(whyNotReady(error, lines.slice(-12), dataDirectory));
      }
    };
    const first = await ready(orphan ? { ...orphan, child: null } : await spawnServer(context));
    const { port } = first;
    await ensureDatabase(urlOf(password, port, "postgres"));
    const server = keepServer(
      first,
      async (signal) => {
        // Waits for the sessions of the server that ended, which a new one must not meet.
        const found = await findOrphan(folder);
        return ready(found ? { ...found, child: null } : await spawnServer({ ...context, port }), signal);
      },
      options.onChange ?? log,
    );
    let stopping: Promise<void> | null = null;
    const stop = async () => {
      await server.stop();
      await lock.release();
    };
    return {
      url: urlOf(password, port, databaseName),
      port,
      get pid() {
        return server.pid();
      },
      adopted: orphan !== null,
      announce: (url) => lock.announce(url),
      stop() {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The reason with the end of the server's own log; a full disk in words, because the log says it in its own. */
function whyNotReady(error: unknown, log: readonly string[], dataDirectory: string): string {
  const reason = error instanceof Error ? error.message : String(error);
  const full = log.some((line) => line.includes("No space left on device"))
    ? `The disk of ${dataDirectory} is full. Make room on it; nothing that was acknowledged is lost.\n`
    : "";
  return `${full}${reason}\n${log.join("\n")}`;
}

const logFileOf = (dataDirectory: string) => path.join(dataDirectory, "postgres.log");

async function spawnServer(context: {
  dataDirectory: string;
  folder: string;
  user: ServerUser;
  password: string;
  port?: number;
  settings?: Record<string, string>;
  log: (line: string) => void;
}): Promise<RunningServer> {
  const { dataDirectory, folder, user } = context;
  const binaries = await findBinaries(user, context.log);
  if (!(await stat(path.join(folder, "PG_VERSION")).catch(() => null))) {
    context.log(`Creating a database in ${folder}`);
    await initialiseCluster(folder, binaries.initdb, user, context.password);
  }
  const owner = await stat(folder);
  const port = context.port ?? (await freePort());
  const settings = Object.entries({ ...defaultSettings, ...context.settings });
  // One that is started again must not wipe out what the last one said in its end.
  const logFile = await open(logFileOf(dataDirectory), context.port === undefined ? "w" : "a", 0o600);
  try {
    const child = spawn(
      binaries.postgres,
      ["-D", folder, "-p", String(port), ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      {
        // The files belong to whoever made them, which need not be today's choice.
        ...(user ? { uid: owner.uid, gid: owner.gid } : {}),
        cwd: folder,
        env: serverEnvironment(),
        detached: true,
        stdio: ["ignore", logFile.fd, logFile.fd],
      },
    );
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => reject(new EmbeddedPostgresError(`PostgreSQL: ${error.message}`)));
    });
    child.unref();
    return { pid: child.pid ?? 0, port, child };
  } finally {
    await logFile.close();
  }
}
