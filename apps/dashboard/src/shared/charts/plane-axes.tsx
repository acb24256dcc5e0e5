import type { ScaleLinear } from "d3-scale";
import classes from "./chart-marks.module.css";

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
          <path d={`M${x(value)} ${top} V${bottom}`} className={classes.grid} />
          <text x={x(value)} y={bottom + 16} textAnchor="middle" className={classes.tick}>
            {value}
          </text>
        </g>
      ))}
      {y.ticks(5).map((value) => (
        <g key={value}>
          <path d={`M${left} ${y(value)} H${right}`} className={classes.grid} />
          <text x={left - 8} y={y(value) + 4} textAnchor="end" className={classes.tick}>
            {value}
          </text>
        </g>
      ))}
      <path d={`M${left} ${top} V${bottom} H${right}`} className={classes.axis} fill="none" />
      <text x={(left + right) / 2} y={bottom + 36} textAnchor="middle" className={classes.axisLabel}>
        {xLabel}
      </text>
      <text
        transform={`translate(12 ${(top + bottom) / 2}) rotate(-90)`}
        textAnchor="middle"
        className={classes.axisLabel}
      >
        {yLabel}
      </text>
    </g>
  );
}
