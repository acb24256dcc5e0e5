import type { CurvesAnalysis, Sweep } from "@reprise/contracts";
import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { Suspense, useMemo } from "react";
import { analysisQuery } from "../../shared/api/analysis-queries.js";
import type { ChartData } from "../../shared/charts/chart-data.js";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { LinePanel } from "../../shared/charts/lazy-line-panel.js";
import { band, hairline, Legend, line } from "../../shared/charts/legend.js";
import { Panel, Panels } from "../../shared/charts/panels.js";
import { finiteOrNull, shortLabel } from "../../shared/format/numbers.js";
import type { ArmMark } from "../../shared/marks/arm-marks.js";
import { useNearView, WhenNear } from "../../shared/ui/near-view.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState, Placeholder } from "../../shared/ui/states.js";
import {
  type BandKind,
  type CurveView,
  commonDomain,
  countedByEpoch,
  endMarksOf,
  gapMarksOf,
  linesOf,
  smoothingOf,
  stepsKnown,
} from "./curve-lines.js";
import { CurvesControls, type CurvesSearch } from "./curves-controls.js";
import classes from "./curves-section.module.css";
import { directionWords, type MetricChoice } from "./metric-choices.js";
import { useArmMarks } from "./use-arm-marks.js";
import { useMetricChoices } from "./use-metric-choices.js";

function dataOf(analyses: readonly CurvesAnalysis[]): ChartData {
  const several = analyses.length > 1;
  const all = analyses.flatMap(({ groups, provenance }) =>
    groups.map((group) => ({ group, metric: provenance.metric ?? "" })),
  );
  const rows = all.flatMap(({ group, metric }) =>
    group.steps.map((step, index) => [
      ...(several ? [metric] : []),
      group.configurationLabel,
      group.arm,
      step,
      group.countedIn === "steps" ? step : group.stepsPerEpoch === null ? null : step * group.stepsPerEpoch,
      group.n[index] ?? null,
      finiteOrNull(group.mean[index]),
      finiteOrNull(group.low[index]),
      finiteOrNull(group.high[index]),
      finiteOrNull(group.sd[index]),
      finiteOrNull(group.min[index]),
      finiteOrNull(group.max[index]),
    ]),
  );
  const byStep = all.some(({ group }) => group.countedIn === "steps");
  return {
    columns: [
      ...(several ? ["metric"] : []),
      "configuration",
      "arm",
      byStep ? "step" : "epoch",
      "optimizer step",
      "n",
      "mean",
      "95 % low",
      "95 % high",
      "SD",
      "min",
      "max",
    ],
    rows,
  };
}

/** What the band is, after "Mean over seeds". */
const bandWords: Record<BandKind, string> = {
  "": "with its 95 % interval (from three seeds on; of one seed, over three repeats)",
  sd: "with the standard deviation between seeds (of one seed, between repeats) on either side",
  se: "with its standard error on either side, which is narrower than a 95 % interval",
  range: "between the least and the greatest value of a run",
};

/** What a point stands for, and the axis. */
const axisWords = {
  "": null,
  step: ["step", "optimizer step"],
  time: ["second", "seconds since start"],
} as const;

function defaultMetric(choices: readonly MetricChoice[]): string | undefined {
  const wanted = ["validationLoss", "trainLoss"];
  return wanted.find((key) => choices.some((choice) => choice.key === key)) ?? choices[0]?.key;
}

/** Curves of one configuration in one metric. */
function CurvePanel({
  label,
  configuration,
  analysis,
  marks,
  view,
  unit,
  along,
  namesMetric,
}: {
  label: string;
  configuration: string;
  analysis: CurvesAnalysis;
  marks: readonly ArmMark[];
  view: CurveView;
  /** What a point stands for, and the axis. */
  unit: string;
  along: string;
  namesMetric: boolean;
}) {
  const { metric, metricLabel, metricUnit } = analysis.provenance;
  const own = analysis.groups.filter((group) => group.configurationKey === configuration);
  const shortName = shortLabel(metricLabel, metric);
  return (
    <Panel title={namesMetric ? `${label}: ${shortName}` : label}>
      <Suspense fallback={<Placeholder height={280} label="Loading the chart" />}>
        <LinePanel
          name={`${label}: ${metricLabel} per ${unit} and arm; the same figures are in the data table`}
          lines={linesOf(own, marks, view)}
          marks={[...endMarksOf(own, marks, view), ...gapMarksOf(own, marks, view)]}
          log={view.log === "on"}
          xLabel={along}
          unit={metricUnit}
          yLabel={shortName}
          // One range for all panels of a metric, so that they can be compared.
          domain={view.log === "on" ? undefined : commonDomain(analysis.groups)}
        />
      </Suspense>
      {own.flatMap(({ arm, membership }) =>
        membership.map((words) => (
          <p key={`${arm} ${words}`} className={classes.words}>
            {own.length > 1 ? `${arm}: ` : ""}
            {words}
          </p>
        )),
      )}
    </Panel>
  );
}

