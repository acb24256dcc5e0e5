import type { Interval } from "../means/t-tests.js";
import { mean } from "../summary.js";
import {
  blockTable,
  type ExchangeBlock,
  type RelabelingOptions,
  type Relabelings,
  ratio,
  relabelingsOf,
  tieTolerance,
} from "./relabelings.js";

/**
 * By relabeling what is needed to say, for any shift, how extreme it is once the shift is taken off the deterministic values: sums over
 * seeds of the difference, which is linear in the shift, and of the squares within seeds, which are quadratic. A deterministic value that is
 * less by s moves the centre of its n + 1 values by −s/(n + 1), and with it every other value by s/(n + 1).
 */
type Shifting = {
  difference: Float64Array;
  differenceSlope: Float64Array;
  within: Float64Array;
  withinSlope: Float64Array;
  withinBend: Float64Array;
};

function shiftingOf(blocks: readonly ExchangeBlock[], { choices, count }: Relabelings): Shifting {
  const size = blocks.length;
  const [difference, differenceSlope, within, withinSlope, withinBend] = [
    new Float64Array(count),
    new Float64Array(count),
    new Float64Array(count),
    new Float64Array(count),
    new Float64Array(count),
  ];
  // Block by block, so that the loop over relabelings reads one table at a time.
  for (const [k, block] of blocks.entries()) {
    const table = blockTable(block);
    const { n } = table;
    // Of the candidates in their order: the value of each about the centre is n/(n + 1) of its difference from the rest.
    const centred = table.difference.map((value) => (value * n) / (n + 1));
    const treated = Number(centred[0]);
    const slopes = centred.map((value, i) => (i === 0 ? 0 : -2 * (treated + value / n)));
    for (let row = 0, at = k; row < count; row++, at += size) {
      const choice = Number(choices[at]);
      difference[row] = Number(difference[row]) + Number(table.difference[choice]);
      within[row] = Number(within[row]) + Number(table.within[choice]);
      if (choice === 0) {
        differenceSlope[row] = Number(differenceSlope[row]) - 1;
      } else {
        differenceSlope[row] = Number(differenceSlope[row]) + 1 / n;
        withinSlope[row] = Number(withinSlope[row]) + Number(slopes[choice]);
        withinBend[row] = Number(withinBend[row]) + (n - 1) / n;
      }
    }
  }
  return { difference, differenceSlope, within, withinSlope, withinBend };
}

/** |mean difference| studentised, squared, up to a constant: for how many relabelings is it at least that observed, at this shift? */
function shareAtLeast(
  { difference, differenceSlope, within, withinSlope, withinBend }: Shifting,
  shift: number,
): number {
  const count = difference.length;
  let [least, extreme] = [0, 0];
  for (let row = 0; row < count; row++) {
    const moved = Number(difference[row]) + shift * Number(differenceSlope[row]);
    const spread = Number(within[row]) + shift * (Number(withinSlope[row]) + shift * Number(withinBend[row]));
    const statistic = ratio(moved * moved, spread);
    if (row === 0) least = statistic * (1 - tieTolerance);
    if (statistic >= least) extreme += 1;
  }
  return extreme / count;
}

/**
 * Interval of a shift common to all seeds: the shifts which the permutation test of {@link exchangeabilityFamily} does not
 * reject when they are taken off the deterministic values. It covers exactly where deterministic values are shifted draws of
 * their seeds' executions, whatever the distribution; [−∞, ∞] where the relabelings are too few to reject anything.
 * Relabelings beyond 20,000 are drawn (9,999). Source: Good (2005), Permutation, parametric and bootstrap tests, ch. 3.
 */
export function exchangeShiftInterval(
  blocks: readonly ExchangeBlock[],
  {
    confidence = 0.95,
    exactUpTo = 20_000,
    draws = 9_999,
    seed,
  }: RelabelingOptions & { confidence?: number } = {},
): Interval {
  const alpha = 1 - confidence;
  const sizes = blocks.map((block) => blockTable(block).size);
  const relabelings = relabelingsOf(sizes, { exactUpTo, draws, seed });
  const estimate = mean(blocks.map(({ treated, reference }) => treated - mean(reference)));
  // Shifts are counted from the estimate, where no digits cancel.
  const shifting = shiftingOf(
    blocks.map((block) => ({ ...block, treated: block.treated - estimate })),
    relabelings,
  );
  const accepts = (shift: number) => shareAtLeast(shifting, shift) > alpha;
  const spread = Math.max(
    ...blocks.flatMap(({ reference, treated }) =>
      [...reference, treated].map((v) => Math.abs(v - mean(reference))),
    ),
  );
  if (!(spread > 0)) return [estimate, estimate];
  const end = (side: 1 | -1) => {
    let [inside, outside] = [0, spread / 4];
    let tries = 0;
    while (accepts(side * outside)) {
      inside = outside;
      outside *= 2;
      tries += 1;
      // Relabelings too few to reject the most distant shift reject none.
      if (tries > 40) return side * Number.POSITIVE_INFINITY;
    }
    while (outside - inside > 1e-5 * spread) {
      const middle = (inside + outside) / 2;
      if (accepts(side * middle)) inside = middle;
      else outside = middle;
    }
    return estimate + side * outside;
  };
  return [end(-1), end(1)];
}
