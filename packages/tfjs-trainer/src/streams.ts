import { createHash } from "node:crypto";

/**
 * Random numbers of a run. Every draw is a pure function of (seed, purpose, index, position): nothing depends on how
 * many numbers were drawn before, on the thread that draws, or on the JavaScript engine (integers only).
 *
 * Generator: Philox4x32-10, J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 */
export type StreamPurpose = "init" | "dataOrder" | "augmentation" | "dropout" | "split" | "reduction";

/** 64-bit key of one stream. */
export type StreamKey = {
  readonly low: number;
  readonly high: number;
};

const wordsPerBlock = 4;

/**
 * The key of a stream. A `varied` noise source passes its repeat, and then draws from hash(seed, source, repeat);
 * a fixed one passes null, and draws the same numbers in every repeat. Seed 0 is a seed like any other.
 */
export function streamKey(seed: number, purpose: StreamPurpose, repeat: number | null): StreamKey {
  const digest = createHash("sha256")
    .update(JSON.stringify(["reprise-stream-1", seed, purpose, repeat]))
    .digest();
  return { low: digest.readUInt32LE(0), high: digest.readUInt32LE(4) };
}

function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const lowHigh = aLow * bHigh;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16) + (lowHigh & 0xffff);
  return (aHigh * bHigh + (lowHigh >>> 16) + Math.floor(middle / 0x10000)) >>> 0;
}

/** Ten rounds of Philox4x32 on one 128-bit counter: four unsigned 32-bit words. */
export function philox(
  counter: readonly [number, number, number, number],
  key: StreamKey,
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let k0 = key.low;
  let k1 = key.high;
  for (let round = 0; round < 10; round++) {
    const high0 = highProduct(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = highProduct(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1 >>> 0, (high0 ^ c3 ^ k1) >>> 0, low0 >>> 0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** A sequence of draws: `index` names what it is for (an epoch, a step, a tensor), `part` a piece of it (a shard). */
export type Draws = {
  /** Next unsigned 32-bit integer. */
  word(): number;
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** Uniform integer in [0, bound), without modulo bias (rejection). */
  below(bound: number): number;
};

export function draws(key: StreamKey, index: number, part = 0): Draws {
  let block: readonly number[] = [];
  let used = wordsPerBlock;
  let blockIndex = 0;
  const high = Math.floor(index / 0x1_0000_0000);
  const word = () => {
    if (used === wordsPerBlock) {
      block = philox([blockIndex >>> 0, part >>> 0, index >>> 0, high >>> 0], key);
      blockIndex += 1;
      used = 0;
    }
    return block[used++] as number;
  };
  return {
    word,
    uniform: () => word() / 0x1_0000_0000,
    below: (bound) => {
      const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
      let candidate = word();
      while (candidate >= limit) candidate = word();
      return candidate % bound;
    },
  };
}

/** A uniformly drawn permutation of 0 … length - 1 (Fisher-Yates). */
export function permutation(length: number, from: Draws): Int32Array {
  const order = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = from.below(i + 1);
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  return order;
}
