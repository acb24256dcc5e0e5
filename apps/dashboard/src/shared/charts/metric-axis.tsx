import type { ScaleLinear } from "d3-scale";
import classes from "./chart-marks.module.css";

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
          <path d={`M0 ${top} V${bottom}`} className={classes.grid} />
          <text y={bottom + 16} textAnchor="middle" className={classes.tick}>
            {format(value)}
          </text>
        </g>
      ))}
      <path d={`M${from} ${bottom} H${to}`} className={classes.axis} />
      <text x={(from + to) / 2} y={bottom + 36} textAnchor="middle" className={classes.axisLabel}>
        {label}
      </text>
    </g>
  );
}
