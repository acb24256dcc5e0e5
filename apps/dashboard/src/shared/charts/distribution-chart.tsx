import type { DeterminismRow } from "@reprise/contracts";
import { scaleLinear } from "d3-scale";
import { memo } from "react";
import { axisScale, axisUnit, finiteOrNull, metricValue } from "../format/numbers.js";
import { type ArmMark, markOf } from "../marks/arm-marks.js";
import { hashOf } from "../marks/digest-marks.js";
import classes from "./chart-marks.module.css";
import { MetricAxis } from "./metric-axis.js";
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

type Lane = {
  key: string;
  heading: string | null;
  seed: string | null;
  arm: string;
  points: { id: string; value: number }[];
  mean: number | null;
  interval: { low: number; high: number } | null;
  deterministic: number | null;
  box: DeterminismRow["others"][number]["box"];
  /** Instead of the points where there are too many to tell apart. */
  density: DeterminismRow["others"][number]["density"];
  published: PublishedValues | null;
};

/** What a published study printed for the same configuration and seed, in the metric's own unit. */
export type PublishedValues = { deterministic: number | null; mean: number | null };

function lanesOf(
  rows: readonly DeterminismRow[],
  publishedOf: (row: DeterminismRow, arm: string) => PublishedValues | null,
): Lane[] {
  let previous: string | null = null;
  return rows.flatMap((row) => {
    const deterministic = finiteOrNull(row.deterministic?.values[0]);
    const arms = row.others.length > 0 ? row.others : row.deterministic ? [row.deterministic] : [];
    return arms.map((arm, index): Lane => {
      const heading = row.group.configurationKey === previous ? null : row.group.configurationLabel;
      previous = row.group.configurationKey;
      const interval = row.others[index]?.predictionInterval;
      const low = finiteOrNull(interval?.low);
      const high = finiteOrNull(interval?.high);
      return {
        key: `${row.group.configurationKey} ${row.group.seed} ${arm.arm}`,
        heading,
        seed: index === 0 ? `seed ${row.group.seed}` : null,
        arm: arm.arm,
        points: arm.values.flatMap((wire, at) => {
          const value = finiteOrNull(wire);
          return value === null ? [] : [{ id: arm.runIds[at] ?? String(at), value }];
        }),
        mean: finiteOrNull(arm.mean),
        interval: low !== null && high !== null ? { low, high } : null,
        deterministic,
        box: arm.box,
        density: arm.density,
        published: publishedOf(row, arm.arm),
      };
    });
  });
}

/** Fractions end at 0 and 1, also where an interval that knows nothing of that goes on. */
function extent(lanes: readonly Lane[], unit: string): [number, number] {
  const all = lanes.flatMap((lane) => [
    ...lane.points.map((point) => point.value),
    ...(lane.interval ? [lane.interval.low, lane.interval.high] : []),
    ...(lane.deterministic === null ? [] : [lane.deterministic]),
    ...(lane.published?.deterministic ? [lane.published.deterministic] : []),
    ...(lane.published?.mean ? [lane.published.mean] : []),
  ]);
  const low = Math.min(...all);
  const high = Math.max(...all);
  const margin = (high - low || Math.abs(high) * 0.01 || 0.01) * 0.06;
  const wide: [number, number] = [low - margin, high + margin];
  return unit === "fraction" ? [Math.max(0, wide[0]), Math.min(1, wide[1])] : wide;
}

type Horizontal = (value: number) => number;

/** Box and whiskers, thin enough to leave the points in front. */
function Box({ box, x, color }: { box: NonNullable<Lane["box"]>; x: Horizontal; color: string }) {
  return (
    <g data-mark="box" fill="none" stroke={color} strokeWidth={1} strokeOpacity={0.8}>
      <path d={`M${x(box.low)} 0 H${x(box.q1)} M${x(box.q3)} 0 H${x(box.high)}`} />
      <rect x={x(box.q1)} y={-6} width={Math.max(1, x(box.q3) - x(box.q1))} height={12} rx={1.5} />
      <path d={`M${x(box.median)} -6 V6`} strokeDasharray="2 1.5" />
    </g>
  );
}

/** The density of many repeats, as wide as the lane where it is largest. */
function Violin({
  density: { at, density },
  x,
  color,
}: {
  density: NonNullable<Lane["density"]>;
  x: Horizontal;
  color: string;
}) {
  const largest = Math.max(...density);
  const half = (index: number) => ((density[index] ?? 0) / largest) * 11;
  const upper = at.map((place, index) => `${x(place)} ${-half(index)}`);
  const lower = at.map((place, index) => `${x(place)} ${half(index)}`).reverse();
  return (
    <path
      data-mark="violin"
      d={`M${[...upper, ...lower].join(" L")} Z`}
      fill={color}
      fillOpacity={0.35}
      stroke={color}
      strokeWidth={0.75}
    />
  );
}

const noneOf = () => null;

