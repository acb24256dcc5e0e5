import { metricValue } from "../format/numbers.js";
import { hashOf } from "../marks/digest-marks.js";
import type { Lane } from "./distribution-lanes.js";
import classes from "./distribution-marks.module.css";
import { Diamond } from "./marks.js";

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

/** Everything that is drawn of one lane, around its middle line. */
export function LaneMarks({
  lane,
  x,
  unit,
  color,
  deterministicColor,
}: {
  lane: Lane;
  x: Horizontal;
  unit: string;
  color: string;
  deterministicColor: string;
}) {
  return (
    <>
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
          fill={point.diverged ? "var(--mantine-color-body)" : color}
          fillOpacity={0.72}
          stroke={point.diverged ? "var(--attention)" : undefined}
          strokeWidth={1.5}
          strokeDasharray={point.diverged ? "2 1.5" : undefined}
        >
          <title>
            {metricValue(point.value, unit)}
            {point.diverged ? ", of a run that diverged" : ""}
          </title>
        </circle>
      ))}
      {lane.mean === null ? null : <path d={`M${x(lane.mean)} -10 V10`} stroke={color} strokeWidth={2} />}
      {lane.deterministic === null ? null : (
        <Diamond d={`M${x(lane.deterministic)} -8 l8 8 l-8 8 l-8 -8 Z`} fill={deterministicColor}>
          <title>deterministic {metricValue(lane.deterministic, unit)}</title>
        </Diamond>
      )}
      {typeof lane.published?.mean === "number" ? (
        <circle cx={x(lane.published.mean)} r={5} className={classes.published}>
          <title>published mean {metricValue(lane.published.mean, unit)}</title>
        </circle>
      ) : null}
      {typeof lane.published?.deterministic === "number" ? (
        <path d={`M${x(lane.published.deterministic)} -7 l7 7 l-7 7 l-7 -7 Z`} className={classes.published}>
          <title>published deterministic value {metricValue(lane.published.deterministic, unit)}</title>
        </path>
      ) : null}
    </>
  );
}
