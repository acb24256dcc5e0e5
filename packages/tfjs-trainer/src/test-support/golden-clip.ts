import { readFileSync } from "node:fs";
import type { ClipShape } from "../tasks/contrastive/shape.js";

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
  readFileSync(new URL("../tasks/contrastive/golden/clip.data.json", import.meta.url), "utf8"),
);

/** Numbers between -1 and 1 by the formula of make-golden.py. */
export const wave = (count: number, phase: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + 0.9 * phase));
