import type { DeterminismRow } from "@reprise/contracts";
import { type ScaleLinear, scaleLinear } from "d3-scale";
import { memo } from "react";
import {
  axisScale,
  axisUnit,
  metricDifference,
  metricValue,
  missing,
  uncertaintiesByRow,
} from "../format/numbers.js";
import { type ArmMark, armColors, markOf } from "../marks/arm-marks.js";
import { extentOf, type Lane, lanesOf, type PublishedValues } from "./distribution-lanes.js";
import { LaneMarks } from "./distribution-marks.js";
import { ChanceLine, GridLine, Label } from "./marks.js";
import { extraLabelHeight, MetricAxis } from "./metric-axis.js";
import { Panel } from "./panels.js";
import { useWidth } from "./use-width.js";

export type DistributionMetric = {
  label: string;
  unit: string;
  /** "higher is better", "lower is better", or null where neither is. */
  direction: string | null;
  /** Value of guessing, in the metric's own unit. */
  chance: number | null;
};

const laneHeight = 30;
const axisHeight = 44;
const panelGap = 40;
/** From here on two panels stand side by side. */
const twoPanels = 980;

const labelOf = (lane: Lane, severalArms: boolean) =>
  severalArms ? [lane.seed, lane.arm].filter(Boolean).join(" · ") : (lane.seed ?? lane.arm);

/** "96.1 % ± 1.1 pp": the mean of a lane and the SD around it; its value where there is only one. */
function figuresOf(lane: Lane, unit: string, uncertainty: number | null): string {
  if (lane.n === 0) return missing;
  const mean = metricValue(lane.mean, unit, uncertainty);
  if (lane.sd === null) return mean;
  const diverged = lane.points.filter((point) => point.diverged).length;
  if (diverged > 0) return `${mean}, ${diverged} of ${lane.n} diverged`;
  return lane.sd === 0
    ? `${mean}, ${lane.n} alike`
    : `${mean} ± ${metricDifference(lane.sd, unit, { uncertainty })}`;
}

type LanesProps = {
  lanes: readonly Lane[];
  width: number;
  metric: DistributionMetric;
  domain: [number, number];
  arms: readonly ArmMark[];
  severalArms: boolean;
  /** Room for names and figures, equal in all panels so that their axes are too. */
  left: number;
  right: number;
  withFigures: boolean;
  /** By which the figures of each lane are rounded, so that they line up as far as lanes are about equally certain. */
  uncertainties: ReadonlyMap<Lane, number | null>;
};

/** One configuration: a lane per seed and arm, its name on the left and its figures on the right. */
function Lanes(props: LanesProps) {
  const { lanes, width, metric, domain, arms, severalArms, left, right, withFigures, uncertainties } = props;
  const scale: ScaleLinear<number, number> = scaleLinear()
    .domain(domain.map((value) => value * axisScale(metric.unit)))
    .range([left, width - right])
    .clamp(true);
  const x = (value: number) => scale(value * axisScale(metric.unit));
  const [from = 0, to = 0] = scale.domain();
  const chance = metric.chance === null ? null : metric.chance * axisScale(metric.unit);
  const unit = axisUnit(metric.unit);
  const axisLabel = [`${metric.label}${unit ? `, ${unit}` : ""}`, metric.direction]
    .filter(Boolean)
    .join(" · ");
  const bottom = lanes.length * laneHeight + 8;
  const deterministicColor =
    arms.find((arm) => arm.kind === "deterministic")?.color ?? armColors.deterministic;
  return (
    <svg
      data-chart=""
      role="img"
      aria-label={`${metric.label} of every repeat of ${lanes[0]?.configurationLabel} in ${lanes.length} groups, with 95 % prediction intervals and the deterministic values; the same figures are in the data table`}
      width={width}
      height={bottom + axisHeight + extraLabelHeight(axisLabel, scale, width)}
      style={{ display: "block" }}
    >
      <MetricAxis
        scale={scale}
        top={4}
        bottom={bottom}
        label={axisLabel}
        width={width}
        ticks={width < 480 ? 4 : 6}
      />
      {chance !== null && chance >= from && chance <= to ? (
        <ChanceLine d={`M${scale(chance)} 4 V${bottom}`} />
      ) : null}
      {lanes.map((lane, index) => (
        <g key={lane.key} transform={`translate(0 ${4 + index * laneHeight + laneHeight / 2})`}>
          <GridLine d={`M${left} 0 H${width - right}`} />
          <Label x={0} y={4}>
            {labelOf(lane, severalArms)}
          </Label>
          <LaneMarks
            lane={lane}
            x={x}
            unit={metric.unit}
            color={markOf(arms, lane.arm).color}
            deterministicColor={deterministicColor}
          />
          {withFigures ? (
            <Label x={width} y={4} textAnchor="end">
              {figuresOf(lane, metric.unit, uncertainties.get(lane) ?? null)}
            </Label>
          ) : null}
        </g>
      ))}
    </svg>
  );
}

