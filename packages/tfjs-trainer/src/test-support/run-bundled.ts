import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable, type Writable } from "node:stream";
import { type RunRequest, type TrainerEvent, trainerEvent } from "@reprise/contracts";
import { tfjsTrainerCommand } from "../index.js";
import { present } from "../program/errors.js";

/** What one run of the bundled program did. */
export type FinishedRun = {
  events: TrainerEvent[];
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** Wall time from starting the process to its end. */
  seconds: number;
};

/** A running trainer, as tests and the bench see it. */
export type RunningTrainer = {
  stdin: Writable;
  kill(signal: NodeJS.Signals): void;
  finished: Promise<FinishedRun>;
};

/**
 * Starts the bundled program, which must have been built, and gathers its events; `onEvent` sees each as it comes. A line that is no valid event rejects
 * `finished`.
 */
export function startBundled(
  input: string,
  onEvent: (event: TrainerEvent) => void = () => {},
  environment: NodeJS.ProcessEnv = process.env,
): RunningTrainer {
  const { command, args } = tfjsTrainerCommand();
  const started = performance.now();
  const child = spawn(command, args, {
    env: environment,
    stdio: ["pipe", "inherit", "inherit", "pipe"],
  });
  const stdin = present(child.stdin, "stdin of the trainer");
  // A trainer that refuses the request may be gone before everything is written.
  stdin.on("error", () => {});
  stdin.write(input);
  const pipe = child.stdio[3];
  if (!(pipe instanceof Readable)) throw new Error("Descriptor 3 of the trainer is not a pipe.");
  const events: TrainerEvent[] = [];
  const finished = new Promise<FinishedRun>((resolve, reject) => {
    createInterface({ input: pipe }).on("line", (line) => {
      const parsed = trainerEvent.safeParse(JSON.parse(line));
      if (!parsed.success)
        return reject(new Error(`Not a trainer event: ${line.slice(0, 200)}: ${parsed.error.message}`));
      events.push(parsed.data);
      onEvent(parsed.data);
    });
    child.on("error", reject);
    child.on("close", (exitCode, signal) => {
      resolve({ events, exitCode, signal, seconds: (performance.now() - started) / 1000 });
    });
  });
  return { stdin, kill: (signal) => child.kill(signal), finished };
}

/** Runs a request to its end. */
export function runBundled(request: RunRequest, environment?: NodeJS.ProcessEnv): Promise<FinishedRun> {
  return startBundled(`${JSON.stringify(request)}\n`, undefined, environment).finished;
}
