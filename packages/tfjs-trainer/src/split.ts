import type { Split } from "@reprise/contracts";
import type { Dataset } from "./datasets.js";
import { userError } from "./errors.js";
import { draws, permutation, type StreamKey } from "./streams.js";

/** Case ids of the three parts, ascending. Together they hold every case once. */
export interface SplitIds {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
}

/** Sizes of the parts by largest remainder, so that they sum to `cases` exactly. */
function partSizes(cases: number, shares: readonly number[]): number[] {
  const exact = shares.map((share) => share * cases);
  const sizes = exact.map(Math.floor);
  const byRemainder = exact
    // Rounded, so that 0.2 · 5 = 1.0000000000000002 does not count as a remainder.
    .map((value, part) => ({ part, remainder: Number((value - Math.floor(value)).toFixed(9)) }))
    .sort((a, b) => b.remainder - a.remainder || a.part - b.part);
  let missing = cases - sizes.reduce((a, b) => a + b, 0);
  for (const { part } of byRemainder) {
    if (missing <= 0) break;
    sizes[part] = (sizes[part] as number) + 1;
    missing -= 1;
  }
  return sizes;
}

/**
 * Divides the cases at random, stratified by class: every part's class shares are those of the whole set to within
 * one or two cases, and its size is exact. The cases of each class are shuffled and laid out evenly on a line from 0 to
 * 1, the classes are merged by position, and the line is cut at the part sizes.
 *
 * Throws a user error for `groupBy`: none of the bundled sets knows patients or groups.
 */
export function stratifiedSplit(dataset: Dataset, split: Split, key: StreamKey): SplitIds {
  if (split.groupBy !== null) {
    throw userError(
      `Dataset "${dataset.name}" has no group "${split.groupBy}" to split by: it has no groups at all.`,
      "Set dataset.split.groupBy to null.",
    );
  }
  const placed = dataset.classes.flatMap((_, label) => {
    const members = [...dataset.labels.keys()].filter((id) => dataset.labels[id] === label);
    const order = permutation(members.length, draws(key, label));
    return Array.from(order, (member, rank) => ({
      id: members[member] as number,
      label,
      position: (rank + 0.5) / members.length,
    }));
  });
  placed.sort((a, b) => a.position - b.position || a.label - b.label);
  const [train = 0, validation = 0] = partSizes(dataset.cases, [split.train, split.validation, split.test]);
  const part = (from: number, to: number) =>
    Int32Array.from(placed.slice(from, to), (case_) => case_.id).sort((a, b) => a - b);
  return {
    train: part(0, train),
    validation: part(train, train + validation),
    test: part(train + validation, dataset.cases),
  };
}
