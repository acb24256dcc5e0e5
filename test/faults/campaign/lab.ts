import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connectDatabase, type Database, migrate, startEmbeddedPostgres } from "@reprise/database";
import { guardPostgres } from "../../support/postgres.js";
import { startRedis, type TestRedis } from "../../support/redis.js";
import { mountSmallDisk, unmountSmallDisk } from "../../support/small-disk.js";
import { freePort, repriseCommand } from "../../support/start-reprise.js";
import { smallWorkerFile } from "../../support/worker-file.js";
import { type Link, openLink } from "./link.js";
import { noteMoves } from "./moves.js";
import { keep, labVariable, markedProcesses, processesBelow, signal } from "./parts.js";

/**
 * What faults are done to: a database, an API and two workers, each kept running, that reach each other through links which
 * can fail. The queue is in the database (`postgres`) or in Redis.
 */
export type LabKind = "postgres" | "redis";

export type Part = "api" | "worker" | "trainer" | "postgres" | "redis";

export type Lab = {
  readonly kind: LabKind;
  /** The API, as clients reach it: through a link. */
  readonly url: string;
  /** The database, reached without one. */
  readonly db: Database;
  readonly links: { client: Link; api: Link; worker: Link };
  readonly redis: TestRedis | null;
  /** Folder of the database on a small disk of its own; null where none could be mounted. */
  readonly disk: string | null;
  /** Processes of a part, now: of two workers the first, of trainers those of the first. */
  pids(part: Part): number[];
  /** All trainers that run, whoever started them. */
  trainers(): number[];
  /** Ends everything at once with SIGKILL; it is started again. */
  killTree(): Promise<void>;
  /** A second API, with its dispatcher, on the same database, until it is called to end. */
  secondApi(): () => Promise<void>;
  /** Waits until both workers are announced and the API is ready. */
  ready(): Promise<void>;
  until: typeof until;
  /** What the database says, once it answers: the fault before may still be felt. */
  read: <Result>(query: () => Promise<Result>) => Promise<Result>;
  /** What the parts printed last, for whoever looks for the cause of a violation. */
  printed(): string;
  stop(): Promise<void>;
};

/** After so much silence a worker has lost its run. */
export const leaseSeconds = 5;
const diskMegabytes = 320;
const readyWithinMs = 300_000;

const clock = fileURLToPath(new URL("./jumping-clock.mjs", import.meta.url));

/** Waits for what must be within a while; what cannot be looked at is not yet so. */
async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (!(await look().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${readyWithinMs / 1000} s`);
    await delay(200);
  }
}

/** Asks until there is an answer, as long as what is wrong may last. */
async function read<Result>(query: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + readyWithinMs;
  for (;;) {
    try {
      return await query();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(200);
    }
  }
}

/** Starts a lab in a folder of its own, and waits until it takes runs. */
export async function startLab(kind: LabKind): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), "reprise-faults-"));
  // As root the server runs as another user, who must be able to get there.
  chmodSync(folder, 0o755);
  const mark = folder.slice(-6);
  const databaseFolder = join(folder, "database");
  const onDisk = mountSmallDisk(databaseFolder, diskMegabytes);
  const postgres = await startEmbeddedPostgres({
    dataDirectory: databaseFolder,
    // The small disk is to be filled by a fault, not by what it keeps of its past.
    settings: { max_wal_size: "64MB" },
  });
  const guard = guardPostgres(postgres.pid, folder);
  await migrate(postgres.url);
  const redis = kind === "redis" ? await startRedis({ persistent: false }) : null;
  const port = Number(await freePort());
  const links = {
    client: await openLink(port),
    api: await openLink(postgres.port),
    worker: await openLink(postgres.port),
  };
  const through = (at: number) => {
    const url = new URL(postgres.url);
    url.port = String(at);
    return url.toString();
  };
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...{ [labVariable]: mark, NODE_OPTIONS: `--import ${clock}`, REPRISE_LOG_LEVEL: "warn" },
    ...{
      REPRISE_WORKER_CONFIG: smallWorkerFile(folder, leaseSeconds),
      REPRISE_DATA_DIR: join(folder, "data"),
    },
    ...{ REPRISE_TOKEN: "", REPRISE_PYTHON: "", REDIS_URL: redis?.url ?? "" },
  };
  const start = (name: string, word: "api" | "worker", databasePort: number, own: NodeJS.ProcessEnv) =>
    keep(name, repriseCommand([word]), { ...environment, DATABASE_URL: through(databasePort), ...own });
  const api = start("api", "api", links.api.port, { REPRISE_PORT: String(port) });
  const workers = [links.worker.port, postgres.port].map((at, index) =>
    start(`worker ${index + 1}`, "worker", at, { REPRISE_WORKER_NAME: `worker-${index + 1}` }),
  );
  const kept = [api, ...workers];
  const db = connectDatabase({ url: postgres.url });
  const url = `http://127.0.0.1:${links.client.port}`;
  const ready = async () => {
    const here = () => ({ pid: { in: workers.map((each) => each.pid()) }, status: "ready" as const });
    await until("the workers", async () => (await db.prisma.worker.count({ where: here() })) === 2);
    await until("the API", async () => (await fetch(`${url}/readyz`)).ok);
  };
  await ready();
  await noteMoves(db);

  const [first] = workers;
  const pids = (part: Part): number[] => {
    if (part === "api") return [api.pid()];
    if (part === "worker") return [first?.pid() ?? 0];
    if (part === "postgres") return processesBelow(postgres.pid);
    if (part === "redis") return redis ? [redis.pid()] : [];
    return processesBelow(first?.pid() ?? 0).filter((pid) => trainers().includes(pid));
  };
  const trainers = () =>
    markedProcesses(mark)
      .filter(({ command }) => command.includes("tiny-trainer"))
      .map(({ pid }) => pid);
  return {
    ...{ kind, url, db, links, redis, pids, trainers, until, read, ready },
    disk: onDisk ? databaseFolder : null,
    async killTree() {
      const all = [...kept.map((part) => part.pid()), ...trainers(), ...pids("postgres")];
      for (const part of kept) part.hold();
      for (const pid of all) signal(pid, "SIGKILL");
      await redis?.restart();
      for (const part of kept) part.release();
    },
    secondApi() {
      const second = start("second API", "api", postgres.port, { REPRISE_PORT: "0" });
      return () => second.stop();
    },
    printed: () => kept.map((part) => `${part.name}: ${part.printed()}`).join("\n"),
    async stop() {
      await Promise.all(kept.map((part) => part.stop()));
      for (const pid of trainers()) signal(pid, "SIGKILL");
      await db.close();
      await Promise.all(Object.values(links).map((link) => link.close()));
      await redis?.stop();
      await postgres.stop();
      if (onDisk) unmountSmallDisk(databaseFolder);
      guard.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
