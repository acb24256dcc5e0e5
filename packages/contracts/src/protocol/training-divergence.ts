import { z } from "zod";
import { nonFiniteNames } from "../basics/numbers.js";
import { metricFacts } from "./metric-facts.js";
import type { MetricInfo } from "./metric-info.js";

/** Values of a metric that are no finite numbers: the first of them, and whether finite ones follow. */
export const nonFiniteValues = z.strictObject({
  /** The smallest step that has such a value; null where only the final value, which has no step, is one. */
  step: z.int().nullable(),
  /** The value there. */
  value: z.enum(nonFiniteNames),
  /** From which step on every value is such a one, to the end of the series; null where its last value is finite. */
  since: z.int().nullable(),
});
export type NonFiniteValues = z.infer<typeof nonFiniteValues>;

/** By which metric a training shows that it diverged, and at which step first; null where it was told without a step. */
export const trainingDivergence = z.strictObject({ key: z.string(), step: z.int().nullable() });
export type TrainingDivergence = z.infer<typeof trainingDivergence>;

const lossName =
  /(?<![a-z])loss|Loss|LOSS|[pP]erplexity|[cC]ross[ _-]?[eE]ntropy|(?<![a-zA-Z])(nll|ppl|b?ce|r?mse|mae)(?![a-zA-Z])/;
const scaleName = /loss[ _-]?scale/i;
const gradientName = /grad(ient)?s?[ _./-]*(l2|global|total)?[ _./-]*norm/i;
const weightName = /(weights?|param(eter)?s?)[ _./-]*(l2|global|total)?[ _./-]*norm/i;

type Sign = "loss" | "gradient" | "weights";
const signs: readonly Sign[] = ["loss", "gradient", "weights"];

/**
 * What a metric shows of divergence when it is not finite: a loss (as announced or declared, else by its name) and a norm of
 * gradients or weights (by their names) do. Others may be undefined for their own reasons, such as an AUC without a case of
 * one class, and show nothing.
 */
function signOf(key: string, announced: readonly MetricInfo[]): Sign | null {
  if (gradientName.test(key)) return "gradient";
  if (weightName.test(key)) return "weights";
  if (metricFacts(key, announced).loss) return "loss";
  const info = announced.find((metric) => metric.key === key);
  return info?.loss !== false && lossName.test(key) && !scaleName.test(key) ? "loss" : null;
}

/**
 * Whether and where a training diverged: the smallest step, whenever it was reported, at which a loss or a norm of the
 * weights is NaN or infinite; of a norm of gradients, from where on it is so to the end, since mixed precision skips single
 * steps whose gradients overflow. Of several metrics that show it at one step the loss in training stands for all.
 *
 * @param summary of the run's metrics, at least of those that have such values
 * @param announced metrics as announced or declared
 */
export function divergenceOf(
  summary: Readonly<Record<string, { nonFinite: NonFiniteValues | null }>>,
  announced: readonly MetricInfo[],
): TrainingDivergence | null {
  const shown = Object.entries(summary).flatMap(([key, { nonFinite }]) => {
    const sign = nonFinite && signOf(key, announced);
    if (!nonFinite || !sign) return [];
    const skipped = sign === "gradient" && nonFinite.since === null && nonFinite.step !== null;
    if (skipped) return [];
    const { split } = metricFacts(key, announced);
    const inTraining = split === "train" || (split === null && /train/i.test(key));
    const step = sign === "gradient" ? nonFinite.since : nonFinite.step;
    return [{ key, step, rank: 2 * signs.indexOf(sign) + (inTraining ? 0 : 1) }];
  });
  const late = Number.POSITIVE_INFINITY;
  const [first] = shown.toSorted(
    (a, b) => (a.step ?? late) - (b.step ?? late) || a.rank - b.rank || (a.key < b.key ? -1 : 1),
  );
  return first ? { key: first.key, step: first.step } : null;
}
