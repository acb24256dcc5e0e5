import { Button, RangeSlider } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import type { Sweep } from "@reprise/contracts";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ChartFrame } from "../../../../shared/charts/chart-frame.js";
import { Legend, line } from "../../../../shared/charts/legend.js";
import {
  type Brushes,
  chosenLines,
  type ParallelAxis,
  type ParallelLine,
} from "../../../../shared/charts/parallel-axes.js";
import { ParallelCoordinates } from "../../../../shared/charts/parallel-coordinates.js";
import { count, metricValue, shortLabel } from "../../../../shared/format/numbers.js";
import { markOf } from "../../../../shared/marks/arm-marks.js";
import { Note } from "../../../../shared/ui/note.js";
import { QueryView } from "../../../../shared/ui/query-view.js";
import { sweepRunsQuery } from "../../queries.js";
import { useArmMarks } from "../../use-arm-marks.js";
import { useShownMetric } from "../../use-metric-choices.js";
import { axisOf, plain, valueAt, variedParameters } from "./parallel-lines.js";
import classes from "./parallel-section.module.css";

/** Below this a table says more than lines do. */
const fewestParameters = 3;

/** Every run as a line over its hyperparameters to its result; only from three varied hyperparameters on. */
export function ParallelSection({
  sweep,
  metric: asked,
  brushed,
  onBrushed,
}: {
  sweep: Sweep;
  metric: string | undefined;
  /** Stretches of axes, as the page came with them. */
  brushed: Brushes;
  onBrushed: (brushes: Brushes) => void;
}) {
  const marks = useArmMarks(sweep);
  const { key, choice: metric } = useShownMetric(sweep, asked);
  const query = useQuery(sweepRunsQuery(sweep.id, key));
  const [brushes, setBrushes] = useState(brushed);
  // Not on every pixel of a drag.
  const share = useDebouncedCallback(onBrushed, 300);
  const set = (next: Brushes) => {
    setBrushes(next);
    share(next);
  };
  const drawn = useMemo(() => {
    const runs = (query.data ?? []).filter(
      (run) => run.purpose === "study" && metric !== undefined && valueAt(run, metric.key) !== null,
    );
    const varied = variedParameters(sweep, runs);
    if (metric === undefined || varied.length < fewestParameters) return null;
    const axes: ParallelAxis[] = [
      ...varied.map((name) => axisOf(name, runs)),
      {
        ...axisOf("", []),
        key: "seed",
        label: "seed",
        kind: "category",
        values: sweep.spec.seeds.map(String),
      },
      {
        key: "metric",
        label: shortLabel(metric.label, metric.key),
        kind: "number",
        values: runs.flatMap((run) => valueAt(run, metric.key) ?? []).sort((a, b) => a - b),
        format: (value) => metricValue(Number(value), metric.unit),
      },
    ];
    const lines = runs.map(
      (run): ParallelLine => ({
        id: run.id,
        color: markOf(marks, run.arm).color,
        dash: markOf(marks, run.arm).dash,
        label: `${run.configurationLabel}, seed ${run.seed}, ${run.arm} ${run.repeat + 1}: ${metricValue(valueAt(run, metric.key), metric.unit)}`,
        values: [
          ...varied.map((name) => plain(run.params[name])),
          String(run.seed),
          valueAt(run, metric.key),
        ],
      }),
    );
    return { axes, lines };
  }, [query.data, sweep, marks, metric]);
  if (query.data && !drawn) return null;
  const chosen = drawn ? chosenLines(drawn.axes, drawn.lines, brushes).length : 0;
  const brush = (key: string, stretch: [number, number] | null) => {
    const others = Object.entries(brushes).filter(([other]) => other !== key);
    set(Object.fromEntries(stretch === null ? others : [...others, [key, stretch]]));
  };
  return (
    <ChartFrame
      title="Which combinations did well?"
      lead="A line per run, from its hyperparameters to its result. Drag along an axis, or move its slider, to keep only the runs that pass there."
      name={`${sweep.name} parallel coordinates`}
      data={{
        columns: ["run", ...(drawn?.axes.map(({ label }) => label) ?? [])],
        rows: (drawn?.lines ?? []).map((line) => [line.id, ...line.values]),
      }}
      controls={
        Object.keys(brushes).length > 0 ? (
          <Button size="compact-sm" variant="default" onClick={() => set({})}>
            Show all
          </Button>
        ) : null
      }
      legend={
        <Legend items={marks.map((mark) => ({ mark: line(mark.color, mark.dash), text: mark.name }))} />
      }
    >
      <QueryView query={query} height={340} label="Loading the runs">
        {() =>
          drawn ? (
            <>
              <ParallelCoordinates
                name={`${drawn.lines.length} runs over ${drawn.axes.length} axes`}
                axes={drawn.axes}
                lines={drawn.lines}
                brushes={brushes}
                onBrush={brush}
              />
              <Note role="status">
                {count(chosen)} of {count(drawn.lines.length, "run")} pass.
              </Note>
              <details className={classes.block}>
                <summary className="small">Sliders for the keyboard</summary>
                <div className={classes.sliders}>
                  {drawn.axes.map((axis) => {
                    const [low, high] = brushes[axis.key] ?? [0, 1];
                    return (
                      <div key={axis.key}>
                        <span className="small">{axis.label}</span>
                        <RangeSlider
                          size="sm"
                          min={0}
                          max={100}
                          minRange={0}
                          label={(value) => `${value} % of the axis`}
                          thumbFromLabel={`From, ${axis.label}`}
                          thumbToLabel={`To, ${axis.label}`}
                          value={[Math.round(low * 100), Math.round(high * 100)]}
                          onChange={([from, to]) =>
                            brush(axis.key, from === 0 && to === 100 ? null : [from / 100, to / 100])
                          }
                        />
                      </div>
                    );
                  })}
                </div>
              </details>
            </>
          ) : null
        }
      </QueryView>
    </ChartFrame>
  );
}
