import type { SequentialPoint, SequentialQuestion } from "@reprise/contracts";
import { scaleLinear } from "d3-scale";
import { axisScale, count, differenceUnit, finiteOrNull, metricDifference } from "../format/numbers.js";
import { AxisLabel, AxisLine, ChanceLine, GridLine, Label, Tick } from "./marks.js";
import { useWidth } from "./use-width.js";

const height = 300;
const margin = { top: 24, right: 20, bottom: 46, left: 64 };

function words(point: SequentialPoint, unit: string): string {
  const signed = { signed: true };
  const low = metricDifference(point.interval.low, unit, signed);
  const high = metricDifference(point.interval.high, unit, signed);
  const bounds = point.interval.low === null ? "no bound yet" : `[${low}, ${high}]`;
  const own =
    point.difference === null
      ? (point.missing ?? "no result")
      : metricDifference(point.difference, unit, signed);
  return `${count(point.seeds, "seed")} (seed ${point.seed}: ${own}): mean ${metricDifference(point.estimate, unit, signed)} ${bounds}`;
}

/** Limits of the vertical axis: the points, and of the bounds what is near them. */
function domainOf(path: readonly SequentialPoint[], margin: number | null): [number, number] {
  const points = path.flatMap(({ difference, estimate }) =>
    [difference, estimate].flatMap((value) => finiteOrNull(value) ?? []),
  );
  const reach = Math.max(1e-12, margin ?? 0, ...points.map(Math.abs));
  const bounds = path.flatMap(({ interval }) => {
    const [low, high] = [finiteOrNull(interval.low), finiteOrNull(interval.high)];
    return low === null || high === null ? [] : [low, high];
  });
  const near = bounds.filter((value) => Math.abs(value) < 3 * reach);
  return [
    Math.min(0, -(margin ?? 0) * 1.15, ...points, ...near),
    Math.max(0, (margin ?? 0) * 1.15, ...points, ...near),
  ];
}

/**
 * One question seed by seed: the difference at every seed, the mean so far, and the interval that holds it at all looks together. The
 * seeds that were not needed, or are not trained yet, are left blank.
 */
