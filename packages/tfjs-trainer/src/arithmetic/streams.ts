import { createHash } from "node:crypto";
import { philox4x32 } from "@reprise/statistics";

/**
 * Random numbers of a run. Every draw is a pure function of (seed, purpose, index, position): nothing depends on how
 * many numbers were drawn before, on the thread that draws, or on the JavaScript engine (integers only).
 */
export type StreamPurpose =
  | "init"
  | "dataOrder"
  | "augmentation"
  | "dropout"
  | "split"
  | "reduction"
  | "perturb";

/** 64-bit key of one stream, low word first. */
export type StreamKey = readonly [number, number];

const wordsPerBlock = 4;

/**
 * The key of a stream. A `varied` noise source passes its repeat, and then draws from hash(seed, source, repeat);
 * a fixed one passes null, and draws the same numbers in every repeat. Seed 0 is a seed like any other.
 */
export function streamKey(seed: number, purpose: StreamPurpose, repeat: number | null): StreamKey {
  const digest = createHash("sha256")
    .update(JSON.stringify(["reprise-stream-1", seed, purpose, repeat]))
    .digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
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
      block = philox4x32([blockIndex >>> 0, part >>> 0, index >>> 0, high >>> 0], key);
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
