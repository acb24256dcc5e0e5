import type { ComparedSummary, ComparisonAnswer, ComparisonResult } from "@reprise/contracts";
import { fromAnalysisTable } from "../../shared/charts/chart-data.js";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { IntervalChart, type IntervalRow } from "../../shared/charts/interval-chart.js";
import { designText } from "../../shared/format/designs.js";
import {
  count,
  finiteOrNull,
  metricDifference,
  metricValue,
  missing,
  pValue,
  share,
  shortLabel,
  significant,
} from "../../shared/format/numbers.js";
import { DataTable } from "../../shared/ui/data-table.js";
import { Notes } from "../../shared/ui/note.js";
import { Section } from "../../shared/ui/section.js";
import { VerdictList } from "../../shared/ui/verdict-list.js";
import classes from "./answer.module.css";

const testNames = { "paired-t": "paired t", "welch-t": "Welch t" };
const rankNames = { wilcoxon: "Wilcoxon", "mann-whitney": "Mann–Whitney" };

type About = { metrics: ComparisonAnswer["metrics"] };

const unitOf = (metrics: About["metrics"], key: string) =>
  metrics.find((metric) => metric.key === key)?.unit ?? "";
const labelOf = (metrics: About["metrics"], key: string) =>
  shortLabel(metrics.find((metric) => metric.key === key)?.label ?? key, key);

/** Whole degrees of freedom are printed as such, Satterthwaite's with their decimals. */
function degrees(df: ComparisonResult["df"]): string {
  const number = finiteOrNull(df);
  if (number === null) return missing;
  return Number.isInteger(number) ? String(number) : significant(number);
}

function lanesOf(results: readonly ComparisonResult[], unit: string): IntervalRow[] {
  return results.map((result) => ({
    key: `${result.a} ${result.b}`,
    label: `${result.a} − ${result.b}`,
    value: finiteOrNull(result.difference),
    low: finiteOrNull(result.interval.low),
    high: finiteOrNull(result.interval.high),
    color: "#009E73",
    text: result.reason
      ? "no test"
      : `${metricDifference(result.difference, unit, { signed: true })}, ${pValue(result.adjustedP)}`,
  }));
}

/** A figure with its interval below it. */
function Over95({ children }: { children: string }) {
  return (
    <>
      {children}
      <span className={classes.sub}>95 % interval</span>
    </>
  );
}

const outperformanceNames = {
  better: "better",
  "better-but-not-meaningfully": "better, not meaningfully",
  "not-shown": "not shown",
} as const;

function Tests({ results, metrics }: { results: readonly ComparisonResult[] } & About) {
  return (
    <DataTable
      label="Tests"
      rows={results}
      keyOf={(row) => `${row.metric} ${row.a} ${row.b}`}
      columns={[
        {
          key: "pair",
          header: "Comparison",
          cell: (row) => (
            <>
              {row.a} − {row.b}
              <span className={classes.sub}>
                {labelOf(metrics, row.metric)}
                {row.planned ? ", planned" : ", exploratory"}
              </span>
            </>
          ),
        },
        {
          key: "difference",
          header: <Over95>Difference</Over95>,
          right: true,
          cell: (row) => {
            const unit = unitOf(metrics, row.metric);
            return (
              <>
                {metricDifference(row.difference, unit, { signed: true })}
                <span className={classes.sub}>
                  {metricDifference(row.interval.low, unit)} to {metricDifference(row.interval.high, unit)}
                </span>
              </>
            );
          },
        },
        {
          key: "test",
          header: "Test",
          cell: (row) =>
            row.test === null ? (
              <span className="reason">{row.reason ?? "none"}</span>
            ) : (
              <span className="nowrap">
                {testNames[row.test]}({degrees(row.df)}) ={" "}
                {significant(finiteOrNull(row.statistic) ?? Number.NaN)}
                <span className={classes.sub}>{designText(row)}</span>
              </span>
            ),
        },
        { key: "p", header: "p", right: true, cell: (row) => pValue(row.p) },
        { key: "adjusted", header: "Adjusted p", right: true, cell: (row) => pValue(row.adjustedP) },
        {
          key: "effect",
          header: <Over95>Hedges g</Over95>,
          title: "In SDs between observations; grows without bound as these agree",
          right: true,
          cell: (row) => {
            const g = finiteOrNull(row.hedgesG);
            const [low, high] = [
              finiteOrNull(row.hedgesGInterval.low),
              finiteOrNull(row.hedgesGInterval.high),
            ];
            if (g === null) return missing;
            return (
              <>
                {significant(g)}
                {low === null || high === null ? null : (
                  <span className={classes.sub}>
                    {significant(low)} to {significant(high)}
                  </span>
                )}
              </>
            );
          },
        },
        {
          key: "outperformance",
          header: "P(A better)",
          title:
            "How often A is better than B, over what varied between the observations: Bouthillier et al. (2021), meaningful from 75 %",
          right: true,
          cell: ({ outperformance }) => {
            if (outperformance === null) return missing;
            const { probability, interval, needed, verdict } = outperformance;
            return (
              <>
                {share(probability)}
                <span className={classes.sub}>
                  {verdict === "too-few"
                    ? `no verdict below ${needed}`
                    : `${share(interval.low)} to ${share(interval.high)}: ${outperformanceNames[verdict]}`}
                </span>
              </>
            );
          },
        },
        {
          key: "equivalence",
          header: "Equivalent",
          cell: (row) =>
            row.equivalence ? (
              <span className="nowrap">
                {row.equivalence.shown === null
                  ? "not tested"
                  : row.equivalence.shown
                    ? "shown"
                    : "not shown"}
                <span className={classes.sub}>
                  within ±{metricDifference(row.equivalence.margin, unitOf(metrics, row.metric))},{" "}
                  {pValue(row.equivalence.p)}
                </span>
              </span>
            ) : (
              <span className="dim">no margin</span>
            ),
        },
        {
          key: "rank",
          header: "Rank test",
          cell: (row) =>
            row.rankTest ? `${rankNames[row.rankTest.name]} ${pValue(row.rankTest.p)}` : missing,
        },
        {
          key: "more",
          header: "Seeds still needed",
          title:
            "Seeds (or other observations compared) to add for 80 % power at the margin, by the lower and upper 80 % limits of the SD",
          right: true,
          cell: ({ moreNeededAtLeast: low, moreNeeded: high }) =>
            low === null
              ? missing
              : high === null
                ? `${low} or more`
                : low === high
                  ? high
                  : `${low} to ${high}`,
        },
      ]}
    />
  );
}

