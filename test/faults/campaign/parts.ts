import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { processes } from "../../support/start-reprise.js";

/** A program that is started again whenever it ends, as a service manager does it. */
export type Kept = {
  readonly name: string;
  pid(): number;
  printed(): string;
  /** Ends it, once for all. */
  stop(): Promise<void>;
  /** Is not started again until `release`. */
  hold(): void;
  release(): void;
};

const startAgainMs = 200;
const endWithinMs = 10_000;

/** Starts `command` and keeps it running. It ends with this process, whose IPC channel it watches. */
export function keep(name: string, command: readonly string[], environment: NodeJS.ProcessEnv): Kept {
  let child: ChildProcess;
  let stopped = false;
  let held = false;
  let waits = false;
  let printed = "";
  const start = () => {
    waits = false;
    child = spawn(process.execPath, command, { env: environment, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        printed = (printed + chunk.toString()).slice(-100_000);
      });
    child.once("exit", () => {
      if (stopped) return;
      if (held) waits = true;
      else setTimeout(() => !stopped && start(), startAgainMs);
    });
  };
  start();
  return {
    name,
    pid: () => child.pid ?? 0,
    printed: () => printed,
    async stop() {
      stopped = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      const impatience = setTimeout(() => child.kill("SIGKILL"), endWithinMs);
      await ended;
      clearTimeout(impatience);
    },
    hold: () => {
      held = true;
    },
    release() {
      held = false;
      if (waits && !stopped) start();
    },
  };
}

/** Sends a signal to a process that may have ended since it was listed. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Variable by which every process that a lab has started, and what these started, is known. */
export const labVariable = "REPRISE_FAULTS_LAB";

/** Processes that carry a lab's mark in their environment, with their command lines. */
export function markedProcesses(mark: string): Array<{ pid: number; command: string }> {
  return processes().filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${labVariable}=${mark}`);
    } catch {
      // It has ended, or is a kernel's.
      return false;
    }
  });
}

/** A process and its children. */
export function processesBelow(pid: number): number[] {
  return processes()
    .filter((row) => row.pid === pid || row.parent === pid)
    .map((row) => row.pid);
}
