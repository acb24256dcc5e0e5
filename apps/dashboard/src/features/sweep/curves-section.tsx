import { NativeSelect, Switch } from "@mantine/core";
import type { CurveGroup, CurvesAnalysis, Sweep } from "@reprise/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Suspense, useMemo } from "react";
import { curvesQuery } from "../../shared/api/queries.js";
import type { ChartData } from "../../shared/charts/chart-data.js";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { LinePanel } from "../../shared/charts/lazy-line-panel.js";
import { band, Legend, line } from "../../shared/charts/legend.js";
import type { PanelLine } from "../../shared/charts/line-panel.js";
import { finiteOrNull, shortLabel } from "../../shared/format/numbers.js";
import { type ArmMark, markOf } from "../../shared/marks/arm-marks.js";
import { useNearView, WhenNear } from "../../shared/ui/near-view.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState, Placeholder } from "../../shared/ui/states.js";
import { directionWords, type MetricChoice } from "./metric-choices.js";
import classes from "./sweep.module.css";

/** More single runs than this behind one mean only make a grey cloud; the CSV and the API have them all. */
const rawRunsPerArm = 24;

/** The t interval of two runs spans many times what they differ by and would hide everything else. */
const runsForBand = 3;

function bandValue(value: CurveGroup["low"][number] | undefined, n: number | undefined): number | null {
  return (n ?? 0) < runsForBand ? null : finiteOrNull(value);
}

export type CurveView = { x: "" | "time"; log: "" | "on"; smooth: string };

/** Exponential moving average from the first value on, undone of its start. For the eye: figures stay as they are. */
function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let average = 0;
  let left = 1;
  return values.map((value) => {
    if (value === null) return null;
    average = weight * average + (1 - weight) * value;
    left *= weight;
    return average / (1 - left);
  });
}

function linesOf(groups: readonly CurveGroup[], marks: readonly ArmMark[], view: CurveView): PanelLine[] {
  const weight = smoothingOf(view);
  const byTime = view.x === "time";
  const drawn = (values: readonly (number | null)[]) => (weight > 0 ? smoothed(values, weight) : values);
  return groups.flatMap((group): PanelLine[] => {
    const color = markOf(marks, group.arm).color;
    const raw = group.runs.slice(0, rawRunsPerArm).map(
      (run): PanelLine => ({
        key: run.runId,
        label: `${group.arm}, seed ${run.seed}, repeat ${run.repeat + 1}`,
        color,
        steps: byTime ? run.wallTimes : run.steps,
        values: drawn(run.values.map(finiteOrNull)),
        faint: true,
      }),
    );
    const mean: PanelLine = {
      key: `mean ${group.arm}`,
      label: group.arm,
      color,
      steps: byTime ? group.seconds.map((seconds) => finiteOrNull(seconds) ?? 0) : group.steps,
      values: drawn(group.mean.map(finiteOrNull)),
      // An interval around a smoothed line would be an interval of nothing.
      ...(weight > 0
        ? {}
        : {
            band: {
              low: group.low.map((value, index) => bandValue(value, group.n[index])),
              high: group.high.map((value, index) => bandValue(value, group.n[index])),
            },
          }),
    };
    return [...raw, mean];
  });
}

/** Weight of what came before, 0 for none. */
function smoothingOf({ smooth }: CurveView): number {
  const weight = Number(smooth);
  return weight > 0 && weight < 1 ? weight : 0;
}

