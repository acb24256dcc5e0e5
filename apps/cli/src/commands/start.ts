import { mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import open from "open";
import { nextFreePort } from "../machine/free-port.js";
import {
  endBuilds,
  type Prepared,
  prepareDashboard,
  prepareDatabaseClient,
  prepareProgram,
  prepareTrainer,
} from "../machine/prepare.js";
import { say, seconds } from "../machine/say.js";
import { shutdownOnSignals } from "../machine/shutdown.js";
import { countAccounts, prepareSignIn, signInWords } from "../machine/sign-in.js";
import { startDatabase } from "../machine/start-database.js";
import { bundledProgram, type Supervised, supervise } from "../machine/supervisor.js";
import { watchDisk } from "../machine/watch-disk.js";
import { connectApi } from "../server/api-client.js";
import { removeEndpoint, writeEndpoint } from "../server/endpoint.js";
import { queueDemo } from "../studies/queue-demo.js";
import { version } from "../version.js";
import { demoOption, portNumber } from "./options.js";

/** How far trainers let the server go first that is on their machine: it answers while they train. */
const trainersBesideServer = "5";

type StartOptions = {
  port: number;
  host: string;
  data: string;
  demo: "quickstart" | "none";
  open: boolean;
  worker: boolean;
};

export function startCommand(command: Command): void {
  command
    .option("--port <number>", "port of the dashboard and API; the next free one if taken", portNumber, 3000)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--data <folder>", "where everything is kept", "data")
    .addOption(demoOption())
    .option("--open", "open the dashboard in the browser", false)
    .option("--no-worker", "start without a worker; connect some with `reprise worker`")
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  const startedAt = performance.now();
  console.log(`Reprise ${version}`);
  const dataDirectory = resolve(options.data);
  mkdirSync(dataDirectory, { recursive: true });
  const tokenFile = prepareSignIn(dataDirectory, process.env);

  const client = await prepareDatabaseClient();
  const building = Promise.all([prepareProgram(), prepareTrainer(), prepareDashboard()]);
  building.catch(() => {});
  const database = await startDatabase(dataDirectory);
  // Workers first: they hand back what they train while the database still answers.
  const shutdown = shutdownOnSignals(`Everything is kept in ${relative(".", dataDirectory) || "."}.`);
  shutdown.add(() => database.stop());

  try {
    say("database", database.description);
    shutdown.add(await watchDisk(dataDirectory, (what) => say("disk", what)));
    const [program, ...others] = await building;
    const built = [client, program, ...others]
      .filter((step) => step.built)
      .map(({ name, seconds: s }: Prepared) => `${name} ${s.toFixed(1)} s`);
    if (built.length > 0) {
      await endBuilds();
      say("built", built.join(", "));
    }

    const port = await nextFreePort(options.port, options.host);
    if (port !== options.port) say("port", `${options.port} is taken, using ${port}`);
    const environment = {
      ...process.env,
      DATABASE_URL: database.url,
      REPRISE_HOST: options.host,
      REPRISE_PORT: String(port),
      REPRISE_DATA_DIR: dataDirectory,
      REPRISE_TRAINER_NICENESS: process.env.REPRISE_TRAINER_NICENESS || trainersBesideServer,
    };
    const logs = join(dataDirectory, "logs");
    const service = (name: string): Supervised => {
      const supervised = supervise({
        name,
        program: bundledProgram(program.main, name),
        environment,
        output: { file: join(logs, `${name}.log`) },
        onDeath: (detail) => say(name, detail),
        afterDeath: "start-again",
        onGivenUp: (error) => {
          console.error(error.message);
          void shutdown.stop(1).then(() => process.exit());
        },
      });
      shutdown.add(() => supervised.stop());
      return supervised;
    };

    const api = service("api");
    const worker = options.worker ? service("worker") : null;
    const url = await api.ready;
    shutdown.add(() => removeEndpoint(dataDirectory));
    writeEndpoint(dataDirectory, url);
    say("dashboard", `${url}   (after ${seconds(startedAt)})`);
    sayWhoMaySignIn(tokenFile);
    if (options.open) await open(url).catch(() => say("browser", `none could be opened; go to ${url}`));
    await worker?.ready;
    say("worker", worker ? "ready" : "none here; connect one with `reprise worker`");
    say("logs", relative(".", logs));
    if (options.demo !== "none") {
      const queued = await queueDemo(connectApi(url), options.demo, options);
      if (queued) say("study", `queued "${options.demo}": ${queued.runCount} runs`);
    }
    console.log("  Ctrl-C stops everything; the next start finds it again.");
  } catch (error) {
    if (!shutdown.begun) {
      await shutdown.stop(1);
      throw error;
    }
  }
}

function sayWhoMaySignIn(tokenFile: string | null): void {
  const words = signInWords({
    tokenFile: tokenFile && relative(".", tokenFile),
    isTokenGiven: Boolean(process.env.REPRISE_TOKEN),
    accounts: countAccounts(),
  });
  if (words !== null) say("sign-in", words);
}
