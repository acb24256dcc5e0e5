import type { SignificanceRow, SweepSpec } from "@reprise/contracts";
import {
  adjustPValues,
  type ExchangeTest,
  falsePositiveRateOfOneSampleT,
  guardedConfidence,
  minimumDetectableShift,
  newObservationTFromSample,
  oneSampleT,
  predictionInterval,
  summarize,
  withinRange,
} from "@reprise/statistics";
import { type Cell, degeneracy, known, type Sample } from "../cells.js";
import { divergedAmong } from "../diverged.js";
import type { MetricWords } from "../metric-words.js";
import { remember } from "../spread/remember.js";

/** One comparison of the table: an arm at one configuration and seed against the deterministic run. */
export type Comparison = {
  cell: Cell;
  sample: Sample;
  reference: number | null;
  /** Why no test is made, or null. */
  reason: string | null;
};

/** Settings of the tests as the plan fixed them, or the defaults. */
export type TestSettings = { alpha: number; correction: "holm" | "bh" | "none" };

export function settingsOf({ analysisPlan }: Pick<SweepSpec, "analysisPlan">): TestSettings {
  return { alpha: analysisPlan?.alpha ?? 0.05, correction: analysisPlan?.correction ?? "holm" };
}

export function comparisonsOf(cells: readonly Cell[], metric: MetricWords): Comparison[] {
  return cells.flatMap((cell) =>
    cell.others.map((sample) => {
      const reference = cell.deterministic?.values[0] ?? null;
      const missing =
        reference === null
          ? "No deterministic run to compare with."
          : divergedAmong(cell.deterministic?.runs.slice(0, 1) ?? []) > 0
            ? "The deterministic run diverged: nothing is compared with it."
            : Number.isFinite(reference)
              ? null
              : `The deterministic run has no finite ${metric.label}.`;
      return {
        cell,
        sample,
        reference,
        reason: missing ?? degeneracy(sample.values, metric.label, divergedAmong(sample.runs)),
      };
    }),
  );
}

/** The confidence at which the prediction interval of one more run of a seed is computed to cover 95 %, by the order of the runs. */
export const predictionConfidence = (order: SweepSpec["order"]): number =>
  order === "listed" ? guardedConfidence.predictionOfListed : guardedConfidence.prediction;

const unknown = { statistic: null, df: null, p: null, adjustedP: null };

type BareRow = Omit<SignificanceRow, "verdicts">;

const detectable = remember((n = 2, alpha = 0.05) => minimumDetectableShift(n, 0.8, alpha));
const falsePositives = remember((n = 2, alpha = 0.05) => falsePositiveRateOfOneSampleT(n, alpha));

/**
 * Every comparison seed by seed: the permutation test of the study's family, and by normal theory the new-observation test and the
 * papers' one-sample test, each kind corrected by itself.
 */
export function testRows(
  comparisons: readonly Comparison[],
  permutations: ReadonlyMap<Comparison, ExchangeTest>,
  { alpha, correction, check, order }: TestSettings & Pick<MetricWords, "check"> & Pick<SweepSpec, "order">,
): BareRow[] {
  const tests = comparisons.map(({ sample, reference, reason }) =>
    reason !== null || reference === null
      ? null
      : {
          newObservation: newObservationTFromSample(sample.values, reference),
          oneSample: oneSampleT(sample.values, reference),
        },
  );
  const adjust = (p: number[]) => adjustPValues(p, { method: correction, alpha });
  const prediction = adjust(tests.map((test) => test?.newObservation.pvalue ?? Number.NaN));
  const means = adjust(tests.map((test) => test?.oneSample.pvalue ?? Number.NaN));
  return comparisons.map((comparison, index): BareRow => {
    const { cell, sample, reference, reason } = comparison;
    const test = tests[index];
    const permutation = permutations.get(comparison);
    const { n, mean, sd } = summarize(sample.values);
    const [low, high] = withinRange(
      test ? predictionInterval(sample.values, predictionConfidence(order)) : [Number.NaN, Number.NaN],
      check?.range,
    );
    return {
      group: cell.group,
      arm: sample.arm,
      n,
      deterministicValue: known(reference),
      mean: known(mean),
      sd: n < 2 ? null : known(sd),
      permutation: {
        p: known(permutation?.p),
        adjustedP: known(permutation?.adjustedP),
        rejected: permutation?.adjustedP == null ? null : permutation.adjustedP <= alpha,
        smallestP: known(permutation?.smallestP),
      },
      newObservation: test
        ? {
            statistic: known(test.newObservation.statistic),
            df: known(test.newObservation.df),
            p: known(test.newObservation.pvalue),
            adjustedP: known(prediction.adjusted[index]),
            predictionInterval: { low: known(low), high: known(high) },
          }
        : { ...unknown, predictionInterval: { low: null, high: null } },
      oneSample: test
        ? {
            statistic: known(test.oneSample.statistic),
            df: known(test.oneSample.df),
            p: known(test.oneSample.pvalue),
            adjustedP: known(means.adjusted[index]),
            rejected: means.reject[index] ?? null,
            falsePositiveRate: known(falsePositives(n, alpha)),
          }
        : { ...unknown, rejected: null, falsePositiveRate: null },
      minimumDetectableShift: test ? known(detectable(n, alpha) * sd) : null,
      reason,
    };
  });
}