const noneOf = () => null;

/**
 * Repeats as points with their prediction interval, the deterministic value as a diamond. A panel per configuration, all
 * on one scale, so that they can be compared.
 */
export const DistributionChart = memo(function DistributionChart({
  rows,
  metric,
  arms,
  publishedOf = noneOf,
}: {
  rows: readonly DeterminismRow[];
  metric: DistributionMetric;
  arms: readonly ArmMark[];
  publishedOf?: (row: DeterminismRow, arm: string) => PublishedValues | null;
}) {
  const { ref, width } = useWidth();
  const lanes = lanesOf(rows, publishedOf);
  const panels = [...new Set(lanes.map(({ configurationKey }) => configurationKey))].map((key) =>
    lanes.filter(({ configurationKey }) => configurationKey === key),
  );
  const columns = width !== null && width >= twoPanels && panels.length > 1 ? 2 : 1;
  if (width === null || width < 240 || panels.length === 0) {
    const height = lanes.length * laneHeight + panels.length * (axisHeight + 54);
    return <div ref={ref} style={{ height: panels.length > 1 ? height / 2 : height }} />;
  }
  const domain = extentOf(lanes, metric.unit);
  const rounding = uncertaintiesByRow(
    lanes.map(({ sd }) => sd),
    metric.unit,
  );
  const uncertainties = new Map(lanes.map((lane, index) => [lane, rounding[index] ?? null]));
  const panelWidth = (width - (columns - 1) * panelGap) / columns;
  const withFigures = panelWidth >= 480;
  const severalArms = lanes.some((lane) => lane.seed === null);
  const longest = (words: readonly string[]) => Math.max(...words.map(({ length }) => length));
  const left = Math.max(56, longest(lanes.map((lane) => labelOf(lane, severalArms))) * 6.6 + 18);
  const right = withFigures
    ? longest(lanes.map((lane) => figuresOf(lane, metric.unit, uncertainties.get(lane) ?? null))) * 6.4 + 20
    : 14;
  const { chance } = metric;
  return (
    <div ref={ref}>
      <div
        style={{
          display: "grid",
          gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          gap: `20px ${panelGap}px`,
        }}
      >
        {panels.map((own) => (
          <Panel key={own[0]?.configurationKey} title={own[0]?.configurationLabel}>
            <Lanes
              lanes={own}
              width={panelWidth}
              metric={metric}
              domain={domain}
              arms={arms}
              severalArms={severalArms}
              left={left}
              right={right}
              withFigures={withFigures}
              uncertainties={uncertainties}
            />
          </Panel>
        ))}
      </div>
      {chance !== null && (chance < domain[0] || chance > domain[1]) ? (
        <p className="dim small">
          Chance is {metricValue(chance, metric.unit)}, outside this axis, which does not start at zero.
        </p>
      ) : null}
    </div>
  );
});
