import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { cliProgram } from "../paths.js";

/** What a supervised process tells its supervisor once it serves. */
const readyMessage = z.object({ type: z.literal("ready"), text: z.string() });

export type Supervised = {
  readonly name: string;
  /** Resolves with the first "ready" text; rejects when the process cannot be kept alive. */
  readonly ready: Promise<string>;
  pid(): number | undefined;
  stop(): Promise<void>;
};

const quickDeathMs = 10_000;
const quickDeathsAllowed = 5;
const stopGraceMs = 15_000;

/**
 * Runs `reprise <command>` as a process of its own and starts it again whenever it dies. The child leads its own
 * process group, so that Ctrl-C reaches the supervisor alone, and ends by itself when the supervisor's IPC channel closes.
 *
 * @throws (through `ready` and `onGivenUp`) after five deaths within ten seconds of their starts, with the end of the log.
 */
export function supervise(options: {
  name: string;
  command: string;
  environment: NodeJS.ProcessEnv;
  logFile: string;
  onRestart: (detail: string) => void;
  onGivenUp: (error: Error) => void;
}): Supervised {
  mkdirSync(dirname(options.logFile), { recursive: true });
  let child: ChildProcess | undefined;
  let stopping = false;
  let quickDeaths = 0;
  let retry: NodeJS.Timeout | undefined;
  let announceReady: (text: string) => void = () => {};
  let announceFailure: (error: Error) => void = () => {};
  const ready = new Promise<string>((resolve, reject) => {
    announceReady = resolve;
    announceFailure = reject;
  });
  ready.catch(() => {});

  const start = () => {
    const startedAt = Date.now();
    const log = openSync(options.logFile, "a");
    child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), cliProgram, options.command], {
      detached: true,
      env: options.environment,
      stdio: ["ignore", log, log, "ipc"],
    });
    closeSync(log);
    child.on("message", (message) => {
      const parsed = readyMessage.safeParse(message);
      if (parsed.success) announceReady(parsed.data.text);
    });
    child.on("error", () => {});
    child.once("exit", (code, signal) => {
      if (stopping) return;
      quickDeaths = Date.now() - startedAt < quickDeathMs ? quickDeaths + 1 : 0;
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      if (quickDeaths >= quickDeathsAllowed) {
        const error = new Error(
          `${options.name} ${how} ${quickDeaths} times in a row.\n${tail(options.logFile)}`,
        );
        announceFailure(error);
        options.onGivenUp(error);
        return;
      }
      options.onRestart(`${options.name} ${how}; starting it again`);
      retry = setTimeout(start, Math.min(200 * 2 ** quickDeaths, 5_000));
    });
  };
  start();

  return {
    name: options.name,
    ready,
    pid: () => child?.pid,
    async stop() {
      stopping = true;
      clearTimeout(retry);
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const impatience = setTimeout(() => child?.kill("SIGKILL"), stopGraceMs);
      await ended;
      clearTimeout(impatience);
    },
  };
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