export function CurvesSection({
  sweep,
  view,
  onView,
}: {
  sweep: Sweep;
  view: CurvesSearch;
  onView: (change: Partial<CurvesSearch>) => void;
}) {
  const marks = useArmMarks(sweep);
  const choices = useMetricChoices(sweep);
  const fallback = defaultMetric(choices);
  const shown = view.curve.length > 0 ? view.curve : fallback === undefined ? [] : [fallback];
  const place = useNearView();
  const queries = useQueries({
    queries: shown.map((metric) => ({
      ...analysisQuery(sweep.id, "curves", metric),
      enabled: place.near,
      placeholderData: keepPreviousData,
    })),
  });
  const analyses = queries.flatMap(({ data }) => (data ? [data] : []));
  const words =
    shown.length === 1 ? directionWords(choices.find(({ key }) => key === shown[0])?.direction) : null;
  const data = useMemo(() => dataOf(analyses), [analyses]);
  const groups = analyses.flatMap((analysis) => analysis.groups);
  const byEpoch = countedByEpoch(groups);
  const reported = byEpoch ? "epoch" : "step";
  const x = view.x === "step" && !(byEpoch && stepsKnown(groups)) ? "" : view.x;
  const [unit, along] = axisWords[x] ?? [reported, reported];
  const drawn: CurveView = { ...view, x };
  const configurations = [
    ...new Map(groups.map((group) => [group.configurationKey, group.configurationLabel])),
  ];
  const missing = queries.find(({ data: there }) => there === undefined) ?? queries[0];
  return (
    <ChartFrame
      title={marks.length > 1 ? "When do the arms part?" : "How does training go?"}
      lead={`${smoothingOf(view) > 0 ? "Smoothed for the eye, without interval; data table and downloads of data are not. " : ""}Mean over seeds ${bandWords[view.band]}, single runs faint behind${words ? `; ${words}` : ""}.`}
      name={`${sweep.name} ${shown.join(" ") || "metric"} curves`}
      data={data}
      controls={
        <CurvesControls choices={choices} metrics={shown} view={drawn} groups={groups} onView={onView} />
      }
      legend={
        <Legend
          items={[
            ...marks.map((mark) => ({
              mark: (
                <>
                  {band(mark.color)}
                  {line(mark.color, mark.dash)}
                </>
              ),
              text: mark.name,
            })),
            ...(groups.some(({ ends }) => ends.some(({ ended }) => ended > 0))
              ? [{ mark: hairline(), text: "some runs end: afterwards the mean is over fewer" }]
              : []),
          ]}
        />
      }
    >
      <WhenNear view={place} height={320}>
        {missing ? (
          <QueryView query={missing} height={320} label="Loading the curves">
            {() =>
              configurations.length === 0 ? (
                <EmptyState title="No curve yet.">
                  Curves appear with the first epoch that a run reports.
                </EmptyState>
              ) : (
                <Panels columns={shown.length > 1 ? shown.length : undefined}>
                  {configurations.flatMap(([key, label]) =>
                    analyses.map((analysis) => (
                      <CurvePanel
                        key={`${key} ${analysis.provenance.metric}`}
                        label={label}
                        configuration={key}
                        analysis={analysis}
                        marks={marks}
                        view={drawn}
                        unit={unit}
                        along={along}
                        namesMetric={shown.length > 1}
                      />
                    )),
                  )}
                </Panels>
              )
            }
          </QueryView>
        ) : null}
      </WhenNear>
    </ChartFrame>
  );
}
