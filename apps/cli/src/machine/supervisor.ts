import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { cliProgram } from "../paths.js";

/** What a supervised process tells its supervisor once it serves. */
const readyMessage = z.object({ type: z.literal("ready"), text: z.string() });

export type Supervised = {
  readonly name: string;
  /** Resolves with the first "ready" text; rejects when the process cannot be kept alive. */
  readonly ready: Promise<string>;
  pid(): number | undefined;
  /** Stops the process and starts it anew. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const quickDeathMs = 10_000;
const quickDeathsAllowed = 5;
const longestPauseMs = 30_000;
const stopGraceMs = 15_000;

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Words after `node` that run `reprise <command>` from its sources as they are now. */
export const programFromSources = (command: string): string[] => [
  "--import",
  pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href,
  cliProgram,
  command,
];

/** The same from a bundle of its sources. Half of V8's default for young objects: what is kept at rest is 20 MB less. */
export const bundledProgram = (main: string, command: string): string[] => [
  "--max-semi-space-size=8",
  main,
  command,
];

type SupervisedProgram = {
  name: string;
  /** Words after `node`. */
  program: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** Where what it prints goes: a file, or whoever takes the lines. */
  output: { file: string } | { onLine: (line: string) => void };
  onDeath: (detail: string) => void;
} & (
  | { afterDeath: "start-again"; onGivenUp: (error: Error) => void }
  // Its sources are being worked on: it is left alone until they have changed.
  | { afterDeath: "wait" }
);

/**
 * Runs a program as a process of its own and starts it again whenever it dies. The child leads its own process group,
 * so that Ctrl-C reaches the supervisor alone, and ends by itself when the supervisor's IPC channel closes.
 *
 * Once it has served it is never given up: what ends it then (a full disk, a database that is away) may pass, and the pauses
 * between attempts grow to half a minute.
 *
 * @throws (through `ready` and `onGivenUp`) after five deaths within ten seconds of their starts before it has ever served, with
 *   the end of the log.
 */
export function supervise(options: SupervisedProgram): Supervised {
  const { name, output } = options;
  let child: ChildProcess | undefined;
  /** Whether the present child was told to end. */
  let ending = false;
  let stopped = false;
  let quickDeaths = 0;
  let hasServed = false;
  let retry: NodeJS.Timeout | undefined;
  let announceReady: (text: string) => void = () => {};
  let announceFailure: (error: Error) => void = () => {};
  const ready = new Promise<string>((resolve, reject) => {
    announceReady = resolve;
    announceFailure = reject;
  });
  ready.catch(() => {});

  const tryAgain = (error: unknown) => {
    options.onDeath(`${name} cannot be started, which is tried again: ${reasonOf(error)}`);
    retry = setTimeout(start, longestPauseMs);
  };
  const start = () => {
    const startedAt = performance.now();
    ending = false;
    try {
      child = startChild(options.program, options.environment, output);
    } catch (error) {
      // Its log cannot be opened.
      if (!hasServed) throw error;
      return tryAgain(error);
    }
    child.on("message", (message) => {
      const parsed = readyMessage.safeParse(message);
      if (!parsed.success) return;
      hasServed = true;
      announceReady(parsed.data.text);
    });
    const { pid } = child;
    child.on("error", (error) => {
      // The machine has no process to spare: nothing was started that could end. Other errors are of messages to it.
      if (pid !== undefined || ending) return;
      if (hasServed || options.afterDeath === "wait") return tryAgain(error);
      announceFailure(error);
      options.onGivenUp(error);
    });
    child.once("exit", (code, signal) => {
      if (ending) return;
      quickDeaths = performance.now() - startedAt < quickDeathMs ? quickDeaths + 1 : 0;
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      if (options.afterDeath === "wait") {
        options.onDeath(`${name} ${how}; waiting for a change`);
        return;
      }
      if (!hasServed && quickDeaths >= quickDeathsAllowed) {
        const log = "file" in output ? `\n${tail(output.file)}` : "";
        const error = new Error(`${name} ${how} ${quickDeaths} times in a row.${log}`);
        announceFailure(error);
        options.onGivenUp(error);
        return;
      }
      options.onDeath(`${name} ${how}; starting it again`);
      retry = setTimeout(start, Math.min(200 * 2 ** quickDeaths, longestPauseMs));
    });
  };
  start();

  const end = async () => {
    ending = true;
    clearTimeout(retry);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const impatience = setTimeout(() => child?.kill("SIGKILL"), stopGraceMs);
    await ended;
    clearTimeout(impatience);
  };

  return {
    name,
    ready,
    pid: () => child?.pid,
    async restart() {
      await end();
      if (!stopped) start();
    },
    async stop() {
      stopped = true;
      await end();
    },
  };
}

function startChild(
  program: readonly string[],
  environment: NodeJS.ProcessEnv,
  output: SupervisedProgram["output"],
): ChildProcess {
  const spawnWith = (stream: number | "pipe") =>
    spawn(process.execPath, program, {
      detached: true,
      env: environment,
      stdio: ["ignore", stream, stream, "ipc"],
    });
  if ("file" in output) {
    mkdirSync(dirname(output.file), { recursive: true });
    const log = openSync(output.file, "a");
    try {
      return spawnWith(log);
    } finally {
      closeSync(log);
    }
  }
  const child = spawnWith("pipe");
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on("line", output.onLine);
  return child;
}

function tail(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-15).join("\n");
}

/** In the child: says that it serves, and calls `stop` on SIGTERM or when the supervisor is gone. */
export function reportToSupervisor(text: string, stop: () => Promise<void>): void {
  process.send?.({ type: "ready", text });
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  if (process.send) process.once("disconnect", end);
}
