import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { findChromium } from "@reprise/cli";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { parse } from "yaml";
import { apiAt } from "./api.js";
import { dataFolder, type RunningReprise, startReprise } from "./start-reprise.js";

declare module "vitest" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface adds to the one of the library
  export interface ProvidedContext {
    e2e: E2eServer | { missing: string };
  }
}

export type E2eServer = {
  url: string;
  /** Where tests connect to the one Chromium. */
  browser: string;
  /** The study that is trained once for all tests. */
  studyId: string;
  /** Holds the process id of `reprise start`: whoever ends that process sees it started again, as by a service manager. */
  pidFile: string;
};

/** Two regimes, both arms: small, and with every section of the sweep page filled. */
const study = `
name: shared study
dataset: wdbc
base: { model: mlp, batchNorm: true, hiddenUnits: [64, 64], epochs: 4, batchSize: 32 }
search:
  method: list
  configurations:
    - { label: Adam, optimizer: adam, learningRate: 0.01 }
    - { label: SGD, optimizer: sgd, learningRate: 0.1 }
seeds: [42]
modes: { deterministic: { repeats: 2 }, nondeterministic: { repeats: 3 } }
analysisPlan: { primaryMetric: testAccuracy, contrasts: [mode, configuration], margin: { testAccuracy: 0.02 } }
`;

/** The system's Chromium, without its own calls home. */
const launchArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function freePort(): Promise<string> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(String(typeof address === "object" && address ? address.port : 0)));
    });
  });
}

/** Ends what is left when the test run itself is killed: its standard input ends with us. */
const watchdog = `
  process.stdin.resume().on("end", () => {
    try { process.kill(Number(require("fs").readFileSync(process.argv[1], "utf8")), "SIGTERM"); } catch {}
  });`;

/**
 * Global set-up of the browser tests: one `reprise start` with its own PostgreSQL and worker, one Chromium, and one
 * study in training, shared by all files.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const executablePath = findChromium();
  if (!executablePath) {
    const missing = "no Chromium was found (Debian: apt-get install chromium; or set CHROMIUM_PATH)";
    project.provide("e2e", { missing });
    return undefined;
  }
  const data = dataFolder();
  const pidFile = path.join(data.path, "start.pid");
  const words = ["--data", data.path, "--demo", "none", "--port"];
  let stopping = false;
  let running: Promise<RunningReprise>;
  const start = async (port: string): Promise<RunningReprise> => {
    const server = await startReprise([...words, port]);
    writeFileSync(pidFile, String(server.process.pid));
    server.process.once("exit", () => {
      if (!stopping) running = start(new URL(server.url).port);
    });
    return server;
  };
  // A port that the system chose: after a restart it is still ours, whoever else runs these tests meanwhile.
  running = start(await freePort());
  const { url } = await running;
  const browser = await chromium.launchServer({ executablePath, args: launchArguments });
  const guard = spawn(process.execPath, ["-e", watchdog, pidFile], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const { id: studyId } = await apiAt(url).createSweep(parse(study));
  project.provide("e2e", { url, browser: browser.wsEndpoint(), studyId, pidFile });
  return async () => {
    stopping = true;
    await browser.close();
    await (await running).stop();
    const ended = once(guard, "exit");
    guard.kill("SIGKILL");
    await ended;
    data.remove();
  };
}
