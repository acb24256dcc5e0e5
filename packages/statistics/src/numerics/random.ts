/**
 * Philox4x32-10, a counter-based generator: block i of a stream is a keyed bijection of i, so any stream can be recomputed
 * from (seed, stream) alone, on any machine. Source: Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy
 * as 1, 2, 3"; checked against the published known answers.
 *
 * Layout used here: key = seed (64 bits, low word first); counter = [block low, block high, stream low, stream high].
 */
export type Random = {
  /** Uniform on 0..2^32 - 1. */
  uint32(): number;
  /** Uniform on [0, 1), a multiple of 2^-53: (27 high bits, 26 high bits) of two words. */
  uniform(): number;
  /** Uniform on 0..bound - 1 (bound <= 2^32), without bias, by rejection. */
  integer(bound: number): number;
  /** Standard normal, by the polar method of Marsaglia. */
  normal(): number;
  /** `size` draws with replacement of the indices 0..bound - 1. */
  indices(bound: number, size: number): Uint32Array;
};

/** The name to record beside a seed, so that a number can be recomputed years later. */
export const RANDOM_ALGORITHM = "philox4x32-10";

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** One block of four words from a counter of four words and a key of two. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  single[0] = counter[0];
  single[1] = counter[1];
  single[2] = counter[2];
  single[3] = counter[3];
  philoxInto(single, 0, key[0], key[1]);
  return [Number(single[0]), Number(single[1]), Number(single[2]), Number(single[3])];
}

/** Room for one block, which nobody sees. */
const single = new Uint32Array(4);

/**
 * Exchanges the counter that stands in four words of a list for its block. Products of 32 x 32 bits are made of halves of 16, as whole
 * numbers of 32 bits throughout.
 */
function philoxInto(words: Uint32Array, at: number, key0: number, key1: number): void {
  let c0 = Number(words[at]) | 0;
  let c1 = Number(words[at + 1]) | 0;
  let c2 = Number(words[at + 2]) | 0;
  let c3 = Number(words[at + 3]) | 0;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0 >>> 16, MULTIPLIER_0 & 0xffff, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1 >>> 16, MULTIPLIER_1 & 0xffff, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  words[at] = c0;
  words[at + 1] = c1;
  words[at + 2] = c2;
  words[at + 3] = c3;
}

/** The upper 32 bits of a 32 x 32 bit product, of which one factor is given by its halves. */
function multiplyHigh(high: number, low: number, b: number): number {
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = (Math.imul(high, b0) + (Math.imul(low, b0) >>> 16)) >>> 0;
  const carried = (Math.imul(low, b1) + (middle & 0xffff)) >>> 0;
  return (Math.imul(high, b1) + (middle >>> 16) + (carried >>> 16)) | 0;
}

/** Blocks that are made at once at most: whoever draws a few waits for a few. */
const mostBlocks = 256;

/** A generator for (seed, stream). Both are non-negative safe integers; different streams of a seed are independent. */
export function createRandom(seed: number, stream = 0): Random {
  const key0 = seed >>> 0;
  const key1 = Math.floor(seed / 2 ** 32);
  const streamLow = stream >>> 0;
  const streamHigh = Math.floor(stream / 2 ** 32);
  let block = 0;
  let words = new Uint32Array(0);
  let at = 0;
  let spare: number | undefined;
  let lastBound = 0;
  let lastLimit = 0;

  function refill(): void {
    const blocks = Math.min(mostBlocks, Math.max(1, words.length / 2));
    if (words.length !== 4 * blocks) words = new Uint32Array(4 * blocks);
    for (let place = 0; place < words.length; place += 4) {
      words[place] = block;
      words[place + 1] = block / 2 ** 32;
      words[place + 2] = streamLow;
      words[place + 3] = streamHigh;
      philoxInto(words, place, key0, key1);
      block += 1;
    }
    at = 0;
  }
  function uint32(): number {
    if (at === words.length) refill();
    return Number(words[at++]);
  }
  function uniform(): number {
    const high = uint32() >>> 5;
    const low = uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }
  function integer(bound: number): number {
    if (bound !== lastBound) {
      lastBound = bound;
      lastLimit = 2 ** 32 - (2 ** 32 % bound);
    }
    for (;;) {
      const word = uint32();
      if (word < lastLimit) return word % bound;
    }
  }
  function normal(): number {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * scale;
      return u * scale;
    }
  }
  const indices = (bound: number, size: number) => Uint32Array.from({ length: size }, () => integer(bound));
  return { uint32, uniform, integer, normal, indices };
}