function Summaries({
  summaries,
  groups,
  metrics,
}: {
  summaries: readonly ComparedSummary[];
  groups: ComparisonAnswer["groups"];
} & About) {
  return (
    <DataTable
      label="Groups"
      caption="Means and SDs are over units (the means of each configuration and seed), which are what the tests see. For two units the points are shown; intervals are cut at the bounds of the metric."
      rows={summaries}
      keyOf={(row) => `${row.metric} ${row.group}`}
      columns={[
        { key: "group", header: "Group", cell: (row) => row.group },
        {
          key: "arms",
          header: "Arms",
          cell: (row) => groups.find(({ name }) => name === row.group)?.arms.join(", "),
        },
        { key: "metric", header: "Metric", cell: (row) => labelOf(metrics, row.metric) },
        { key: "runs", header: "Runs", right: true, cell: (row) => row.runs },
        { key: "configurations", header: "Configurations", right: true, cell: (row) => row.configurations },
        { key: "seeds", header: "Seeds", right: true, cell: (row) => row.seeds },
        { key: "units", header: "Units", right: true, cell: (row) => row.units },
        {
          key: "mean",
          header: "Mean ± SD",
          right: true,
          cell: (row) => {
            const unit = unitOf(metrics, row.metric);
            return `${metricValue(row.mean, unit, finiteOrNull(row.sd))}${row.sd === null ? "" : ` ± ${metricDifference(row.sd, unit)}`}`;
          },
        },
        {
          key: "interval",
          header: "95 % interval",
          right: true,
          cell: (row) => {
            const unit = unitOf(metrics, row.metric);
            if (row.points) return row.points.map((point) => metricValue(point, unit)).join(", ");
            return row.interval.low === null
              ? missing
              : `${metricValue(row.interval.low, unit, finiteOrNull(row.sd))} to ${metricValue(row.interval.high, unit, finiteOrNull(row.sd))}`;
          },
        },
        {
          key: "range",
          header: "Min to max",
          right: true,
          cell: (row) => {
            const unit = unitOf(metrics, row.metric);
            return `${metricValue(row.min, unit)} to ${metricValue(row.max, unit)}`;
          },
        },
      ]}
    />
  );
}

/** The result: sentences, the differences drawn, the tests, the groups behind them. */
export function Answer({ answer }: { answer: ComparisonAnswer }) {
  const { metrics } = answer;
  const keys = [...new Set(answer.comparisons.map(({ metric }) => metric))];
  return (
    <>
      <Section title="Is there a difference?" lead={`${answer.correction} α = ${answer.alpha}.`}>
        <div aria-live="polite">
          <VerdictList verdicts={answer.comparisons.map(({ verdict }) => verdict)} shown={6} />
        </div>
      </Section>
      {keys.map((key) => {
        const results = answer.comparisons.filter(({ metric }) => metric === key);
        const unit = unitOf(metrics, key);
        const margin = results.find(({ equivalence }) => equivalence !== null)?.equivalence?.margin ?? null;
        return (
          <ChartFrame
            key={key}
            title={`How large is the difference of ${labelOf(metrics, key)}?`}
            lead={`Difference of group means with its 95 % interval; at the line there is none.${margin === null ? "" : ` The band is the margin of ±${metricDifference(margin, unit)} within which groups count as equivalent.`}`}
            name={`comparison ${key}`}
            data={fromAnalysisTable(answer.table)}
          >
            <IntervalChart
              name={`Differences of ${labelOf(metrics, key)} between ${results.length} pairs of groups`}
              rows={lanesOf(results, unit)}
              unit={unit}
              label={`difference of ${labelOf(metrics, key)}`}
              zero
              margin={margin}
            />
          </ChartFrame>
        );
      })}
      <Section title="Which tests stand behind it?">
        <Tests results={answer.comparisons} metrics={metrics} />
        <Notes notes={[answer.method, ...answer.notes]} />
      </Section>
      <Section title="What is in the groups?">
        <Summaries summaries={answer.summaries} groups={answer.groups} metrics={metrics} />
        {answer.groups
          .filter(({ pending, withoutResult, excluded }) => pending + withoutResult + excluded.length > 0)
          .map((group) => (
            <p key={group.name} className="dim small">
              {group.name}: {count(group.pending)} still to come, {count(group.withoutResult)} without a
              result, {count(group.excluded.length)} excluded.
            </p>
          ))}
      </Section>
    </>
  );
}
