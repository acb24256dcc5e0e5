import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { startBackend } from "../arithmetic/kernels/register.js";
import type { HostBackend } from "../arithmetic/kernels/wasm-context.js";

/** The wasm backend with our kernels, from the library's own files: no bundle is needed. */
export function startTestBackend(): Promise<HostBackend> {
  const require = createRequire(import.meta.url);
  return startBackend(join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist/"));
}
