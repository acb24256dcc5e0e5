import { spawn } from "node:child_process";
import { once } from "node:events";
import { findChromium } from "@reprise/cli";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { parse } from "yaml";
import { apiAt } from "./api.js";
import { dataFolder, startReprise } from "./start-reprise.js";

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

/** Ends what is left when the test run itself is killed: its standard input ends with us. */
const watchdog = `
  process.stdin.resume().on("end", () => {
    try { process.kill(Number(process.argv[1]), "SIGTERM"); } catch {}
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
  const server = await startReprise(["--data", data.path]);
  const browser = await chromium.launchServer({ executablePath, args: launchArguments });
  const guard = spawn(process.execPath, ["-e", watchdog, String(server.process.pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const { id: studyId } = await apiAt(server.url).createSweep(parse(study));
  project.provide("e2e", { url: server.url, browser: browser.wsEndpoint(), studyId });
  return async () => {
    await browser.close();
    await server.stop();
    const ended = once(guard, "exit");
    guard.kill("SIGKILL");
    await ended;
    data.remove();
  };
}
