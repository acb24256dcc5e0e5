import { spawn } from "node:child_process";
import { endGroup, killGroup } from "./process-group.js";
import { killStrays, startMarked } from "./strays.js";

export type Captured = {
  stdout: string;
  stderr: string;
  /** Null when the program ended with exit code 0. */
  failure: string | null;
};

/** So long after its end, and that of all that it has started as far as it is found, what still holds its pipes is waited for. */
const drainMs = 2_000;

/**
 * Runs a short program to its end and returns what it printed. Never rejects; stdin is empty; output beyond
 * `maxBytes` ends the program.
 */
export function capture(
  command: string,
  args: readonly string[],
  options: {
    /** Default: that of this process. */
    environment?: Record<string, string>;
    /** Somebody's program: what it has started ends with it, wherever it went. */
    isGuest?: boolean;
    workingDirectory?: string;
    timeoutMs: number;
    maxBytes?: number;
  },
): Promise<Captured> {
  const { timeoutMs, maxBytes = 4 * 1024 * 1024 } = options;
  return new Promise((resolve) => {
    const start = (env: NodeJS.ProcessEnv) =>
      spawn(command, [...args], {
        env,
        cwd: options.workingDirectory,
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
        windowsHide: true,
      });
    const { environment } = options;
    const child =
      options.isGuest && environment ? startMarked(environment, start) : start(environment ?? process.env);
    const output: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
    let size = 0;
    let failure: string | null = null;
    const end = (why: string) => {
      failure ??= why;
      void endGroup(child, 1_000);
    };
    const timer = setTimeout(() => end(`it took longer than ${timeoutMs / 1000} s`), timeoutMs);
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) end(`it printed more than ${maxBytes} bytes`);
        else output[name].push(chunk);
      });
    }
    let drain: NodeJS.Timeout | undefined;
    const finish = (how: string | null) => {
      clearTimeout(timer);
      clearTimeout(drain);
      resolve({
        stdout: Buffer.concat(output.stdout).toString("utf8"),
        stderr: Buffer.concat(output.stderr).toString("utf8"),
        failure: failure ?? how,
      });
    };
    child.once("error", (error) => finish(error.message));
    child.once("exit", () => {
      killGroup(child);
      void killStrays(child).then(() => {
        drain = setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        }, drainMs).unref();
      });
    });
    child.once("close", (code, signal) => {
      if (signal) finish(`it was killed by ${signal}`);
      else finish(code === 0 ? null : `it ended with exit code ${code}`);
    });
  });
}
