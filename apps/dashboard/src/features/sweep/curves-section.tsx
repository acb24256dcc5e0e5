import type { CurvesAnalysis, Sweep } from "@reprise/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Suspense, useMemo } from "react";
import { analysisQuery } from "../../shared/api/analysis-queries.js";
import type { ChartData } from "../../shared/charts/chart-data.js";
import { ChartFrame } from "../../shared/charts/chart-frame.js";
import { LinePanel } from "../../shared/charts/lazy-line-panel.js";
import { band, hairline, Legend, line } from "../../shared/charts/legend.js";
import { Panel, Panels } from "../../shared/charts/panels.js";
import { finiteOrNull, shortLabel } from "../../shared/format/numbers.js";
import { useNearView, WhenNear } from "../../shared/ui/near-view.js";
import { QueryView } from "../../shared/ui/query-view.js";
import { EmptyState, Placeholder } from "../../shared/ui/states.js";
import {
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

function dataOf(analysis: CurvesAnalysis | undefined): ChartData {
  const rows = (analysis?.groups ?? []).flatMap((group) =>
    group.steps.map((step, index) => [
      group.configurationLabel,
      group.arm,
      step,
      group.countedIn === "steps" ? step : group.stepsPerEpoch === null ? null : step * group.stepsPerEpoch,
      group.n[index] ?? null,
      finiteOrNull(group.mean[index]),
      finiteOrNull(group.low[index]),
      finiteOrNull(group.high[index]),
    ]),
  );
  const byStep = analysis?.groups.some(({ countedIn }) => countedIn === "steps");
  return {
    columns: [
      "configuration",
      "arm",
      byStep ? "step" : "epoch",
      "optimizer step",
      "n",
      "mean",
      "95 % low",
      "95 % high",
    ],
    rows,
  };
}

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
  const shown = view.curve === "" ? defaultMetric(choices) : view.curve;
  const place = useNearView();
  const query = useQuery({
    ...analysisQuery(sweep.id, "curves", shown),
    enabled: shown !== undefined && place.near,
    placeholderData: keepPreviousData,
  });
  const choice = choices.find((candidate) => candidate.key === shown);
  const words = directionWords(choice?.direction);
  const data = useMemo(() => dataOf(query.data), [query.data]);
  const groups = query.data?.groups ?? [];
  const byEpoch = countedByEpoch(groups);
  const reported = byEpoch ? "epoch" : "step";
  const x = view.x === "step" && !(byEpoch && stepsKnown(groups)) ? "" : view.x;
  const [unit, along] = axisWords[x] ?? [reported, reported];
  return (
    <ChartFrame
      title={marks.length > 1 ? "When do the arms part?" : "How does training go?"}
      lead={`${smoothingOf(view) > 0 ? "Smoothed for the eye, without interval; data table and downloads of data are not. " : ""}Mean over seeds with its 95 % interval (from three seeds on; of one seed, over three repeats), single runs faint behind${words ? `; ${words}` : ""}.`}
      name={`${sweep.name} ${shown ?? "metric"} curves`}
      data={data}
      controls={
        <CurvesControls
          choices={choices}
          metric={shown ?? ""}
          view={{ ...view, x }}
          groups={groups}
          onView={onView}
        />
      }
      legend={
        <Legend
          items={[
            ...marks.map((mark) => ({
              mark: (
                <>
                  {band(mark.color)}
                  {line(mark.color)}
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
              <Panels>
                {configurations.map(([key, label]) => {
                  const own = analysis.groups.filter((group) => group.configurationKey === key);
                  return (
                    <Panel key={key} title={label}>
                      <Suspense fallback={<Placeholder height={280} label="Loading the chart" />}>
                        <LinePanel
                          name={`${label}: ${analysis.provenance.metricLabel} per ${unit} and arm; the same figures are in the data table`}
                          lines={linesOf(own, marks, { ...view, x })}
                          marks={[
                            ...endMarksOf(own, marks, { ...view, x }),
                            ...gapMarksOf(own, marks, { ...view, x }),
                          ]}
                          log={view.log === "on"}
                          xLabel={along}
                          unit={analysis.provenance.metricUnit}
                          yLabel={shortLabel(analysis.provenance.metricLabel, analysis.provenance.metric)}
                          domain={view.log === "on" ? undefined : domain}
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
                })}
              </Panels>
            );
          }}
        </QueryView>
      </WhenNear>
    </ChartFrame>
  );
}
