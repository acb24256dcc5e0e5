import type { ScaleLinear } from "d3-scale";
import { AxisLabel, AxisLine, GridLine, Tick } from "./marks.js";
import { wrapWords } from "./wrapped-label.js";

type Scale = ScaleLinear<number, number>;
const axisLineHeight = 14;
const labelSize = 12;

/** A label on as many lines as it needs under the middle of its axis. */
function labelLines(label: string, scale: Scale, width: number): string[] {
  const [from = 0, to = 0] = scale.range();
  const middle = (from + to) / 2;
  return wrapWords(label, 2 * Math.min(middle, width - middle), 3, labelSize);
}

/** How much lower than one line a label ends. */
export const extraLabelHeight = (label: string, scale: Scale, width: number) =>
  (labelLines(label, scale, width).length - 1) * axisLineHeight;

/** A horizontal axis with hairline grid, its unit and direction written out below. */
export function MetricAxis({
  scale,
  top,
  bottom,
  label,
  width,
  ticks = 5,
}: {
  scale: Scale;
  top: number;
  bottom: number;
  label: string;
  /** Of the drawing, which a long label does not leave. */
  width: number;
  ticks?: number;
}) {
  const [from = 0, to = 0] = scale.range();
  const middle = (from + to) / 2;
  const lines = labelLines(label, scale, width);
  const format = scale.tickFormat(ticks);
  return (
    <g aria-hidden>
      {scale.ticks(ticks).map((value) => (
        <g key={value} transform={`translate(${scale(value)} 0)`}>
          <GridLine d={`M0 ${top} V${bottom}`} />
          <Tick y={bottom + 16} textAnchor="middle">
            {format(value)}
          </Tick>
        </g>
      ))}
      <AxisLine d={`M${from} ${bottom} H${to}`} />
      <AxisLabel x={middle} y={bottom + 36} textAnchor="middle">
        {lines.map((words, line) => (
          <tspan key={words} x={middle} dy={line === 0 ? 0 : axisLineHeight}>
            {words}
          </tspan>
        ))}
      </AxisLabel>
    </g>
  );
}
