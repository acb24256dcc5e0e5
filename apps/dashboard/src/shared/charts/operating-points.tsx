import type { ClassificationRow } from "@reprise/contracts";
import { scaleLinear } from "d3-scale";
import { finiteOrNull } from "../format/numbers.js";
import { type ArmMark, markOf } from "../marks/arm-marks.js";
import classes from "./operating-points.module.css";
import { Panel, Panels } from "./panels.js";
import { PlaneAxes } from "./plane-axes.js";
import { useWidth } from "./use-width.js";

const margin = { top: 8, right: 12, bottom: 46, left: 46 };
const panelHeight = 300;

type Point = { arm: string; x: number; y: number; runs: number };

/** Share of positive cases in the test split: what weighs sensitivity against specificity in the accuracy. */
function prevalenceOf(rows: readonly ClassificationRow[]): number | null {
  const sampling = rows.find((row) => row.samplingIntervals?.sensitivity)?.samplingIntervals;
  if (!sampling?.sensitivity || !sampling.specificity) return null;
  return sampling.sensitivity.n / (sampling.sensitivity.n + sampling.specificity.n);
}

/** Lines of equal accuracy across the plane: accuracy = prevalence × sensitivity + (1 − prevalence) × specificity. */
function isoLines(
  prevalence: number,
  domain: { x: [number, number]; y: [number, number] },
): { accuracy: number; from: [number, number]; to: [number, number] }[] {
  const accuracyAt = (x: number, y: number) => prevalence * y + (1 - prevalence) * x;
  const low = accuracyAt(domain.x[0], domain.y[0]);
  const high = accuracyAt(domain.x[1], domain.y[1]);
  return scaleLinear()
    .domain([low, high])
    .ticks(6)
    .flatMap((accuracy) => {
      const yAt = (x: number) => (accuracy - (1 - prevalence) * x) / prevalence;
      const xAt = (y: number) => (accuracy - prevalence * y) / (1 - prevalence);
      const left = Math.max(domain.x[0], xAt(domain.y[1]));
      const right = Math.min(domain.x[1], xAt(domain.y[0]));
      if (right - left < (domain.x[1] - domain.x[0]) * 0.08) return [];
      return [
        {
          accuracy,
          from: [left, yAt(left)] as [number, number],
          to: [right, yAt(right)] as [number, number],
        },
      ];
    });
}

/** Runs by arm and place: several runs often sit on one point, because cases are counted. */
function pointsOf(rows: readonly ClassificationRow[]): Point[] {
  const points = new Map<string, Point>();
  for (const row of rows) {
    for (const run of row.runs) {
      const x = finiteOrNull(run.specificity);
      const y = finiteOrNull(run.sensitivity);
      if (x === null || y === null) continue;
      const key = `${row.arm} ${x} ${y}`;
      const point = points.get(key) ?? { arm: row.arm, x: x * 100, y: y * 100, runs: 0 };
      point.runs += 1;
      points.set(key, point);
    }
  }
  return [...points.values()].sort((a, b) => b.runs - a.runs);
}

function samplingOf(rows: readonly ClassificationRow[]) {
  const intervals = rows.find((row) => row.samplingIntervals?.sensitivity)?.samplingIntervals;
  const sensitivity = intervals?.sensitivity;
  const specificity = intervals?.specificity;
  if (!sensitivity || !specificity) return null;
  const values = [sensitivity.estimate, sensitivity.low, sensitivity.high];
  const others = [specificity.estimate, specificity.low, specificity.high];
  const [y = null, yLow = null, yHigh = null] = values.map(finiteOrNull);
  const [x = null, xLow = null, xHigh = null] = others.map(finiteOrNull);
  if (y === null || yLow === null || yHigh === null || x === null || xLow === null || xHigh === null)
    return null;
  return {
    x: x * 100,
    xLow: xLow * 100,
    xHigh: xHigh * 100,
    y: y * 100,
    yLow: yLow * 100,
    yHigh: yHigh * 100,
  };
}

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
        {points.map((point) => (
          <circle
            key={`${point.arm} ${point.x} ${point.y}`}
            cx={x(point.x)}
            cy={y(point.y)}
            r={3.2 * Math.sqrt(point.runs)}
            fill={markOf(arms, point.arm).color}
            fillOpacity={0.62}
          >
            <title>{`${point.arm}: ${point.runs} run${point.runs === 1 ? "" : "s"}`}</title>
          </circle>
        ))}
      </svg>
    </Panel>
  );
}

function domainOf(rows: readonly ClassificationRow[]): { x: [number, number]; y: [number, number] } {
  const points = pointsOf(rows);
  const crosses = rows.flatMap((row) => samplingOf([row]) ?? []);
  const pad = (values: number[]): [number, number] => {
    const low = Math.min(...values);
    const high = Math.max(...values);
    const room = (high - low || 2) * 0.06;
    return [Math.max(0, low - room), Math.min(100.5, high + room)];
  };
  return {
    x: pad([...points.map((p) => p.x), ...crosses.flatMap((c) => [c.xLow, c.xHigh])]),
    y: pad([...points.map((p) => p.y), ...crosses.flatMap((c) => [c.yLow, c.yHigh])]),
  };
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
