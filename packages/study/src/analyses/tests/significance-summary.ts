import { type AnalysisTable, decodeNumber, type PooledRow, type SignificanceRow } from "@reprise/contracts";
import { mean } from "@reprise/statistics";
import type { MetricWords } from "../metric-words.js";
import { column, configurationColumn, tableOf } from "../table.js";

type Summary = { pooled: PooledRow; tested: SignificanceRow[]; alpha: number };

/** |deterministic − mean| / mean in percent, averaged over seeds as in the paper; null where no seed qualifies. */
function meanAbsolutePercent(rows: readonly SignificanceRow[]): number | null {
  const percents = rows.flatMap(({ deterministicValue, mean: ofRepeats }) =>
    deterministicValue === null || ofRepeats === null
      ? []
      : [
          Math.abs(
            ((decodeNumber(deterministicValue) - decodeNumber(ofRepeats)) / decodeNumber(ofRepeats)) * 100,
          ),
        ],
  );
  const average = mean(percents);
  return Number.isFinite(average) ? average : null;
}

const below = (p: SignificanceRow["oneSample"]["p"], alpha: number) => p !== null && decodeNumber(p) < alpha;

/** Seeds of an arm that the paper's test calls significant, uncorrected as there. */
const significant = ({ tested, alpha }: Summary) => tested.filter((row) => below(row.oneSample.p, alpha));

/**
 * Table V of the CUDA-randomness paper: per configuration and arm, how many seeds its one-sample t-test calls significant
 * and how large their mean absolute relative difference is; beside it what holds the level: permutation tests
 * seed by seed and over seeds.
 */
export function significanceSummary(
  rows: readonly SignificanceRow[],
  pooled: readonly PooledRow[],
  { metric, alpha }: { metric: MetricWords; alpha: number },
): AnalysisTable {
  const unit = metric.unit || null;
  const summaries = pooled.map((row): Summary => {
    const own = rows.filter(
      ({ group, arm }) => group.configurationKey === row.configurationKey && arm === row.arm,
    );
    return { pooled: row, alpha, tested: own.filter(({ oneSample }) => oneSample.p !== null) };
  });
  return tableOf<Summary>(
    `Over seeds, deterministic run against repeats: ${metric.label}`,
    [
      configurationColumn(({ pooled: row }) => row.configurationLabel),
      column(
        "arm",
        "Arm",
        null,
        "Executions compared with the deterministic run",
        ({ pooled: row }) => row.arm,
      ),
      column(
        "seeds",
        "Seeds tested",
        null,
        "Seeds at which a test could be made",
        ({ tested }) => tested.length,
      ),
      column(
        "oneSampleSignificant",
        "Sig. (one-sample)",
        null,
        "Seeds whose one-sample t-test has p below the level, uncorrected: the count of the paper",
        (summary) => significant(summary).length,
      ),
      column(
        "meanPercentSignificant",
        "Avg (sig.)",
        "%",
        "Mean absolute relative difference over those seeds",
        (summary) => meanAbsolutePercent(significant(summary)),
      ),
      column("meanPercent", "Avg (all)", "%", "The same over all seeds tested", ({ tested }) =>
        meanAbsolutePercent(tested),
      ),
      column(
        "permutationSignificant",
        "Sig. (perm.)",
        null,
        "Seeds whose permutation test rejects within the family of the study",
        ({ tested }) => tested.filter(({ permutation }) => permutation.rejected === true).length,
      ),
      column(
        "shift",
        "Shift",
        unit,
        "Deterministic minus mean of repeats, mean over seeds",
        (summary) => summary.pooled.shift,
      ),
      column(
        "shiftLow",
        "Shift low",
        unit,
        `Its ${Number((100 * (1 - alpha)).toPrecision(6))} % interval, lower end`,
        (summary) => summary.pooled.shiftInterval.low,
      ),
      column(
        "shiftHigh",
        "Shift high",
        unit,
        "Its upper end",
        (summary) => summary.pooled.shiftInterval.high,
      ),
      column(
        "shiftP",
        "p (shift)",
        null,
        "Permutation test of the shift, within seeds",
        (summary) => summary.pooled.shiftP,
      ),
      column(
        "shiftAdjustedP",
        "adj. p (shift)",
        null,
        "Its p-value, adjusted within the family of the study",
        (summary) => summary.pooled.shiftAdjustedP,
      ),
      column(
        "dispersionP",
        "p (dispersion)",
        null,
        "Permutation test of the dispersion of deterministic runs about the means of their repeats",
        (summary) => summary.pooled.dispersionP,
      ),
      column(
        "dispersionAdjustedP",
        "adj. p (dispersion)",
        null,
        "Its p-value, adjusted within the family of the study",
        (summary) => summary.pooled.dispersionAdjustedP,
      ),
      column(
        "equivalent",
        "Equivalent",
        null,
        "Whether the shift is shown to lie within the margin of the analysis plan",
        (summary) => summary.pooled.equivalence?.shown ?? null,
      ),
      column("reason", "Remark", null, "Why no pooled test was made", (summary) => summary.pooled.reason),
    ],
    summaries,
  );
}
