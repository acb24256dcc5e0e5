import type { AnalysisTable, ComparisonResult } from "@reprise/contracts";
import { adjustPValues } from "@reprise/statistics";
import { known } from "../cells.js";
import type { MetricWords } from "../metric-words.js";
import { column, tableOf } from "../table.js";
import type { BareComparison } from "./comparison-tests.js";
import { comparisonVerdict, designWords } from "./comparison-words.js";
import type { TestSettings } from "./significance-tests.js";

/** One comparison of a family, with what its sentence must know. */
export type FamilyMember = {
  result: BareComparison;
  metric: MetricWords;
  /** The margin stands in the hashed plan. */
  marginPlanned: boolean;
  /** The hashed plan names this metric and contrast. */
  planned: boolean;
};

/** Corrects the p-values of all members together, and says what each comparison shows. */
export function judgeFamily(
  members: readonly FamilyMember[],
  settings: TestSettings,
): { comparisons: ComparisonResult[]; family: number } {
  const { adjusted, reject } = adjustPValues(
    members.map(({ result: { p } }) => (typeof p === "number" ? p : Number.NaN)),
    { method: settings.correction, alpha: settings.alpha },
  );
  const family = members.filter(({ result }) => result.p !== null).length;
  const comparisons = members.map(({ result, metric, marginPlanned, planned }, index): ComparisonResult => {
    const tested = result.p !== null;
    const whole = {
      ...result,
      adjustedP: tested ? known(adjusted[index]) : null,
      rejected: tested ? (reject[index] ?? null) : null,
      planned,
    };
    return { ...whole, verdict: comparisonVerdict(whole, { metric, settings, family, marginPlanned }) };
  });
  return { comparisons, family };
}

/**
 * Comparisons as they are exported, one row each.
 *
 * @param unit that of the metric, where all comparisons are of one; null where they are of several
 */
export function comparisonTable(
  title: string,
  comparisons: readonly ComparisonResult[],
  unit: string | null,
): AnalysisTable {
  return tableOf<ComparisonResult>(
    title,
    [
      column("metric", "Metric", null, "Metric at the selected epoch", (row) => row.metric),
      column("a", "A", null, "First group", (row) => row.a),
      column("b", "B", null, "Second group", (row) => row.b),
      column("design", "Design", null, "Observations, and whether paired", designWords),
      column("meanA", "Mean A", unit, "Mean over observations", (row) => row.meanA),
      column("meanB", "Mean B", unit, "Mean over observations", (row) => row.meanB),
      column(
        "difference",
        "A − B",
        unit,
        "Difference of means, in the metric's own unit",
        (row) => row.difference,
      ),
      column("low", "Low", unit, "Its interval, lower end", (row) => row.interval.low),
      column("high", "High", unit, "Its upper end", (row) => row.interval.high),
      column("statistic", "t", null, "Paired or Welch's t", (row) => row.statistic),
      column("df", "df", null, "Degrees of freedom", (row) => row.df),
      column("p", "p", null, "Its p-value", (row) => row.p),
      column("adjustedP", "adj. p", null, "Corrected over the request", (row) => row.adjustedP),
      column("hedgesG", "g", null, "Hedges' g, in SDs between observations", (row) => row.hedgesG),
      column(
        "hedgesGLow",
        "g low",
        null,
        "Interval of g by the noncentral t",
        (row) => row.hedgesGInterval.low,
      ),
      column("hedgesGHigh", "g high", null, "The same", (row) => row.hedgesGInterval.high),
      column(
        "outperformance",
        "P(A better)",
        null,
        "How often A is better, in the direction of the metric",
        (row) => row.outperformance?.probability ?? null,
      ),
      column(
        "outperformanceLow",
        "P low",
        null,
        "Its 95 % interval, lower end",
        (row) => row.outperformance?.interval.low ?? null,
      ),
      column(
        "outperformanceHigh",
        "P high",
        null,
        "The same",
        (row) => row.outperformance?.interval.high ?? null,
      ),
      column("equivalent", "Equivalent", null, "Within the margin", (row) => row.equivalence?.shown ?? null),
      column(
        "moreNeededAtLeast",
        "Needed, at least",
        null,
        "Observations to add for 80 % power at the margin, by the lower 80 % limit of the SD",
        (row) => row.moreNeededAtLeast,
      ),
      column(
        "moreNeeded",
        "Needed, at most",
        null,
        "The same by the upper limit: enough with 80 % assurance",
        (row) => row.moreNeeded,
      ),
      column("planned", "Planned", null, "Whether the hashed plan names this", (row) => row.planned),
      column("reason", "Remark", null, "Why no test was made", (row) => row.reason),
    ],
    comparisons,
  );
}
