import { mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { sweep as sweepSchema, trainerList } from "@reprise/contracts";
import { type Command, InvalidArgumentError, Option } from "commander";
import open from "open";
import { z } from "zod";
import { nextFreePort } from "../machine/free-port.js";
import {
  type Prepared,
  prepareDashboard,
  prepareDatabaseClient,
  prepareTrainer,
} from "../machine/prepare.js";
import { type Supervised, supervise } from "../machine/supervisor.js";
import { type ApiClient, connectApi } from "../server/api-client.js";
import { removeEndpoint, startedEndpoint, writeEndpoint } from "../server/endpoint.js";
import { UserError } from "../user-error.js";
import { version } from "../version.js";

type StartOptions = {
  port: number;
  host: string;
  data: string;
  demo: "quickstart" | "none";
  open: boolean;
  worker: boolean;
};

export function addStartCommand(program: Command): void {
  program
    .command("start")
    .description("start everything on this machine: database, API, worker, dashboard")
    .option("--port <number>", "port of the dashboard and API; the next free one if taken", portNumber, 3000)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--data <folder>", "where everything is kept", "data")
    .addOption(
      new Option("--demo <name>", "study to queue on an empty database")
        .choices(["quickstart", "none"])
        .default("quickstart"),
    )
    .option("--open", "open the dashboard in the browser", false)
    .option("--no-worker", "start without a worker; connect some with `reprise worker`")
    .action(start);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError("a port is a whole number from 1 to 65535.");
  return port;
}

function say(topic: string, text: string): void {
  console.log(`  ${topic.padEnd(10)}${text}`);
}

const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

async function start(options: StartOptions): Promise<void> {
  const startedAt = performance.now();
  console.log(`Reprise ${version}`);
  const dataDirectory = resolve(options.data);
  mkdirSync(dataDirectory, { recursive: true });

  const client = await prepareDatabaseClient();
  const building = Promise.all([prepareTrainer(), prepareDashboard()]);
  building.catch(() => {});
  const database = await startDatabase(dataDirectory);
  const services: Supervised[] = [];
  let stopping: Promise<void> | undefined;

  const stop = (exitCode: number): Promise<void> => {
    stopping ??= (async () => {
      removeEndpoint(dataDirectory);
      // Workers first: they hand back what they train while the database still answers.
      for (const service of [...services].reverse()) await service.stop();
      await database.stop();
      process.exitCode = exitCode;
    })();
    return stopping;
  };
  const interrupted = (signal: NodeJS.Signals) => {
    console.log(
      `\n${signal === "SIGINT" ? "Ctrl-C" : signal}: stopping. Everything is kept in ${relative(".", dataDirectory) || "."}.`,
    );
    void stop(0).then(() => process.exit());
  };
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", interrupted);
  process.on("SIGHUP", interrupted);

  try {
    say("database", database.description);
    const built = [client, ...(await building)]
      .filter((step) => step.built)
      .map(({ name, seconds: s }: Prepared) => `${name} ${s.toFixed(1)} s`);
    if (built.length > 0) say("built", built.join(", "));

    const port = await nextFreePort(options.port, options.host);
    if (port !== options.port) say("port", `${options.port} is taken, using ${port}`);
    const environment = {
      ...process.env,
      DATABASE_URL: database.url,
      REPRISE_HOST: options.host,
      REPRISE_PORT: String(port),
      REPRISE_DATA_DIR: dataDirectory,
    };
    const logs = join(dataDirectory, "logs");
    const service = (name: string) =>
      supervise({
        name,
        command: name,
        environment,
        logFile: join(logs, `${name}.log`),
        onRestart: (detail) => say(name, detail),
        onGivenUp: (error) => {
          console.error(error.message);
          void stop(1).then(() => process.exit());
        },
      });

    const api = service("api");
    services.push(api);
    if (options.worker) services.push(service("worker"));
    const url = await api.ready;
    writeEndpoint(dataDirectory, url);
    say("dashboard", `${url}   (after ${seconds(startedAt)})`);
    if (options.open) await open(url);
    await Promise.all(services.map((s) => s.ready));
    say("worker", options.worker ? "ready" : "none here; connect one with `reprise worker`");
    say("logs", relative(".", logs));
    if (options.demo !== "none") await queueDemo(connectApi(url), options);
    console.log("  Ctrl-C stops everything; the next start finds it again.");
  } catch (error) {
    if (!stopping) {
      await stop(1);
      throw error;
    }
  }
}

type RunningDatabase = { url: string; description: string; stop(): Promise<void> };

/** The database at DATABASE_URL, else an embedded one below the data directory; migrated. */
async function startDatabase(dataDirectory: string): Promise<RunningDatabase> {
  const { InstanceRunningError, migrate, startEmbeddedPostgres } = await import("@reprise/database");
  const given = process.env.DATABASE_URL;
  if (given) {
    await migrate(given);
    return { url: given, description: "PostgreSQL at DATABASE_URL", stop: async () => {} };
  }
  const embedded = await startEmbeddedPostgres({ dataDirectory }).catch((error) => {
    if (error instanceof InstanceRunningError) {
      const url = startedEndpoint(dataDirectory);
      throw new UserError(`${error.message}${url === null ? "" : ` It answers at ${url}.`}`);
    }
    throw error;
  });
  try {
    await migrate(embedded.url);
  } catch (error) {
    await embedded.stop();
    throw error;
  }
  const kept = relative(".", join(dataDirectory, "postgres"));
  return {
    url: embedded.url,
    description: `embedded PostgreSQL, ${kept}${embedded.adopted ? " (taken over from a start that was killed)" : ""}`,
    stop: () => embedded.stop(),
  };
}

const anySweep = z.object({ items: z.array(z.unknown()) });
const presetDocument = z.object({ spec: z.unknown(), runCount: z.int() });

/** On an empty database, queues the demonstration study, once its trainer has been announced. */
async function queueDemo(api: ApiClient, options: StartOptions): Promise<void> {
  const existing = await api.get("/sweeps?limit=1", anySweep);
  if (existing.items.length > 0) return;
  if (options.worker) await trainerAnnounced(api, "tfjs");
  const preset = await api.get(`/presets/${options.demo}`, presetDocument);
  await api.post(`/sweeps?preset=${options.demo}`, preset.spec, sweepSchema, {
    "idempotency-key": `demo-${options.demo}`,
  });
  say("study", `queued "${options.demo}": ${preset.runCount} runs`);
}

async function trainerAnnounced(api: ApiClient, name: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const { items } = await api.get("/trainers", trainerList);
    if (items.some(({ capabilities }) => capabilities.name === name)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no worker has announced the trainer ${name}; see the worker's log`);
}
