import { clipped } from "@reprise/contracts";
import { scaleLinear } from "d3-scale";
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { axisScale, axisUnit, metricValue, significant } from "../format/numbers.js";
import classes from "./line-panel.module.css";
import { type PanelLine, type PanelMark, piecesOf, rowsOf } from "./line-rows.js";

/** Lines over steps with their bands; single runs faint behind. One panel, drawn by Recharts. */
export function LinePanel({
  lines,
  unit,
  yLabel,
  xLabel = "epoch",
  domain,
  log = false,
  marks = [],
  height = 280,
  name,
}: {
  lines: readonly PanelLine[];
  unit: string;
  /** Beside the axis, before the unit; empty where the unit is enough. */
  yLabel: string;
  xLabel?: string;
  /** Common range of several panels, in the metric's own unit. */
  domain?: [number, number];
  log?: boolean;
  /** Places on the horizontal axis with something to say, such as the end of some runs. */
  marks?: readonly PanelMark[];
  height?: number;
  /** What the drawing shows, for those who do not see it. */
  name: string;
}) {
  const factor = axisScale(unit);
  const rows = rowsOf(lines, factor);
  const values = lines.flatMap((line) =>
    line.values.flatMap((value) => (value === null ? [] : [value * factor])),
  );
  const range = domain?.map((value) => value * factor) ?? [
    values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ];
  const [lowest = 0, highest = 0] = range;
  // Of one value alone there is no range to make an axis of.
  const room = lowest === highest ? Math.abs(lowest) * 0.1 || 1 : 0;
  const yScale = scaleLinear()
    .domain([lowest === 0 ? 0 : lowest - room, highest + room])
    .nice(5);
  const xScale = scaleLinear().domain([rows[0]?.step ?? 0, rows.at(-1)?.step ?? 1]);
  const yFormat = yScale.tickFormat(5);
  const shownUnit = axisUnit(unit);
  // Along an axis of some two hundred pixels.
  const shownName = clipped(yLabel, 30);
  const pieces = lines.flatMap(piecesOf);
  const main = pieces.filter((line) => !line.faint);
  if (values.length === 0 && lines.length > 0) {
    return (
      <figure className={classes.panel} aria-label={name}>
        <p className="small dim">Every value is NaN or infinite: there is nothing to draw.</p>
      </figure>
    );
  }
  return (
    <figure className={classes.panel} aria-label={name} style={{ height }}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 480, height }}>
        <ComposedChart
          data={rows}
          margin={{ top: 8, right: 12, bottom: 22, left: 8 }}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke="var(--rule)" vertical={false} />
          <XAxis
            dataKey="step"
            type="number"
            domain={["dataMin", "dataMax"]}
            ticks={xScale.ticks(6).filter((tick) => xLabel !== "epoch" || Number.isInteger(tick))}
            stroke="var(--rule-strong)"
            tick={{ fontSize: 11, fill: "var(--ink-3)" }}
            label={{
              value: xLabel,
              position: "insideBottom",
              offset: -14,
              fontSize: 12,
              fill: "var(--ink-2)",
            }}
          />
          <YAxis
            scale={log ? "log" : "linear"}
            domain={log ? ["auto", "auto"] : yScale.domain()}
            ticks={log ? undefined : yScale.ticks(5)}
            allowDataOverflow
            width={56}
            stroke="var(--rule-strong)"
            tick={{ fontSize: 11, fill: "var(--ink-3)" }}
            tickFormatter={(value: number) =>
              log ? significant(value, Number.isInteger(Math.log10(value)) ? 1 : 2) : yFormat(value)
            }
            label={{
              value: [shownName, shownUnit].filter((part) => part !== "").join(", "),
              angle: -90,
              position: "insideLeft",
              offset: 2,
              fontSize: 12,
              fill: "var(--ink-2)",
              style: { textAnchor: "middle" },
            }}
          />
          <Tooltip
            isAnimationActive={false}
            content={({ active, label }) => {
              if (!active) return null;
              const row = rows.find((candidate) => candidate.step === label);
              return row ? (
                <div className={classes.tooltip}>
                  <strong>
                    {xLabel} {String(label)}
                  </strong>
                  {main.map((line) => {
                    const value = row[line.key];
                    return typeof value === "number" ? (
                      <span key={line.key}>
                        <i style={{ background: line.color }} /> {line.label}{" "}
                        {metricValue(value / factor, unit)}
                      </span>
                    ) : null;
                  })}
                </div>
              ) : null;
            }}
          />
          {marks.map((mark) => (
            <ReferenceLine
              key={`${mark.row} ${mark.at}`}
              x={mark.at}
              stroke={mark.color}
              strokeDasharray="2 3"
              label={{
                value: mark.text,
                position: "insideTopRight",
                offset: 4 + 12 * mark.row,
                fontSize: 10,
                fill: "var(--ink-2)",
              }}
            />
          ))}
          {pieces
            .filter((line) => line.faint)
            .map((line) => (
              <Line
                key={line.key}
                dataKey={line.key}
                stroke={line.color}
                strokeWidth={0.75}
                strokeOpacity={0.3}
                dot={line.steps.length === 1 ? { r: 1.5 } : false}
                activeDot={false}
                isAnimationActive={false}
                connectNulls
              />
            ))}
          {main
            .filter((line) => line.band)
            .map((line) => (
              <Area
                key={`${line.key} band`}
                dataKey={`${line.key} band`}
                stroke="none"
                fill={line.color}
                fillOpacity={0.2}
                activeDot={false}
                isAnimationActive={false}
                connectNulls
              />
            ))}
          {main.map((line) => (
            <Line
              key={line.key}
              dataKey={line.key}
              stroke={line.color}
              strokeWidth={1.75}
              strokeDasharray={line.dash}
              dot={line.steps.length === 1 ? { r: 3 } : false}
              activeDot={{ r: 3 }}
              isAnimationActive={false}
              connectNulls
            />
          ))}
        </ComposedChart>
      </ResponsiveContainer>
    </figure>
  );
}
