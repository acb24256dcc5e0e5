import { scaleLinear } from "d3-scale";
import { axisScale, differenceUnit } from "../format/numbers.js";
import classes from "./interval-chart.module.css";
import { Heading, Label } from "./marks.js";
import { extraLabelHeight, MetricAxis } from "./metric-axis.js";
import { useWidth } from "./use-width.js";

export type IntervalRow = {
  key: string;
  /** Stands over the first row of a group. */
  heading?: string;
  label: string;
  value: number | null;
  low: number | null;
  high: number | null;
  color: string;
  /** What stands at the right: the figure in words. */
  text: string;
};

const laneHeight = 30;

/**
 * From the smallest to the largest figure; intervals far wider than that are cut and drawn with an open end. Where nothing is
 * negative, neither figures nor ends of intervals, the axis starts at zero.
 */
export function intervalDomain(rows: readonly IntervalRow[], include: readonly number[]): [number, number] {
  const values = rows.flatMap((row) => row.value ?? []);
  const ends = rows.flatMap((row) => [row.low, row.high]).filter((end) => end !== null);
  const low = Math.min(...values, ...include);
  const high = Math.max(...values, ...include);
  const reach = Math.max(high - low, Math.max(...values.map(Math.abs), 0) * 0.1, 1e-12) * 2;
  const from = Math.max(Math.min(low, ...ends), low - reach);
  const to = Math.min(Math.max(high, ...ends), high + reach);
  const room = (to - from) * 0.05;
  const startsAtZero = include.includes(0) && from >= 0;
  return [startsAtZero ? Math.max(0, from - room) : from - room, to + room];
}

/** Estimates with their intervals, a lane each: where zero is drawn, an interval that crosses it decides nothing. */
export function IntervalChart({
  name,
  rows,
  unit,
  label,
  zero = false,
  margin = null,
}: {
  /** What the drawing shows, for those who do not see it. */
  name: string;
  rows: readonly IntervalRow[];
  unit: string;
  label: string;
  /** Draw the line of no difference. */
  zero?: boolean;
  /** Equivalence margin, drawn as a band around zero. */
  margin?: number | null;
}) {
  const { ref, width } = useWidth();
  const narrow = width !== null && width < 640;
  const headings = rows.filter((row) => row.heading).length;
  const laneStep = narrow ? laneHeight + 18 : laneHeight;
  const height = rows.length * laneStep + headings * 28 + 52;
  if (width === null || width < 200 || rows.length === 0) return <div ref={ref} style={{ height }} />;
  const longest = Math.max(...rows.map((row) => row.label.length));
  const left = narrow ? 12 : Math.min(320, longest * 6.6 + 28);
  const textWidth = narrow ? 12 : Math.max(...rows.map((row) => row.text.length)) * 6.2 + 24;
  const factor = axisScale(unit);
  const include = [...(zero ? [0] : []), ...(margin ? [-margin, margin] : [])];
  const scale = scaleLinear()
    .domain(intervalDomain(rows, include).map((value) => value * factor))
    .range([left, Math.max(left + 80, width - textWidth)])
    .clamp(true);
  const x = (value: number) => scale(value * factor);
  const [from = 0, to = 0] = scale.domain();
  let y = 4;
  const placed = rows.map((row) => {
    if (row.heading) y += 28;
    const top = y;
    y += laneStep;
    return { row, top, middle: top + (narrow ? 18 : 0) + laneHeight / 2 };
  });
  const bottom = y + 2;
  const shownUnit = differenceUnit(unit);
  const axisLabel = shownUnit ? `${label}, ${shownUnit}` : label;
  return (
    <div ref={ref}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${name}; the same figures are in the data table`}
        width={width}
        height={bottom + 44 + extraLabelHeight(axisLabel, scale, width)}
        style={{ display: "block" }}
      >
        <MetricAxis
          scale={scale}
          top={4}
          bottom={bottom}
          label={axisLabel}
          width={width}
          ticks={narrow ? 4 : 6}
        />
        {margin ? (
          <rect
            x={x(-margin)}
            y={4}
            width={x(margin) - x(-margin)}
            height={bottom - 4}
            fill="var(--ink-3)"
            fillOpacity={0.09}
            data-mark="margin"
          />
        ) : null}
        {zero && from <= 0 && to >= 0 ? <path d={`M${x(0)} 4 V${bottom}`} className={classes.zero} /> : null}
        {placed.map(({ row, top, middle }) => (
          <g key={row.key}>
            {row.heading ? (
              <Heading x={0} y={top - 8}>
                {row.heading}
              </Heading>
            ) : null}
            <Label
              x={narrow ? 0 : left - 14}
              y={narrow ? top + 13 : middle + 4}
              textAnchor={narrow ? "start" : "end"}
            >
              {narrow ? `${row.label} · ${row.text}` : row.label}
            </Label>
            {row.low !== null && row.high !== null ? (
              <path
                d={`M${x(row.low)} ${middle} H${x(row.high)} ${row.low * factor >= from ? `M${x(row.low)} ${middle - 5} v10` : ""} ${row.high * factor <= to ? `M${x(row.high)} ${middle - 5} v10` : ""}`}
                stroke={row.color}
                strokeWidth={1.75}
                fill="none"
              />
            ) : null}
            {row.value === null ? null : (
              <circle cx={x(row.value)} cy={middle} r={4.5} fill={row.color}>
                <title>{row.text}</title>
              </circle>
            )}
            {narrow ? null : (
              <Label x={width} y={middle + 4} textAnchor="end">
                {row.text}
              </Label>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}