/** Repeats as points with their prediction interval, the deterministic value as a diamond, a lane per group and arm. */
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
  const narrow = width !== null && width < 720;
  const headings = lanes.filter((lane) => lane.heading !== null).length;
  const height = lanes.length * laneHeight + headings * (narrow ? 30 : 10) + 56;
  if (width === null || width < 240 || lanes.length === 0) return <div ref={ref} style={{ height }} />;

  const longest = Math.max(...lanes.map((lane) => lane.heading?.length ?? 0));
  const headingWidth = narrow ? 0 : Math.min(260, longest * 8 + 16);
  const left = headingWidth + (narrow ? 76 : 150);
  const scale = scaleLinear()
    .domain(extent(lanes, metric.unit).map((value) => value * axisScale(metric.unit)))
    .range([left, width - 16])
    .clamp(true);
  const x = (value: number) => scale(value * axisScale(metric.unit));
  const [from = 0, to = 0] = scale.domain();
  const chance = metric.chance === null ? null : metric.chance * axisScale(metric.unit);
  const chanceShown = chance !== null && chance >= from && chance <= to;
  const unit = axisUnit(metric.unit);
  const axisLabel = [`${metric.label}${unit ? `, ${unit}` : ""}`, metric.direction]
    .filter(Boolean)
    .join(" · ");

  let y = 4;
  const placed = lanes.map((lane) => {
    if (lane.heading !== null) y += narrow ? 26 : 8;
    const at = y;
    y += laneHeight;
    return { lane, middle: at + laneHeight / 2 };
  });
  const bottom = y + 4;

  return (
    <div ref={ref}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${metric.label} of every repeat in ${lanes.length} groups, with 95 % prediction intervals and the deterministic values; the same figures are in the data table`}
        width={width}
        height={bottom + 44}
        style={{ display: "block" }}
      >
        <MetricAxis scale={scale} top={4} bottom={bottom} label={axisLabel} ticks={narrow ? 4 : 7} />
        {chanceShown ? (
          <path d={`M${scale(chance)} 4 V${bottom}`} className={classes.chance} data-mark="chance" />
        ) : null}
        {placed.map(({ lane, middle }) => {
          const color = markOf(arms, lane.arm).color;
          return (
            <g key={lane.key} transform={`translate(0 ${middle})`}>
              {lane.heading ? (
                <text x={0} y={narrow ? -22 : 4} className={classes.heading}>
                  {lane.heading}
                </text>
              ) : null}
              <text
                x={narrow ? 0 : left - 16}
                y={4}
                textAnchor={narrow ? "start" : "end"}
                className={classes.label}
              >
                {narrow ? (lane.seed ?? lane.arm) : [lane.seed, lane.arm].filter(Boolean).join(" · ")}
              </text>
              {lane.interval ? (
                <rect
                  x={x(lane.interval.low)}
                  y={-10}
                  width={Math.max(1, x(lane.interval.high) - x(lane.interval.low))}
                  height={20}
                  rx={3}
                  fill={color}
                  fillOpacity={0.15}
                />
              ) : null}
              {lane.density ? <Violin density={lane.density} x={x} color={color} /> : null}
              {lane.box ? <Box box={lane.box} x={x} color={color} /> : null}
              {(lane.density ? [] : lane.points).map((point) => (
                <circle
                  key={point.id}
                  cx={x(point.value)}
                  cy={((hashOf(point.id) % 1000) / 999 - 0.5) * 12}
                  r={3.4}
                  fill={color}
                  fillOpacity={0.72}
                >
                  <title>{metricValue(point.value, metric.unit)}</title>
                </circle>
              ))}
              {lane.mean === null ? null : (
                <path d={`M${x(lane.mean)} -10 V10`} stroke={color} strokeWidth={2} />
              )}
              {lane.deterministic === null ? null : (
                <path
                  d={`M${x(lane.deterministic)} -8 l8 8 l-8 8 l-8 -8 Z`}
                  fill={arms.find((arm) => arm.kind === "deterministic")?.color ?? "#0072B2"}
                  className={classes.diamondEdge}
                >
                  <title>deterministic {metricValue(lane.deterministic, metric.unit)}</title>
                </path>
              )}
              {typeof lane.published?.mean === "number" ? (
                <circle cx={x(lane.published.mean)} r={5} className={classes.published}>
                  <title>published mean {metricValue(lane.published.mean, metric.unit)}</title>
                </circle>
              ) : null}
              {typeof lane.published?.deterministic === "number" ? (
                <path
                  d={`M${x(lane.published.deterministic)} -7 l7 7 l-7 7 l-7 -7 Z`}
                  className={classes.published}
                >
                  <title>
                    published deterministic value {metricValue(lane.published.deterministic, metric.unit)}
                  </title>
                </path>
              ) : null}
            </g>
          );
        })}
      </svg>
      {chance !== null && !chanceShown ? (
        <p className="dim small">
          Chance is {metricValue(metric.chance, metric.unit)}, outside this axis, which does not start at
          zero.
        </p>
      ) : null}
    </div>
  );
});
