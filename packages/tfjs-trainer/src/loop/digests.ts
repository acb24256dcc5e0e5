import { createHash } from "node:crypto";
import type { Layout } from "./layout.js";

/** SHA-256 in hex of texts and typed arrays (their bytes in memory order; all supported platforms are little-endian). */
export function sha256(...parts: (string | ArrayBufferView)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(
      typeof part === "string" ? part : new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
    );
  }
  return hash.digest("hex");
}

/** Digest of all tensors in name order, each with name, dtype, shape and bytes; running statistics included. */
export function digestOfWeights(parameters: Float32Array, layout: Layout): string {
  const byName = [...layout.tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sha256(
    ...byName.flatMap(({ name, shape, offset, size }) => [
      `${name} float32 [${shape.join(",")}]\n`,
      parameters.subarray(offset, offset + size),
    ]),
  );
}

/** Digest of the predictions: SHA-256 of all scores as float64, split by split. */
export function digestOfScores(scores: Record<string, number[][]>): string {
  return sha256(...Object.values(scores).map((rows) => Float64Array.from(rows.flat())));
}

/** SHA-256, cut to 16 bytes, of every tensor's bytes, in the order of the layout. */
export function tensorDigestsOf(parameters: Float32Array, layout: Layout): string[] {
  return layout.tensors.map(({ offset, size }) =>
    sha256(parameters.subarray(offset, offset + size)).slice(0, 32),
  );
}

/**
 * A 128-bit fold of each tensor in a flat vector: four words per tensor into `target`. Many times faster than SHA-256, so
 * that folding gradient and weights of every step stays below the noise of the step's own time. It tells differences, not
 * forgeries; the weights of every epoch are hashed with SHA-256.
 */
export function foldTensors(
  values: Float32Array,
  tensors: readonly { offset: number; size: number }[],
  target: Int32Array,
): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (const [i, { offset, size }] of tensors.entries())
    target.set(fold128(words.subarray(offset, offset + size)), 4 * i);
}

/**
 * Digest of one optimisation step: SHA-256, cut to 16 bytes, of the bits of the loss, the fold of the reduced gradient
 * and, where it was taken, the fold of the weights after the step.
 */
export function digestOfStep(
  loss: Float32Array,
  gradientFold: Int32Array,
  weightFold: Int32Array | null,
): string {
  return sha256(loss, gradientFold, weightFold ?? "").slice(0, 32);
}

/**
 * A 128-bit fold of 32-bit words: word i goes into lane i mod 4, which is multiplied by an odd number and rotated; in the
 * end length and lanes are mixed as in MurmurHash3 (x86, 128 bits; Appleby 2011). Every step of a lane is a bijection, so
 * one changed word always changes the fold. Four lanes with one multiplication a word keep the processor busy.
 */
export function fold128(words: Int32Array): [number, number, number, number] {
  const { imul } = Math;
  const { length } = words;
  const whole = length - (length % 4);
  let h1 = 0x239b961b;
  let h2 = 0xab0e9789 | 0;
  let h3 = 0x38b34ae5;
  let h4 = 0xa1e38b93 | 0;
  for (let i = 0; i < whole; i += 4) {
    h1 = imul(h1 ^ (words[i] as number), 0xcc9e2d51);
    h2 = imul(h2 ^ (words[i + 1] as number), 0xcc9e2d51);
    h3 = imul(h3 ^ (words[i + 2] as number), 0xcc9e2d51);
    h4 = imul(h4 ^ (words[i + 3] as number), 0xcc9e2d51);
    h1 = (h1 << 15) | (h1 >>> 17);
    h2 = (h2 << 15) | (h2 >>> 17);
    h3 = (h3 << 15) | (h3 >>> 17);
    h4 = (h4 << 15) | (h4 >>> 17);
  }
  if (whole < length) h1 = imul(h1 ^ (words[whole] as number), 0xcc9e2d51);
  if (whole + 1 < length) h2 = imul(h2 ^ (words[whole + 1] as number), 0xcc9e2d51);
  if (whole + 2 < length) h3 = imul(h3 ^ (words[whole + 2] as number), 0xcc9e2d51);
  [h1, h2, h3, h4] = mixLanes([h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length]);
  return mixLanes([finish(h1), finish(h2), finish(h3), finish(h4)]);
}

function mixLanes([h1, h2, h3, h4]: [number, number, number, number]): [number, number, number, number] {
  const sum = (h1 + h2 + h3 + h4) | 0;
  return [sum, (h2 + sum) | 0, (h3 + sum) | 0, (h4 + sum) | 0];
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
