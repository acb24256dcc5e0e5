import {
  builtInTrainer,
  type DeclaredMetric,
  metricsOfStudy,
  type RunDetail,
  type RunMetrics,
  wordsBesideSplit,
} from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { sweepQuery } from "../../shared/api/sweep-queries.js";
import { trainersQuery } from "../../shared/api/worker-queries.js";
import type { ChartData } from "../../shared/charts/chart-data.js";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { LinePanel } from "../../shared/charts/lazy-line-panel.js";
import { Legend, line } from "../../shared/charts/legend.js";
import { gapMarks, type PanelLine } from "../../shared/charts/line-rows.js";
import { Panel, Panels } from "../../shared/charts/panels.js";
import { axisUnit, capitalized, finiteOrNull, metricValue, shortLabel } from "../../shared/format/numbers.js";
import { declaredMetric } from "../../shared/format/run-metrics.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { ScrollRegion } from "../../shared/ui/scroll-region.js";
import { Section } from "../../shared/ui/section.js";
import { EmptyState, Placeholder } from "../../shared/ui/states.js";
import { runMetricsQuery } from "./queries.js";
import { SupersededSection } from "./superseded-section.js";

/** Splits have colours of their own, apart from those of the arms. */
const splits = [
  { name: "train", color: "#56B4E9" },
  { name: "validation", color: "#009E73" },
  { name: "test", color: "var(--ink)" },
] as const;

type MetricPanel = { title: string; unit: string; lines: PanelLine[] };

function panelsOf(metrics: RunMetrics, declared: readonly DeclaredMetric[]): MetricPanel[] {
  const panels = new Map<string, MetricPanel>();
  for (const [key, series] of Object.entries(metrics.series)) {
    const { label, unit, split: part } = declaredMetric(key, declared);
    const split = splits.find(({ name }) => name === part);
    const stem = split ? wordsBesideSplit(key).join(" ") : key;
    const isNamed = label !== key;
    const title = shortLabel(
      split && isNamed ? label.replace(new RegExp(`^${split.name}\\s*`, "i"), "") : isNamed ? label : stem,
      isNamed ? undefined : stem,
    );
    const panel = panels.get(stem) ?? { title, unit, lines: [] };
    panel.lines.push({
      key,
      label,
      color: split?.color ?? "var(--ink)",
      steps: series.steps,
      values: series.values.map(finiteOrNull),
    });
    panels.set(stem, panel);
  }
  return [...panels.values()];
}

/** What the steps of its metrics count, as far as it is known: a program that selects no epoch may mean either. */
const stepsOf = ({ trainer, selectedEpoch }: RunDetail) =>
  trainer === builtInTrainer || selectedEpoch !== null ? "epoch" : "step";

function dataOf(metrics: RunMetrics | undefined): ChartData {
  const rows = Object.entries(metrics?.series ?? {}).flatMap(([key, series]) =>
    series.steps.map((step, index) => {
      const value = series.values[index] ?? null;
      return [key, step, finiteOrNull(value) ?? (value === null ? null : String(value))];
    }),
  );
  return { columns: ["metric", "step", "value"], rows };
}

/** Which value of a metric is the run's. */
function summaryLead({ selectedEpoch, endedAt, summary }: RunDetail): string {
  const best = "Best exists on validation only: choosing by test results would spoil them.";
  if (selectedEpoch !== null) return `Reported values are those of epoch ${selectedEpoch}. ${best}`;
  if (endedAt === null)
    return "Values at the greatest step so far; the reported epoch is selected when the run ends.";
  const isTold = Object.values(summary).some(({ final }) => final !== null);
  const told = isTold
    ? "; a value reported for the whole run, without a step, is listed under Reported instead"
    : "";
  return `No epoch was selected: the last value of a metric, at its greatest step, represents the run${told}. ${best}`;
}

function SummaryTable({ run, declared }: { run: RunDetail; declared: readonly DeclaredMetric[] }) {
  const entries = Object.entries(run.summary);
  if (entries.length === 0) return null;
  return (
    <Section title="What did it come to?" lead={summaryLead(run)}>
      <ScrollRegion label="Metric summary">
        <table className="data-table">
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col" className="right">
                Reported
              </th>
              <th scope="col" className="right">
                Last
              </th>
              <th scope="col" className="right">
                Best ({stepsOf(run)})
              </th>
              <th scope="col" className="right">
                Smallest
              </th>
              <th scope="col" className="right">
                Largest
              </th>
              <th scope="col" className="right">
                Points
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map(([key, summary]) => {
              const { label, unit } = declaredMetric(key, declared);
              return (
                <tr key={key}>
                  <th scope="row">{label}</th>
                  <td className="right">{metricValue(summary.selected, unit)}</td>
                  <td className="right">{metricValue(summary.last, unit)}</td>
                  <td className="right">
                    {metricValue(summary.best, unit)}
                    {summary.bestStep === null ? "" : ` (${summary.bestStep})`}
                  </td>
                  <td className="right">{metricValue(summary.min, unit)}</td>
                  <td className="right">{metricValue(summary.max, unit)}</td>
                  <td className="right">{summary.count}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  );
}

export function MetricsPanel({ run }: { run: RunDetail }) {
  const metrics = useQuery(runMetricsQuery(run.id));
  const trainers = useQuery(trainersQuery);
  const sweep = useQuery({ ...sweepQuery(run.sweepId ?? ""), enabled: run.sweepId !== null });
  const announced =
    trainers.data?.find((trainer) => trainer.capabilities.name === run.trainer)?.capabilities.metrics ?? [];
  const declared = [...announced, ...(sweep.data ? metricsOfStudy(sweep.data) : [])];
  const xLabel = stepsOf(run);
  return (
    <>
      <ChartFrame
        title="How did training go?"
        lead="One panel per metric, every recorded point."
        name={`run ${run.id} metrics`}
        data={dataOf(metrics.data)}
        legend={<Legend items={splits.map(({ name, color }) => ({ mark: line(color), text: name }))} />}
      >
        <QueryView query={metrics} height={320} label="Loading the metrics">
          {(data) => {
            const panels = panelsOf(data, declared);
            if (panels.length === 0) {
              return <EmptyState title="No metric yet.">Points arrive with the first epoch.</EmptyState>;
            }
            return (
              <Panels atLeast={340}>
                {panels.map((panel) => (
                  <Panel key={panel.title} title={capitalized(panel.title)}>
                    <Suspense fallback={<Placeholder height={240} label="Loading the chart" />}>
                      <LinePanel
                        name={`${panel.title} per ${xLabel}; the same figures are in the data table`}
                        lines={panel.lines}
                        marks={gapMarks(panel.lines)}
                        unit={panel.unit}
                        xLabel={xLabel}
                        // The panel's title names the metric; beside the axis its longer names would be cut.
                        yLabel={axisUnit(panel.unit) === "" ? panel.title : ""}
                        height={240}
                      />
                    </Suspense>
                  </Panel>
                ))}
              </Panels>
            );
          }}
        </QueryView>
      </ChartFrame>
      {/* Below drawings whose number is not known yet it would be moved. */}
      {metrics.isPending ? null : (
        <>
          <SummaryTable run={run} declared={declared} />
          <SupersededSection run={run} declared={declared} />
        </>
      )}
    </>
  );
}
