import type { SignificanceRow, SweepSpec } from "@reprise/contracts";
import {
  adjustPValues,
  falsePositiveRateOfOneSampleT,
  minimumDetectableShift,
  newObservationTFromSample,
  oneSampleT,
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

const nothing = {
  statistic: null,
  df: null,
  p: null,
  adjustedP: null,
  rejected: null,
};

type BareRow = Omit<SignificanceRow, "verdicts">;

/** Both tests of every comparison; each of the two kinds of test is one family for the correction. */
export function testRows(
  comparisons: readonly Comparison[],
  { alpha, correction, check }: TestSettings & Pick<MetricWords, "check">,
): { rows: BareRow[]; family: number } {
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
  const detectable = remember((n) => minimumDetectableShift(n, 0.8, alpha));
  const falseAlarms = remember((n) => falsePositiveRateOfOneSampleT(n, alpha));
  const rows = comparisons.map(({ cell, sample, reference, reason }, index): BareRow => {
    const test = tests[index];
    const { n, mean, sd } = summarize(sample.values);
    const [low, high] = withinRange(
      test?.newObservation.predictionInterval ?? [Number.NaN, Number.NaN],
      check?.range,
    );
    return {
      group: cell.group,
      arm: sample.arm,
      n,
      deterministicValue: known(reference),
      mean: known(mean),
      sd: n < 2 ? null : known(sd),
      newObservation: test
        ? {
            statistic: known(test.newObservation.statistic),
            df: known(test.newObservation.df),
            p: known(test.newObservation.pvalue),
            adjustedP: known(prediction.adjusted[index]),
            rejected: prediction.reject[index] ?? null,
            predictionInterval: { low: known(low), high: known(high) },
          }
        : { ...nothing, predictionInterval: { low: null, high: null } },
      oneSample: test
        ? {
            statistic: known(test.oneSample.statistic),
            df: known(test.oneSample.df),
            p: known(test.oneSample.pvalue),
            adjustedP: known(means.adjusted[index]),
            rejected: means.reject[index] ?? null,
            falsePositiveRate: known(falseAlarms(n)),
          }
        : { ...nothing, falsePositiveRate: null },
      minimumDetectableShift: test ? known(detectable(n) * sd) : null,
      reason,
    };
  });
  return { rows, family: tests.filter((test) => test !== null).length };
}
