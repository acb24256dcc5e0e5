import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { startBackend } from "../../arithmetic/kernels/register.js";
import type { HostBackend } from "../../arithmetic/kernels/wasm-context.js";
import type { ClipShape } from "./shape.js";

/** What OpenCLIP computed; see golden/make-golden.py. */
export type Golden = {
  shape: ClipShape;
  imageFeatures: number[];
  textFeatures: number[];
  loss: number;
  gradients: Record<string, [norm: number, projection: number]>;
  publicParameters: number;
  publicShapes: Record<string, number[]>;
};

export const golden: Golden = JSON.parse(
  readFileSync(new URL("./golden/clip.data.json", import.meta.url), "utf8"),
);

export function startTestBackend(): Promise<HostBackend> {
  const require = createRequire(import.meta.url);
  return startBackend(join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist/"));
}

/** Numbers between -1 and 1 by the formula of make-golden.py. */
export const wave = (count: number, phase: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + 0.9 * phase));
