import { mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { dashboardFolder } from "../paths.js";
import { connectApi } from "../server/api-client.js";
import { removeEndpoint, writeEndpoint } from "../server/endpoint.js";
import { queueDemo } from "../studies/queue-demo.js";
import { version } from "../version.js";
import { nextFreePort } from "./free-port.js";
import { logLines } from "./log-lines.js";
import { prepareDatabaseClient } from "./prepare.js";
import { say, seconds } from "./say.js";
import { shutdownOnSignals } from "./shutdown.js";
import { sourceFolders, watchSources } from "./sources.js";
import { startDatabase } from "./start-database.js";
import { programFromSources, type Supervised, supervise } from "./supervisor.js";

type DevOptions = { port: number; data: string; demo: "quickstart" | "none" };

const host = "127.0.0.1";

/** Vite serves the dashboard and hands what is for the API on to it: the browser sees one address, as with `start`. */
export async function dev(options: DevOptions): Promise<void> {
  const startedAt = performance.now();
  console.log(`Reprise ${version}, loaded again when its sources change`);
  const dataDirectory = resolve(options.data);
  mkdirSync(dataDirectory, { recursive: true });
  await prepareDatabaseClient();
  const database = await startDatabase(dataDirectory);
  const shutdown = shutdownOnSignals(`Everything is kept in ${relative(".", dataDirectory) || "."}.`);
  shutdown.add(() => database.stop());

  try {
    say("database", database.description);
    const port = await nextFreePort(options.port, host);
    const apiPort = await nextFreePort(port + 1, host);
    const environment = {
      ...process.env,
      DATABASE_URL: database.url,
      REPRISE_HOST: host,
      REPRISE_PORT: String(apiPort),
      REPRISE_API: `http://${host}:${apiPort}`,
      REPRISE_DATA_DIR: dataDirectory,
    };
    const service = (name: "api" | "worker" | "dashboard", programWords: string[]): Supervised => {
      const supervised = supervise({
        name,
        program: programWords,
        environment,
        output: { onLine: logLines(name) },
        afterDeath: "wait",
        onDeath: (detail) => say(name, detail),
      });
      shutdown.add(() => supervised.stop());
      return supervised;
    };
    const reloaded = async (supervised: Supervised, folders: string[]): Promise<void> => {
      shutdown.add(await watchSources(folders, restarting(supervised)));
    };

    const vite = join(dashboardFolder, "node_modules", "vite", "bin", "vite.js");
    const dashboard = service("dashboard", [vite, dashboardFolder, "--port", String(port)]);
    const api = service("api", programFromSources("api"));
    await reloaded(api, ["prisma", ...sourceFolders(["@reprise/api"])]);
    // A worker that starts bundles the trainer anew where its sources have changed, and announces what it offers then.
    const worker = service("worker", programFromSources("worker"));
    await reloaded(worker, ["prisma", ...sourceFolders(["@reprise/worker", "@reprise/tfjs-trainer"])]);

    const [url, apiUrl] = await Promise.all([dashboard.ready, api.ready]);
    shutdown.add(() => removeEndpoint(dataDirectory));
    writeEndpoint(dataDirectory, url);
    say("dashboard", `${url}   (after ${seconds(startedAt)})`);
    say("api", apiUrl);
    await worker.ready;
    say("worker", "ready");
    if (options.demo !== "none") {
      const queued = await queueDemo(connectApi(url), options.demo, { worker: true });
      if (queued) say("study", `queued "${options.demo}": ${queued.runCount} runs`);
    }
    console.log("  Ctrl-C stops everything.");
  } catch (error) {
    if (!shutdown.begun) {
      await shutdown.stop(1);
      throw error;
    }
  }
}

/** One restart at a time; changes that come meanwhile are loaded by one more. */
function restarting(service: Supervised): (file: string) => void {
  let going: Promise<void> = Promise.resolve();
  let waiting = false;
  return (file) => {
    say(service.name, `${file} has changed: starting again`);
    if (waiting) return;
    waiting = true;
    going = going.then(async () => {
      waiting = false;
      await service.restart();
    });
  };
}