export function SequentialPathChart({
  question,
  unit,
  label,
  maxSeeds,
  margin: equivalence,
  onesided,
}: {
  question: SequentialQuestion;
  unit: string;
  label: string;
  maxSeeds: number;
  margin: number | null;
  /** Draws the bounds that equivalence is read from, instead of those of a difference. */
  onesided: boolean;
}) {
  const { ref, width } = useWidth();
  if (width === null || width < 200) return <div ref={ref} style={{ height }} />;
  const factor = axisScale(unit);
  const { path } = question;
  const [bottom, top] = [height - margin.bottom, margin.top];
  const drawnBounds = path.map((point) => (onesided ? { ...point, interval: point.oneSided } : point));
  const domain = domainOf(drawnBounds, equivalence).map((value) => value * factor);
  const x = scaleLinear()
    .domain([1, maxSeeds])
    .range([margin.left + 12, width - margin.right]);
  const y = scaleLinear().domain(domain).nice(5).range([bottom, top]);
  const [least = 0, most = 0] = y.domain();
  const inside = (value: number) => y(Math.min(most, Math.max(least, value * factor)));
  const band = drawnBounds.flatMap(({ seeds, interval }) => {
    const [low, high] = [finiteOrNull(interval.low), finiteOrNull(interval.high)];
    return low === null || high === null ? [] : [{ seeds, low, high }];
  });
  const estimates = path.flatMap(({ seeds, estimate }) => {
    const value = finiteOrNull(estimate);
    return value === null ? [] : [{ seeds, value }];
  });
  const draw = (points: readonly { seeds: number; value: number }[]) =>
    points.map(({ seeds, value }, i) => `${i === 0 ? "M" : "L"}${x(seeds)} ${inside(value)}`).join(" ");
  const area = [
    draw(band.map(({ seeds, high }) => ({ seeds, value: high }))),
    draw(band.toReversed().map(({ seeds, low }) => ({ seeds, value: low }))).replace("M", "L"),
  ].join(" ");
  const settled = question.recorded ?? question.settled;
  const format = y.tickFormat(5);
  const trained = path.length;
  return (
    <div ref={ref}>
      <svg
        data-chart=""
        role="img"
        aria-label={`${question.question}: ${path.map((point) => words(point, unit)).join("; ")}`}
        width={width}
        height={height}
        style={{ display: "block" }}
      >
        <g aria-hidden>
          {y.ticks(5).map((tick) => (
            <g key={tick}>
              <GridLine d={`M${margin.left} ${y(tick)} H${width - margin.right}`} />
              <Tick x={margin.left - 8} y={y(tick) + 4} textAnchor="end">
                {format(tick)}
              </Tick>
            </g>
          ))}
          <AxisLine d={`M${margin.left} ${top} V${bottom} H${width - margin.right}`} fill="none" />
          {x
            .ticks(Math.max(3, Math.min(maxSeeds, Math.floor(width / 60))))
            .filter((tick) => Number.isInteger(tick) && tick > 0)
            .map((tick) => (
              <Tick key={tick} x={x(tick)} y={bottom + 18} textAnchor="middle">
                {tick}
              </Tick>
            ))}
          <AxisLabel x={(margin.left + width - margin.right) / 2} y={height - 6} textAnchor="middle">
            seeds trained
          </AxisLabel>
          <AxisLabel transform={`translate(14 ${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
            {`${label}${differenceUnit(unit) ? `, ${differenceUnit(unit)}` : ""}`}
          </AxisLabel>
          <ChanceLine d={`M${margin.left} ${y(0)} H${width - margin.right}`} />
          {equivalence === null
            ? null
            : [-equivalence, equivalence].map((at) => (
                <path
                  key={at}
                  d={`M${margin.left} ${inside(at)} H${width - margin.right}`}
                  stroke="var(--ink-3)"
                  strokeDasharray="2 4"
                />
              ))}
        </g>
        {band.length > 1 ? <path d={area} fill="var(--ink-3)" fillOpacity={0.18} /> : null}
        {band.map(({ seeds, low, high }) => (
          <path
            key={seeds}
            d={`M${x(seeds)} ${inside(low)} V${inside(high)}`}
            stroke="var(--ink-3)"
            strokeWidth={path[seeds - 1]?.look ? 2 : 1}
            strokeOpacity={path[seeds - 1]?.look ? 0.9 : 0.35}
          />
        ))}
        <path d={draw(estimates)} fill="none" stroke="var(--ink)" strokeWidth={2} />
        {path.map((point) => {
          const value = finiteOrNull(point.difference);
          return value === null ? (
            <Tick key={point.seeds} x={x(point.seeds)} y={bottom - 6} textAnchor="middle">
              ×
            </Tick>
          ) : (
            <circle
              key={point.seeds}
              cx={x(point.seeds)}
              cy={inside(value)}
              r={3.5}
              fill="var(--surface)"
              stroke="var(--ink-2)"
              strokeWidth={1.25}
            >
              <title>{words(point, unit)}</title>
            </circle>
          );
        })}
        {settled ? (
          <g>
            <path
              d={`M${x(settled.seeds)} ${top} V${bottom}`}
              stroke={settled.claim === "difference" ? "var(--attention)" : "var(--good)"}
              strokeDasharray="4 3"
            />
            <Label
              x={x(settled.seeds) + (settled.seeds > maxSeeds / 2 ? -6 : 6)}
              y={14}
              textAnchor={settled.seeds > maxSeeds / 2 ? "end" : "start"}
            >
              {`settled: ${settled.claim}`}
            </Label>
          </g>
        ) : null}
        {trained < maxSeeds && x(maxSeeds) - x(trained) > 110 ? (
          <Label x={x(maxSeeds)} y={bottom - 8} textAnchor="end">
            {`${maxSeeds - trained} seeds not trained`}
          </Label>
        ) : null}
      </svg>
    </div>
  );
}
