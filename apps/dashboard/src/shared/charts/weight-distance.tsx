import { decodeNumber, type WeightDistance } from "@reprise/contracts";
import { scaleLinear } from "d3-scale";
import { count, significant } from "../format/numbers.js";
import type { ChartData } from "./chart-data.js";
import { AxisLabel, AxisLine, GridLine, Label, Tick } from "./marks.js";
import { useWidth } from "./use-width.js";

const height = 220;
const margin = { top: 18, right: 20, bottom: 44, left: 64 };
/** The band under the scale in which points without a logarithm stand: weights that are equal to the bit. */
const bandHeight = 30;

const name = (point: WeightDistance) =>
  point.stored === "checkpoint" ? `checkpoint after epoch ${point.epoch}` : "final weights";

function words(point: WeightDistance): string {
  const distance = decodeNumber(point.distance);
  const far = distance === 0 ? "equal to the bit" : `relative distance ${significant(distance, 2)}`;
  return `${name(point)}, step ${count(point.step)}: ${far}`;
}

export function weightDistanceData(points: readonly WeightDistance[]): ChartData {
  return {
    columns: ["step", "epoch", "kept", "relative distance", "log10"],
    rows: points.map((point) => [
      point.step,
      point.epoch,
      name(point),
      decodeNumber(point.distance),
      point.log10,
    ]),
  };
}

/** Relative distance of two sets of weights, on a logarithmic scale, at the steps at which both were kept. */
export function WeightDistanceChart({
  points,
  steps,
  parted,
}: {
  points: readonly WeightDistance[];
  /** Steps of the whole training. */
  steps: number;
  /** The step at which the two part, where it is known. */
  parted: number | null;
}) {
  const { ref, width } = useWidth();
  if (width === null || width < 200) return <div ref={ref} style={{ height }} />;
  const equalBand = points.some(({ distance }) => distance === 0) ? bandHeight : 0;
  const logs = points.flatMap(({ log10 }) => (log10 === null ? [] : [log10]));
  const bottom = height - margin.bottom - equalBand;
  const x = scaleLinear()
    .domain([0, Math.max(1, steps)])
    .range([margin.left, width - margin.right]);
  const low = logs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const decades: [number, number] =
    logs.length === 0 ? [-8, 0] : [Math.floor(low) - (Number.isInteger(low) ? 1 : 0), Math.ceil(high)];
  const y = scaleLinear().domain(decades).range([bottom, margin.top]);
  const yOf = ({ log10 }: WeightDistance) => (log10 === null ? bottom + equalBand / 2 : y(log10));
  const drawn = points.filter(({ distance }) => Number.isFinite(decodeNumber(distance)));
  const line = drawn
    .filter(({ log10 }) => log10 !== null)
    .map((point, index) => `${index === 0 ? "M" : "L"}${x(point.step)} ${yOf(point)}`)
    .join(" ");
  return (
    <div ref={ref}>
      <svg
        data-chart=""
        role="img"
        aria-label={points.map(words).join("; ")}
        width={width}
        height={height}
        style={{ display: "block" }}
      >
        <g aria-hidden>
          {y
            .ticks(Math.min(5, decades[1] - decades[0]))
            .filter(Number.isInteger)
            .map((tick) => (
              <g key={tick}>
                <GridLine d={`M${margin.left} ${y(tick)} H${width - margin.right}`} />
                <Tick x={margin.left - 8} y={y(tick) + 4} textAnchor="end">
                  {tick < 0 ? `−${-tick}` : tick}
                </Tick>
              </g>
            ))}
          {equalBand === 0 ? null : (
            <Tick x={margin.left - 8} y={bottom + equalBand / 2 + 4} textAnchor="end">
              equal
            </Tick>
          )}
          <AxisLine
            d={`M${margin.left} ${margin.top} V${bottom + equalBand} H${width - margin.right}`}
            fill="none"
          />
          {x
            .ticks(Math.max(2, Math.floor(width / 130)))
            .filter(Number.isInteger)
            .map((tick) => (
              <Tick key={tick} x={x(tick)} y={bottom + equalBand + 16} textAnchor="middle">
                {count(tick)}
              </Tick>
            ))}
          <AxisLabel x={(margin.left + width - margin.right) / 2} y={height - 8} textAnchor="middle">
            step of training
          </AxisLabel>
          <AxisLabel transform={`translate(14 ${(margin.top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
            log₁₀ relative distance
          </AxisLabel>
        </g>
        {parted === null ? null : (
          <g>
            <path
              d={`M${x(parted)} ${margin.top} V${bottom + equalBand}`}
              stroke="var(--attention)"
              strokeDasharray="3 3"
            />
            <Label
              x={x(parted) + (x(parted) > width / 2 ? -6 : 6)}
              y={12}
              textAnchor={x(parted) > width / 2 ? "end" : "start"}
            >
              first difference
            </Label>
          </g>
        )}
        <path d={line} fill="none" stroke="var(--ink-2)" strokeWidth={1.5} />
        {drawn.map((point) => (
          <circle
            key={`${point.stored} ${point.step}`}
            cx={x(point.step)}
            cy={yOf(point)}
            r={4.5}
            fill={point.log10 === null ? "var(--good)" : "var(--attention)"}
          >
            <title>{words(point)}</title>
          </circle>
        ))}
      </svg>
    </div>
  );
}
