import { didYouMean, partNames, type Split, sizesOf } from "@reprise/contracts";
import { draws, permutation, type StreamKey } from "../arithmetic/streams.js";
import { userError } from "../program/errors.js";
import type { Dataset } from "./datasets/dataset.js";

/** Case ids of the three parts, ascending. Together they hold every case once. */
export type SplitIds = {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
};

/** What a split looks at. */
export type SplitCases = Pick<Dataset, "name" | "classes" | "labels" | "groups" | "publishedParts">;

/** The part (an index of `partNames`) of every case in `ids`. */
type Assignment = (
  cases: SplitCases,
  ids: readonly number[],
  shares: readonly number[],
  key: StreamKey,
) => number[];

/**
 * Divides the cases at random, stratified by class, with the stream of the split's own seed.
 *
 * - Without groups every part's class shares are those of the whole set to within one or two cases, and its size is exact.
 * - `groupBy` keeps the cases of a group in one part; sizes and class shares are then as near as the groups allow.
 * - `published` takes the parts that the set was published with; a part it was not published with is drawn from the training cases.
 *
 * Throws a user error naming the groupings there are, or the shares that the published parts have.
 */
export function stratifiedSplit(cases: SplitCases, split: Split, key: StreamKey): SplitIds {
  const { groupBy } = split;
  const groups = groupBy === null ? null : groupsOf(cases, groupBy);
  const assign: Assignment = groups ? (...given) => byGroup(groups, ...given) : byCase;
  const shares = partNames.map((part) => split[part]);
  const everyId = [...cases.labels.keys()];
  const parts = split.published
    ? publishedParts(cases, shares, (ids, some) => assign(cases, ids, some, key))
    : assign(cases, everyId, shares, key);
  const idsOf = (part: number) => Int32Array.from(everyId.filter((id) => parts[id] === part));
  return { train: idsOf(0), validation: idsOf(1), test: idsOf(2) };
}

function groupsOf({ name, groups }: SplitCases, groupBy: string): Int32Array {
  const found = groups[groupBy];
  if (found) return found;
  const known = Object.keys(groups);
  throw userError(
    `Dataset "${name}" has no group "${groupBy}" to split by${known.length === 0 ? ": it has no groups at all" : ""}.`,
    known.length === 0 ? "Set dataset.split.groupBy to null." : didYouMean(groupBy, known),
  );
}

/**
 * The cases of each class are shuffled and laid out evenly on a line from 0 to 1, the classes are merged by position, and
 * the line is cut at the part sizes.
 */
const byCase: Assignment = ({ classes, labels }, ids, shares, key) => {
  const placed = classes.flatMap((_, label) => {
    const members = ids.filter((id) => labels[id] === label);
    const order = permutation(members.length, draws(key, label));
    return Array.from(order, (member, rank) => ({
      id: members[member] as number,
      label,
      position: (rank + 0.5) / members.length,
    }));
  });
  placed.sort((a, b) => a.position - b.position || a.label - b.label);
  const parts = new Array<number>(labels.length);
  let from = 0;
  for (const [part, size] of sizesOf(ids.length, shares).entries()) {
    for (const { id } of placed.slice(from, from + size)) parts[id] = part;
    from += size;
  }
  return parts;
};

/**
 * Whole groups, large ones first (equals in random order), each to the part that stays nearest to its share of every class.
 */
function byGroup(groupOf: Int32Array, ...[cases, ids, shares, key]: Parameters<Assignment>): number[] {
  const { classes, labels } = cases;
  const numbers = [...new Set(ids.map((id) => groupOf[id] as number))];
  const order = permutation(numbers.length, draws(key, 0));
  const groups = new Map(
    Array.from(order, (i) => [numbers[i] as number, { ids: [] as number[], counts: classes.map(() => 0) }]),
  );
  const totals = classes.map(() => 0);
  const count = (counts: number[], label: number, by: number) => {
    counts[label] = (counts[label] ?? 0) + by;
  };
  for (const id of ids) {
    const group = groups.get(groupOf[id] as number);
    const label = labels[id] as number;
    group?.ids.push(id);
    if (group) count(group.counts, label, 1);
    count(totals, label, 1);
  }
  const filled = shares.map(() => classes.map(() => 0));
  /** Squared distance of a part's class counts from its share, as fractions of each class. */
  const distance = (part: number, counts: readonly number[]) =>
    totals.reduce((sum, total, label) => {
      const wanted = (shares[part] ?? 0) * total;
      return (
        sum +
        (total === 0 ? 0 : (((filled[part]?.[label] ?? 0) + (counts[label] ?? 0) - wanted) / total) ** 2)
      );
    }, 0);
  const nothing = classes.map(() => 0);
  const parts = new Array<number>(labels.length);
  // Sorting is stable: groups of one size stay in their random order.
  for (const group of [...groups.values()].sort((a, b) => b.ids.length - a.ids.length)) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const part of shares.keys()) {
      if ((shares[part] ?? 0) === 0) continue;
      const change = distance(part, group.counts) - distance(part, nothing);
      if (change < least) [best, least] = [part, change];
    }
    for (const [label, by] of group.counts.entries()) count(filled[best] ?? [], label, by);
    for (const id of group.ids) parts[id] = best;
  }
  return parts;
}

/** How far a given share may lie from a published part's: shares are written with few digits. */
const shareTolerance = 0.005;

function publishedParts(
  { name, labels, publishedParts: published }: SplitCases,
  shares: readonly number[],
  assign: (ids: readonly number[], shares: readonly number[]) => number[],
): number[] {
  if (!published) {
    throw userError(`Dataset "${name}" was not published in parts.`, "Leave dataset.split.published out.");
  }
  const [train, validation, test] = partNames.map(
    (_, part) => published.filter((own) => own === part).length / labels.length,
  ) as [number, number, number];
  const [, wantedValidation = 0, wantedTest = 0] = shares;
  const wrong = (part: string, share: number, given: number) =>
    userError(
      `dataset.split.${part} is ${given}, but the published ${part} part of ${name} is ${share.toFixed(4)} of its cases.`,
      `Set dataset.split.${part} to ${share.toFixed(4)} and let the shares sum to 1, or leave published out.`,
    );
  if (Math.abs(wantedTest - test) > shareTolerance) throw wrong("test", test, wantedTest);
  if (validation > 0 && Math.abs(wantedValidation - validation) > shareTolerance)
    throw wrong("validation", validation, wantedValidation);
  const parts = [...published];
  if (validation > 0 || wantedValidation === 0) return parts;
  const training = [...labels.keys()].filter((id) => parts[id] === 0);
  const drawn = wantedValidation / train;
  for (const [id, part] of assign(training, [1 - drawn, drawn, 0]).entries())
    if (part !== undefined) parts[id] = part;
  return parts;
}
