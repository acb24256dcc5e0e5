import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Parameters } from "@reprise/contracts";
import { z } from "zod";
import { type BackendName, backendNames } from "../arithmetic/backends/backend-names.js";
import { missingNative } from "../arithmetic/device/native-files.js";

const finding = z.object({
  works: z.boolean(),
  /** A GPU's work done by a program: it can be asked for, but is never chosen. */
  software: z.boolean(),
  detail: z.string(),
});
export type BackendFinding = z.infer<typeof finding>;
export type BackendProbe = BackendFinding & { backend: BackendName };

/**
 * Starts a backend in a child process and takes one training step on it, which is checked against the library's own ops in
 * JavaScript; says whether it works, or why not. `folder` holds the bundled trainer. `configurations` are what is trained;
 * a small convolutional network when nothing is said.
 */
export function probeBackend(
  backend: BackendName,
  {
    folder,
    timeoutMs = 20_000,
    configurations,
  }: { folder: string; timeoutMs?: number; configurations?: Parameters[] },
): Promise<BackendProbe> {
  const program = join(folder, "probe-program.js");
  const args = [program, backend, ...(configurations ? [JSON.stringify(configurations)] : [])];
  const failed = (detail: string): BackendProbe => ({ backend, works: false, software: false, detail });
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: timeoutMs, killSignal: "SIGKILL" }, (error, stdout) => {
      const last = stdout.trim().split("\n").at(-1) ?? "";
      const parsed = finding.safeParse(last.startsWith("{") ? JSON.parse(last) : null);
      if (parsed.success) resolve({ backend, ...parsed.data });
      else if (error?.killed) resolve(failed(`no answer within ${timeoutMs / 1000} s`));
      else resolve(failed(`its process crashed${error?.signal ? ` (${error.signal})` : ""}`));
    });
  });
}

/**
 * Probes of all backends, at the same time, in the order in which `auto` prefers them. A process is started only for what
 * could work: native libraries are looked for first, and cpu, which is JavaScript like this program, is what all others
 * are checked against.
 */
export function probeBackends(folder: string): Promise<BackendProbe[]> {
  return Promise.all(
    backendNames.map(async (backend): Promise<BackendProbe> => {
      if (backend === "cpu") {
        const detail = "plain JavaScript, what the others are checked against";
        return { backend, works: true, software: false, detail };
      }
      const missing = backend === "node" || backend === "node-gpu" ? missingNative(backend) : null;
      if (missing) return { backend, works: false, software: false, detail: missing };
      return probeBackend(backend, { folder });
    }),
  );
}
