import { mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import open from "open";
import { nextFreePort } from "../machine/free-port.js";
import {
  type Prepared,
  prepareDashboard,
  prepareDatabaseClient,
  prepareTrainer,
} from "../machine/prepare.js";
import { startDatabase } from "../machine/start-database.js";
import { type Supervised, supervise } from "../machine/supervisor.js";
import { connectApi } from "../server/api-client.js";
import { removeEndpoint, writeEndpoint } from "../server/endpoint.js";
import { queueDemo } from "../studies/queue-demo.js";
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
    if (options.demo !== "none") {
      const queued = await queueDemo(connectApi(url), options.demo, options);
      if (queued) say("study", `queued "${options.demo}": ${queued.runCount} runs`);
    }
    console.log("  Ctrl-C stops everything; the next start finds it again.");
  } catch (error) {
    if (!stopping) {
      await stop(1);
      throw error;
    }
  }
}
