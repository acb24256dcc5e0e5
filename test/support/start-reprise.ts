import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { programVariable } from "./program.js";

const sources = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));
// Not import.meta.resolve: vitest runs its global set-up in a runner that lacks it.
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

export type RunningReprise = {
  url: string;
  process: ChildProcess;
  printed(): string;
  /** SIGTERM, as a service manager sends it; resolves with the exit code. */
  stop(): Promise<number | null>;
};

/** A folder for one test's data, gone at the end. */
export function dataFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "reprise-data-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A port that nobody has: two test runs at once must not meet. */
export async function freePort(): Promise<string> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("the probe has no port");
  return String(address.port);
}

/** Words after `node` that run the command line: from its bundle where a test run has made one, else from its sources. */
export function repriseCommand(words: readonly string[]): string[] {
  const bundled = process.env[programVariable];
  const program = bundled === undefined ? ["--import", tsx, sources] : [bundled];
  return [...program, ...words];
}

/** Starts the command line and collects what it prints. */
export function reprise(
  words: string[],
  environment: NodeJS.ProcessEnv = {},
): { process: ChildProcess; printed(): string } {
  const child = spawn(process.execPath, repriseCommand(words), {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  return { process: child, printed: () => printed };
}

/** `reprise start` until its dashboard answers, without a study of its own; on a free port unless `words` name one. */
export async function startReprise(
  words: string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<RunningReprise> {
  const port = words.includes("--port") ? [] : ["--port", await freePort()];
  const started = reprise(["start", "--demo", "none", ...words, ...port], environment);
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const match = /dashboard\s+(http:\S+)/.exec(started.printed());
      if (match?.[1]) resolve(match[1]);
    };
    started.process.stdout?.on("data", look);
    started.process.once("exit", (code) =>
      reject(new Error(`start ended with ${code}:\n${started.printed()}`)),
    );
  });
  return {
    ...started,
    url,
    async stop() {
      if (started.process.exitCode !== null) return started.process.exitCode;
      const ended = once(started.process, "exit");
      started.process.kill("SIGTERM");
      await ended;
      return started.process.exitCode;
    },
  };
}

export type ProcessRow = { pid: number; parent: number; command: string };

/** All processes of this machine. */
export function processes(): ProcessRow[] {
  return execFileSync("ps", ["-e", "-o", "pid=,ppid=,args="], { encoding: "utf8", maxBuffer: 2 ** 24 })
    .trim()
    .split("\n")
    .map((line) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return { pid: Number(pid), parent: Number(parent), command: command ?? "" };
    });
}

/** A process and everything below it, parents first. */
export function processTree(pid: number): ProcessRow[] {
  const all = processes();
  const below = (parent: number): ProcessRow[] =>
    all.filter((row) => row.parent === parent).flatMap((row) => [row, ...below(row.pid)]);
  return [...all.filter((row) => row.pid === pid), ...below(pid)];
}
