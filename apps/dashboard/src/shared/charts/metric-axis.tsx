import type { ScaleLinear } from "d3-scale";
import { AxisLabel, AxisLine, GridLine, Tick } from "./marks.js";

/** A horizontal axis with hairline grid, its unit and direction written out below. */
export function MetricAxis({
  scale,
  top,
  bottom,
  label,
  ticks = 5,
}: {
  scale: ScaleLinear<number, number>;
  top: number;
  bottom: number;
  label: string;
  ticks?: number;
}) {
  const [from = 0, to = 0] = scale.range();
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
      <AxisLabel x={(from + to) / 2} y={bottom + 36} textAnchor="middle">
        {label}
      </AxisLabel>
    </g>
  );
}
