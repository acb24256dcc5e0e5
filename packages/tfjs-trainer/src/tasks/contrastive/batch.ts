import { draws } from "../../arithmetic/streams.js";
import type { ContrastiveMemory } from "./memory.js";
import type { ContrastivePlan } from "./plan.js";

/** One pair of a batch: a case, and which of its captions it gets this time. */
export type BatchRow = {
  id: number;
  epoch: number;
  text: number;
};

/** Captions are drawn from the augmentation stream far behind the epochs that pictures draw from. */
const captionDraws = 2 ** 40;

/**
 * Row `row` of step `step`. The caption is a function of (seed, epoch, case): ranks, threads and what was
 * drawn before change nothing.
 */
export function batchRow(
  plan: Pick<ContrastivePlan, "keys" | "captions" | "stepsPerEpoch">,
  memory: Pick<ContrastiveMemory, "order">,
  { step, batchStart, row }: { step: number; batchStart: number; row: number },
): BatchRow {
  const { captions, keys, stepsPerEpoch } = plan;
  const id = memory.order[batchStart + row] as number;
  const epoch = Math.floor(step / stepsPerEpoch);
  const stream = draws(keys.augmentation, captionDraws + epoch, id);
  const text = captions.texts[id * captions.perCase + stream.below(captions.perCase)] as number;
  return { id, epoch, text };
}

/**
 * What equal captions in a batch cost. Images with the same caption cannot be told apart by it, so even perfect features
 * leave ln m nats in a row whose caption occurs m times. Returns the mean of ln m, and the share of rows with m > 1.
 */
export function captionDuplicates(texts: readonly number[]): { floor: number; rate: number } {
  const counts = new Map<number, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  let floor = 0;
  let repeated = 0;
  for (const count of counts.values()) {
    floor += count * Math.log(count);
    if (count > 1) repeated += count;
  }
  return { floor: floor / texts.length, rate: repeated / texts.length };
}

/** Mean of {@link captionDuplicates} over the batches of the epoch that holds a step, whose order is in the memory. */
export function epochDuplicates(
  plan: ContrastivePlan,
  memory: ContrastiveMemory,
  lastStep: number,
): { floor: number; rate: number } {
  const { stepsPerEpoch, ranks, rows } = plan;
  const size = ranks * rows;
  const firstStep = lastStep - (lastStep % stepsPerEpoch);
  const sums = { floor: 0, rate: 0 };
  for (let batch = 0; batch < stepsPerEpoch; batch++) {
    const at = { step: firstStep + batch, batchStart: batch * size };
    const texts = Array.from({ length: size }, (_, row) => batchRow(plan, memory, { ...at, row }).text);
    const { floor, rate } = captionDuplicates(texts);
    sums.floor += floor / stepsPerEpoch;
    sums.rate += rate / stepsPerEpoch;
  }
  return sums;
}
