import { execFile } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { distFolder } from "./build.js";

/** In the order in which they would be chosen. */
export const probedBackends = ["node-gpu", "webgpu", "node", "wasm", "cpu"] as const;
export type ProbedBackend = (typeof probedBackends)[number];

const answer = z.object({ works: z.boolean(), detail: z.string() });
export type BackendProbe = z.infer<typeof answer> & { backend: ProbedBackend };

/** Loads a backend in a child process and takes one checked training step on it; says whether it works, or why not. Call `buildTrainer()` first. */
export function probeBackend(backend: ProbedBackend, timeoutMs = 30_000): Promise<BackendProbe> {
  const program = join(distFolder, "probe-program.js");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, backend],
      { timeout: timeoutMs, killSignal: "SIGKILL" },
      (error, stdout) => {
        const last = stdout.trim().split("\n").at(-1) ?? "";
        const parsed = answer.safeParse(last.startsWith("{") ? JSON.parse(last) : null);
        if (parsed.success) resolve({ backend, ...parsed.data });
        else if (error?.killed)
          resolve({ backend, works: false, detail: `no answer within ${timeoutMs / 1000} s` });
        else
          resolve({
            backend,
            works: false,
            detail: `its process crashed${error?.signal ? ` (${error.signal})` : ""}`,
          });
      },
    );
  });
}
