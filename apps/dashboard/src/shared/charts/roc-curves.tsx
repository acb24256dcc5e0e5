import type { RocGroup } from "@reprise/contracts";
import { scaleLinear } from "d3-scale";
import { type ArmMark, markOf } from "../marks/arm-marks.js";
import { ChanceLine } from "./marks.js";
import { Panel } from "./panels.js";
import { PlaneAxes } from "./plane-axes.js";
import { useWidth } from "./use-width.js";

const margin = { top: 8, right: 12, bottom: 46, left: 46 };
const panelHeight = 320;
/** More single curves than this behind one mean only make a cloud. */
const singleCurves = 24;

/** The part of the plane that is drawn: all of it, or the corner where good classifiers live. */
export type RocView = "whole" | "corner";
const domains: Record<RocView, { x: [number, number]; y: [number, number] }> = {
  whole: { x: [0, 100], y: [0, 100] },
  corner: { x: [0, 30], y: [70, 100] },
};

/** ROC curves of the runs of one configuration and seed: the range between runs as a band, their mean, single runs faint. */
export function RocCurves({
  title,
  groups,
  arms,
  view,
}: {
  title: string;
  groups: readonly RocGroup[];
  arms: readonly ArmMark[];
  view: RocView;
}) {
  const { ref, width } = useWidth();
  if (width === null || width < 160) return <Panel ref={ref} style={{ height: panelHeight + 26 }} />;
  const domain = domains[view];
  const x = scaleLinear()
    .domain(domain.x)
    .range([margin.left, width - margin.right]);
  const y = scaleLinear()
    .domain(domain.y)
    .range([panelHeight - margin.bottom, margin.top]);
  const place = (rate: number, reached: number) =>
    `${x(rate * 100).toFixed(1)} ${y(reached * 100).toFixed(1)}`;
  const path = (rates: readonly number[], reached: readonly number[]) =>
    `M${rates.map((rate, index) => place(rate, reached[index] ?? 0)).join(" L")}`;
  const clip = `roc-${view}-${title.replace(/[^A-Za-z0-9]+/g, "-")}`;
  const positive = groups[0]?.positiveClass;
  return (
    <Panel ref={ref} title={title}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${title}: ROC curves of ${groups.reduce((sum, group) => sum + group.runs.length, 0)} runs; their areas are in the data table`}
        width={width}
        height={panelHeight}
        style={{ display: "block" }}
      >
        <clipPath id={clip}>
          <rect
            x={margin.left}
            y={margin.top - 2}
            width={Math.max(0, width - margin.left - margin.right)}
            height={panelHeight - margin.top - margin.bottom + 4}
          />
        </clipPath>
        <PlaneAxes
          x={x}
          y={y}
          xLabel="false-positive rate, % · lower is better"
          yLabel={`sensitivity${positive ? ` (${positive})` : ""}, %`}
        />
        <g clipPath={`url(#${clip})`}>
          <ChanceLine d={`M${place(0, 0)} L${place(1, 1)}`} />
          {groups.map((group) => {
            const { color } = markOf(arms, group.arm);
            const { falsePositiveRate: rates, min, max, mean } = group.band;
            const back = rates.toReversed();
            return (
              <g key={group.arm}>
                {group.runs.length > 1 ? (
                  <path
                    d={`${path(rates, min)} L${back.map((rate, index) => place(rate, max[max.length - 1 - index] ?? 0)).join(" L")} Z`}
                    fill={color}
                    fillOpacity={0.16}
                  />
                ) : null}
                {group.runs.slice(0, singleCurves).map((run) => (
                  <path
                    key={run.runId}
                    d={path(run.falsePositiveRate, run.truePositiveRate)}
                    fill="none"
                    stroke={color}
                    strokeWidth={0.75}
                    strokeOpacity={0.45}
                  />
                ))}
                <path d={path(rates, mean)} fill="none" stroke={color} strokeWidth={2} />
              </g>
            );
          })}
        </g>
      </svg>
    </Panel>
  );
}
