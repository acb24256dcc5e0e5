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

/** |mean difference| studentised, squared, up to a constant: for how many relabelings is it at least that observed? */
function shareAtLeast(blocks: readonly ExchangeBlock[], { choices, count }: Relabelings): number {
  const tables = blocks.map(blockTable);
  const size = tables.length;
  // Block by block, so that the loop over relabelings reads one table at a time.
  const differences = new Float64Array(count);
  const within = new Float64Array(count);
  for (const [k, table] of tables.entries()) {
    const { difference, within: own } = table;
    for (let row = 0, at = k; row < count; row++, at += size) {
      const choice = Number(choices[at]);
      differences[row] = Number(differences[row]) + Number(difference[choice]);
      within[row] = Number(within[row]) + Number(own[choice]);
    }
  }
  let [observed, extreme] = [0, 0];
  for (let row = 0; row < count; row++) {
    const difference = Number(differences[row]);
    const statistic = ratio(difference * difference, Number(within[row]));
    if (row === 0) observed = statistic;
    if (statistic >= observed * (1 - tieTolerance)) extreme += 1;
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
  const accepts = (shift: number) =>
    shareAtLeast(
      blocks.map((block) => ({ ...block, treated: block.treated - shift })),
      relabelings,
    ) > alpha;
  const spread = Math.max(
    ...blocks.flatMap(({ reference, treated }) =>
      [...reference, treated].map((v) => Math.abs(v - mean(reference))),
    ),
  );
  if (!(spread > 0)) return [estimate, estimate];
  const end = (side: 1 | -1) => {
    let [inside, outside] = [0, spread / 4];
    let tries = 0;
    while (accepts(estimate + side * outside)) {
      inside = outside;
      outside *= 2;
      tries += 1;
      // Relabelings too few to reject the most distant shift reject none.
      if (tries > 40) return side * Number.POSITIVE_INFINITY;
    }
    while (outside - inside > 1e-5 * spread) {
      const middle = (inside + outside) / 2;
      if (accepts(estimate + side * middle)) inside = middle;
      else outside = middle;
    }
    return estimate + side * outside;
  };
  return [end(-1), end(1)];
}
