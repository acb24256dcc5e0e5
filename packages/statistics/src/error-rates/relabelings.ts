import { invalidInput } from "../errors.js";
import { createRandom } from "../numerics/random.js";

/** One seed of a study: its deterministic value among the other executions of that seed. */
export type ExchangeBlock = {
  /** The deterministic value; bit-identical repeats of it are one. */
  treated: number;
  /** The other executions, at least two. */
  reference: readonly number[];
  /** Which of them may change places with `treated` (the same machine, say); all when absent. */
  exchangeable?: readonly boolean[];
};

/** What a block comes to when candidate i takes the place of the deterministic value; candidate 0 is what was observed. */
export type BlockTable = {
  /** Candidates for the place. */
  size: number;
  /** Other executions. */
  n: number;
  /** Candidate minus mean of the rest. */
  difference: Float64Array;
  /** Its square over 1 + 1/n. */
  scaled: Float64Array;
  /** Sum of squares of the rest about its mean. */
  within: Float64Array;
};

/** Relative tolerance by which statistics of tied relabelings, rounded differently, count as equal. */
export const tieTolerance = 1e-9;

/** The table of one block. Throws a StatisticsError below two references and for values that are not finite. */
export function blockTable({ treated, reference, exchangeable }: ExchangeBlock, at = 0): BlockTable {
  const n = reference.length;
  if (n < 2)
    throw invalidInput(`blocks[${at}].reference`, n, "needs two values", "Leave the seed out or repeat it.");
  const all = [treated, ...reference];
  const broken = all.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0)
    throw invalidInput(`blocks[${at}]`, all[broken], "is not a finite number", "Leave the seed out.");
  // Centred on its mean, so that sums of squares lose no digits; equal values stay exactly equal.
  const centre = treated + reference.reduce((sum, value) => sum + (value - treated), 0) / (n + 1);
  const isConstant = all.every((value) => value === treated);
  const values = all.map((value) => (isConstant ? 0 : value - centre));
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  const candidates = values.flatMap((value, i) =>
    i === 0 || (exchangeable?.[i - 1] ?? true) ? [{ value, rest: all.filter((_, j) => j !== i) }] : [],
  );
  return {
    size: candidates.length,
    n,
    difference: Float64Array.from(candidates, ({ value }) => (value * (n + 1)) / n),
    scaled: Float64Array.from(candidates, ({ value }) => (value * value * (n + 1)) / n),
    within: Float64Array.from(candidates, ({ value, rest }) =>
      rest.every((other) => other === rest[0]) ? 0 : Math.max(0, squares - (value * value * (n + 1)) / n),
    ),
  };
}

export type RelabelingOptions = {
  /** All relabelings are enumerated up to this many; 100,000 when absent. */
  exactUpTo?: number | undefined;
  /** Relabelings drawn where there are more; 19,999 when absent. */
  draws?: number | undefined;
  /** Seed of the draws. */
  seed?: number | undefined;
  /** Level that claims shall hold; 0.05 when absent. */
  alpha?: number | undefined;
};

/** Choices of a candidate for every block, row by row; the first row is what was observed. */
export type Relabelings = { choices: Uint16Array; count: number; total: number; exact: boolean };

/** The seed of relabelings that are drawn, where none is given; it is told beside every such p-value. */
export const relabelingSeed = 20_260_101;

/**
 * All relabelings within blocks, or as many drawn ones as asked for, with the observed one first.
 *
 * @param sizes candidates of every block
 * @param stream stream of the seed, so that groups are drawn independently
 */
export function relabelingsOf(
  sizes: readonly number[],
  { exactUpTo = 100_000, draws = 19_999, seed = relabelingSeed }: RelabelingOptions,
  stream = 0,
): Relabelings {
  const key = JSON.stringify([sizes, exactUpTo, draws, seed, stream]);
  const found = lately.get(key) ?? newRelabelings(sizes, { exactUpTo, draws, seed }, stream);
  lately.delete(key);
  lately.set(key, found);
  const [oldest] = lately.keys();
  if (lately.size > mostKept && oldest !== undefined) lately.delete(oldest);
  return found;
}

/** Those of the last designs: the configurations of a study have one, and ask for all their metrics and arms. */
const lately = new Map<string, Relabelings>();
/** Of some hundred kilobytes each. */
const mostKept = 8;

function newRelabelings(
  sizes: readonly number[],
  { exactUpTo, draws, seed }: { exactUpTo: number; draws: number; seed: number },
  stream: number,
): Relabelings {
  const total = sizes.reduce((product, size) => product * size, 1);
  const width = sizes.length;
  if (total <= exactUpTo) {
    const choices = new Uint16Array(total * width);
    for (let row = 1; row < total; row++) {
      let carry = 1;
      for (let k = 0; k < width; k++) {
        const next = Number(choices[(row - 1) * width + k]) + carry;
        const wraps = next === sizes[k];
        choices[row * width + k] = wraps ? 0 : next;
        carry = wraps ? 1 : 0;
      }
    }
    return { choices, count: total, total, exact: true };
  }
  const random = createRandom(seed, stream);
  const choices = new Uint16Array((draws + 1) * width);
  for (let at = width; at < choices.length; at++) choices[at] = random.integer(sizes[at % width] ?? 1);
  return { choices, count: draws + 1, total, exact: false };
}

/**
 * Paulson's approximation to the normal deviate of F(a, b): it puts statistics with other degrees of freedom on one scale and
 * is strictly increasing, which is all that a permutation test asks of it. Source: Paulson (1942).
 */
export function normalDeviateOfF(f: number, a: number, b: number): number {
  if (f === Number.POSITIVE_INFINITY) return f;
  const root = Math.cbrt(f);
  const ofA = 2 / (9 * a);
  const ofB = 2 / (9 * b);
  return ((1 - ofB) * root - (1 - ofA)) / Math.sqrt(ofB * root * root + ofA);
}

/** Ratio of a squared effect and a variance; 0 where neither is there. */
export const ratio = (effect: number, variance: number) =>
  variance > 0 ? effect / variance : effect > 0 ? Number.POSITIVE_INFINITY : 0;
