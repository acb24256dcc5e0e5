import { spawn } from "node:child_process";
import { endGroup, killGroup } from "./process-group.js";

export type Captured = {
  stdout: string;
  stderr: string /** Null when the program ended with exit code 0. */;
  failure: string | null;
};

/**
 * Runs a short program to its end and returns what it printed. Never rejects; stdin is empty; output beyond
 * `maxBytes` ends the program.
 */
export function capture(
  command: string,
  args: readonly string[],
  options: {
    environment?: NodeJS.ProcessEnv;
    workingDirectory?: string;
    timeoutMs: number;
    maxBytes?: number;
  },
): Promise<Captured> {
  const { timeoutMs, maxBytes = 4 * 1024 * 1024 } = options;
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      env: options.environment ?? process.env,
      cwd: options.workingDirectory,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      windowsHide: true,
    });
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
    const finish = (how: string | null) => {
      clearTimeout(timer);
      resolve({
        stdout: Buffer.concat(output.stdout).toString("utf8"),
        stderr: Buffer.concat(output.stderr).toString("utf8"),
        failure: failure ?? how,
      });
    };
    child.once("error", (error) => finish(error.message));
    child.once("exit", () => killGroup(child));
    child.once("close", (code, signal) => {
      if (signal) finish(`it was killed by ${signal}`);
      else finish(code === 0 ? null : `it ended with exit code ${code}`);
    });
  });
}