/** One range for all panels, so that they can be compared; intervals may leave it. */
function commonDomain(groups: readonly CurveGroup[]): [number, number] | undefined {
  const values = groups.flatMap((group) =>
    [...group.mean, ...group.runs.flatMap((run) => run.values)].flatMap((value) => finiteOrNull(value) ?? []),
  );
  if (values.length === 0) return undefined;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

function dataOf(analysis: CurvesAnalysis | undefined): ChartData {
  const rows = (analysis?.groups ?? []).flatMap((group) =>
    group.steps.map((step, index) => [
      group.configurationLabel,
      group.arm,
      step,
      group.n[index] ?? null,
      finiteOrNull(group.mean[index]),
      finiteOrNull(group.low[index]),
      finiteOrNull(group.high[index]),
    ]),
  );
  return { columns: ["configuration", "arm", "epoch", "n", "mean", "95 % low", "95 % high"], rows };
}

function defaultMetric(choices: readonly MetricChoice[]): string | undefined {
  const wanted = ["validationLoss", "trainLoss"];
  return wanted.find((key) => choices.some((choice) => choice.key === key)) ?? choices[0]?.key;
}

export function CurvesSection({
  sweep,
  marks,
  choices,
  metric,
  onMetric,
  view,
  onView,
}: {
  sweep: Sweep;
  marks: readonly ArmMark[];
  choices: readonly MetricChoice[];
  metric: string | undefined;
  onMetric: (metric: string) => void;
  view: CurveView;
  onView: (change: Partial<CurveView>) => void;
}) {
  const shown = metric ?? defaultMetric(choices);
  const place = useNearView();
  const query = useQuery({
    ...curvesQuery(sweep.id, shown),
    enabled: shown !== undefined && place.near,
    placeholderData: keepPreviousData,
  });
  const choice = choices.find((candidate) => candidate.key === shown);
  const words = directionWords(choice?.direction);
  const data = useMemo(() => dataOf(query.data), [query.data]);
  return (
    <ChartFrame
      title="When do the arms part?"
      lead={`${smoothingOf(view) > 0 ? "Smoothed for the eye, without interval; data table and downloads of data are not. " : ""}Mean over seeds and repeats with its 95 % t interval (from three runs on), single runs faint behind${words ? `; ${words}` : ""}.`}
      name={`${sweep.name} ${shown ?? "metric"} curves`}
      data={data}
      controls={
        <>
          <NativeSelect
            size="xs"
            w={200}
            aria-label="Metric of the curves"
            value={shown ?? ""}
            data={choices.map((candidate) => ({ value: candidate.key, label: shortLabel(candidate.label) }))}
            onChange={(event) => onMetric(event.currentTarget.value)}
          />
          <NativeSelect
            size="xs"
            aria-label="Along"
            value={view.x}
            data={[
              { value: "", label: "by epoch" },
              { value: "time", label: "by time" },
            ]}
            onChange={(event) => onView({ x: event.currentTarget.value === "time" ? "time" : "" })}
          />
          <NativeSelect
            size="xs"
            aria-label="Smoothing"
            value={view.smooth}
            data={[
              { value: "", label: "not smoothed" },
              { value: "0.6", label: "smoothed" },
              { value: "0.9", label: "smoothed more" },
            ]}
            onChange={(event) => onView({ smooth: event.currentTarget.value })}
          />
          <Switch
            size="xs"
            label="Log scale"
            checked={view.log === "on"}
            onChange={(event) => onView({ log: event.currentTarget.checked ? "on" : "" })}
          />
        </>
      }
      legend={
        <Legend
          items={marks.map((mark) => ({
            mark: (
              <>
                {band(mark.color)}
                {line(mark.color)}
              </>
            ),
            text: mark.name,
          }))}
        />
      }
    >
      <WhenNear view={place} height={320}>
        <QueryView query={query} height={320} label="Loading the curves">
          {(analysis) => {
            const configurations = [
              ...new Map(analysis.groups.map((group) => [group.configurationKey, group.configurationLabel])),
            ];
            const domain = commonDomain(analysis.groups);
            if (configurations.length === 0) {
              return (
                <EmptyState title="No curve yet.">
                  Curves appear with the first epoch that a run reports.
                </EmptyState>
              );
            }
            return (
              <div className={classes.panels}>
                {configurations.map(([key, label]) => (
                  <div key={key} className={classes.panel}>
                    <span className={classes.panelTitle} data-chart-text="">
                      {label}
                    </span>
                    <Suspense fallback={<Placeholder height={280} label="Loading the chart" />}>
                      <LinePanel
                        name={`${label}: ${analysis.provenance.metricLabel} per ${view.x === "time" ? "second" : "epoch"} and arm; the same figures are in the data table`}
                        lines={linesOf(
                          analysis.groups.filter((group) => group.configurationKey === key),
                          marks,
                          view,
                        )}
                        log={view.log === "on"}
                        xLabel={view.x === "time" ? "seconds since start" : "epoch"}
                        unit={analysis.provenance.metricUnit}
                        yLabel={shortLabel(analysis.provenance.metricLabel)}
                        domain={view.log === "on" ? undefined : domain}
                      />
                    </Suspense>
                  </div>
                ))}
              </div>
            );
          }}
        </QueryView>
      </WhenNear>
    </ChartFrame>
  );
}
