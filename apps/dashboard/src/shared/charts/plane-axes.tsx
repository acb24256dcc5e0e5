import type { ScaleLinear } from "d3-scale";
import { AxisLabel, AxisLine, GridLine, Tick } from "./marks.js";

/** Both axes of a plane of percentages, with hairline grid and their names. */
export function PlaneAxes({
  x,
  y,
  xLabel,
  yLabel,
}: {
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
  xLabel: string;
  yLabel: string;
}) {
  const [left = 0, right = 0] = x.range();
  const [bottom = 0, top = 0] = y.range();
  return (
    <g aria-hidden>
      {x.ticks(5).map((value) => (
        <g key={value}>
          <GridLine d={`M${x(value)} ${top} V${bottom}`} />
          <Tick x={x(value)} y={bottom + 16} textAnchor="middle">
            {value}
          </Tick>
        </g>
      ))}
      {y.ticks(5).map((value) => (
        <g key={value}>
          <GridLine d={`M${left} ${y(value)} H${right}`} />
          <Tick x={left - 8} y={y(value) + 4} textAnchor="end">
            {value}
          </Tick>
        </g>
      ))}
      <AxisLine d={`M${left} ${top} V${bottom} H${right}`} fill="none" />
      <AxisLabel x={(left + right) / 2} y={bottom + 36} textAnchor="middle">
        {xLabel}
      </AxisLabel>
      <AxisLabel transform={`translate(12 ${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
        {yLabel}
      </AxisLabel>
    </g>
  );
}
