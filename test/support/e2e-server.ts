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
  /** What undoes each step that was taken, the latest last. */
  const undo: Array<() => unknown> = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const data = dataFolder();
    undo.push(data.remove);
    const server = await startReprise(["--data", data.path]);
    const guard = spawn(process.execPath, ["-e", watchdog, String(server.process.pid)], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    undo.push(() => {
      const ended = once(guard, "exit");
      guard.kill("SIGKILL");
      return ended;
    }, server.stop);
    const browser = await chromium.launchServer({ executablePath, args: launchArguments });
    undo.push(() => browser.close());
    const { id: studyId } = await apiAt(server.url).createSweep(parse(study));
    project.provide("e2e", { url: server.url, browser: browser.wsEndpoint(), studyId });
    return stop;
  } catch (error) {
    // Of a set-up that fails vitest calls no tear-down.
    await stop();
    throw error;
  }
}
