import type { ClassificationRow } from "@reprise/contracts";
import { scaleLinear } from "d3-scale";
import { type ArmMark, markOf } from "../marks/arm-marks.js";
import { domainOf, isoLines, pointsOf, prevalenceOf, samplingOf } from "./operating-plane.js";
import classes from "./operating-points.module.css";
import { Panel, Panels } from "./panels.js";
import { PlaneAxes } from "./plane-axes.js";
import { useWidth } from "./use-width.js";

const margin = { top: 8, right: 12, bottom: 46, left: 46 };
const panelHeight = 300;

const diamondOf = (r: number) => `M0 ${-r} L${r} 0 L0 ${r} L${-r} 0 Z`;
const circleOf = (r: number) => `M${-r} 0 a${r} ${r} 0 1 0 ${2 * r} 0 a${r} ${r} 0 1 0 ${-2 * r} 0 Z`;

function Plane({
  title,
  rows,
  arms,
  domain,
}: {
  title: string;
  rows: readonly ClassificationRow[];
  arms: readonly ArmMark[];
  domain: { x: [number, number]; y: [number, number] };
}) {
  const { ref, width } = useWidth();
  if (width === null || width < 160) return <Panel ref={ref} style={{ height: panelHeight + 26 }} />;
  const x = scaleLinear()
    .domain(domain.x)
    .range([margin.left, width - margin.right]);
  const y = scaleLinear()
    .domain(domain.y)
    .range([panelHeight - margin.bottom, margin.top]);
  const sampling = samplingOf(rows);
  const prevalence = prevalenceOf(rows);
  const points = pointsOf(rows);
  const positive = rows[0]?.positiveClass;
  return (
    <Panel ref={ref} title={title}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${title}: sensitivity against specificity of ${rows.reduce((sum, row) => sum + row.runs.length, 0)} runs; the same figures are in the data table`}
        width={width}
        height={panelHeight}
        style={{ display: "block" }}
      >
        <PlaneAxes
          x={x}
          y={y}
          xLabel="specificity, % · higher is better"
          yLabel={`sensitivity${positive ? ` (${positive})` : ""}, %`}
        />
        {prevalence === null
          ? null
          : isoLines(prevalence, domain).map(({ accuracy, from, to }) => (
              <g key={accuracy} data-mark="iso-accuracy">
                <path d={`M${x(from[0])} ${y(from[1])} L${x(to[0])} ${y(to[1])}`} className={classes.iso} />
                <text x={x(from[0]) + 5} y={y(from[1]) + 12} className={classes.isoLabel}>
                  {accuracy} %
                </text>
              </g>
            ))}
        {sampling ? (
          <path
            d={`M${x(sampling.xLow)} ${y(sampling.y)} H${x(sampling.xHigh)} M${x(sampling.x)} ${y(sampling.yLow)} V${y(sampling.yHigh)} M${x(sampling.xLow)} ${y(sampling.y) - 4} v8 M${x(sampling.xHigh)} ${y(sampling.y) - 4} v8 M${x(sampling.x) - 4} ${y(sampling.yLow)} h8 M${x(sampling.x) - 4} ${y(sampling.yHigh)} h8`}
            className={classes.sampling}
          />
        ) : null}
        {arms.map((arm) => {
          const own = points.filter((point) => point.arm === arm.name);
          if (own.length < 2) return null;
          const left = x(Math.min(...own.map((point) => point.x))) - 7;
          const right = x(Math.max(...own.map((point) => point.x))) + 7;
          const top = y(Math.max(...own.map((point) => point.y))) - 7;
          const bottom = y(Math.min(...own.map((point) => point.y))) + 7;
          return (
            <rect
              key={arm.name}
              x={left}
              y={top}
              width={right - left}
              height={bottom - top}
              rx={6}
              stroke={arm.color}
              className={classes.spread}
            />
          );
        })}
        {points.map((point) => {
          const { kind, color } = markOf(arms, point.arm);
          // A deterministic value is a diamond here as in every other drawing, so that arms are told apart in grey.
          const d = kind === "deterministic" ? diamondOf(4.2) : circleOf(3.2);
          return (
            <path
              key={`${point.arm} ${point.x} ${point.y}`}
              data-mark={kind}
              d={d}
              transform={`translate(${x(point.x)} ${y(point.y)}) scale(${Math.sqrt(point.runs)})`}
              fill={color}
              fillOpacity={0.62}
            >
              <title>{`${point.arm}: ${point.runs} run${point.runs === 1 ? "" : "s"}`}</title>
            </path>
          );
        })}
      </svg>
    </Panel>
  );
}

/** Sensitivity against specificity, a panel per configuration on common axes. */
export function OperatingPoints({
  rows,
  arms,
}: {
  rows: readonly ClassificationRow[];
  arms: readonly ArmMark[];
}) {
  const configurations = [
    ...new Map(rows.map((row) => [row.group.configurationKey, row.group.configurationLabel])),
  ];
  const domain = domainOf(rows);
  return (
    <Panels>
      {configurations.map(([key, label]) => (
        <Plane
          key={key}
          title={label}
          rows={rows.filter((row) => row.group.configurationKey === key)}
          arms={arms}
          domain={domain}
        />
      ))}
    </Panels>
  );
}
